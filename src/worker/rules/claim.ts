/**
 * The record that says who works on a key, or that it is done. Kept in the object store and only ever replaced by who has
 * seen its last version, so two workers that believe to hold the same key cannot both commit.
 *
 *     { "state": "running", "messageId": "…", "run": "…", "untilMs": 1735689660000 }
 *     { "state": "done", "messageId": "…", "run": "…", "untilMs": 1735689660000, "isPublished": false, "outputs": [ … ] }
 */
export type Claim<Kept> =
  /**
   * Nobody works on it: an attempt has failed, and its message comes back, or was the last and its message is a dead letter. No state of its own:
   * whoever asks for the key takes it all the same, also a worker of a release that does not know of it.
   */
  | { readonly state: "open"; readonly run: string; readonly isDead?: boolean }
  | {
      readonly state: "running";
      readonly messageId: string;
      /** Chance, so that no two versions of a record are equal. */
      readonly run: string;
      readonly untilMs: number;
      readonly progress?: { readonly fraction: number; readonly text?: string | undefined } | undefined;
    }
  | {
      readonly state: "done";
      readonly messageId: string;
      readonly run: string;
      /** Until when whoever has committed may still be publishing. */
      readonly untilMs: number;
      readonly isPublished: boolean;
      readonly outputs: readonly Kept[];
    }
  | { readonly state: "cancelled"; readonly run: string; readonly reason: string };

/** Who asks for a key. */
export interface Claimant {
  readonly messageId: string;
  /** It has been a dead letter and was moved back: whoever held the key for it has given it up. */
  readonly isRedriven: boolean;
}

export type ClaimStep =
  /** The key is free, or was held by an earlier receive of this message, or by somebody whose time is over. */
  | "take"
  /** A committed result has perhaps not been published: its outputs are published as they were committed, nothing is run. */
  | "publish-again"
  /**
   * The key is done, or another message is being worked on that has it. Nothing is lost by letting this one go: the other is deleted only
   * after its result was committed and published, and comes back when its worker dies.
   */
  | "let-go"
  | "cancelled";

export function claimStep<Kept>(claim: Claim<Kept> | undefined, claimant: Claimant, nowMs: number): ClaimStep {
  if (claim === undefined || claim.state === "open") return "take";
  if (claim.state === "cancelled") return "cancelled";
  if (claim.state === "done" && claim.isPublished) return "let-go";
  // A message is received again only after its lease is over; the former holder cannot commit any more once we have taken the key.
  const isOurs = claim.messageId === claimant.messageId || claimant.isRedriven || claim.untilMs <= nowMs;
  if (!isOurs) return "let-go";
  return claim.state === "done" ? "publish-again" : "take";
}
