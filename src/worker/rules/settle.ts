import { backoffMs, type BackoffLimits } from "./backoff.ts";

/** One thing that is wrong with a message's body: `{ message: "expected a number", path: "photo.width" }`. */
export interface Issue {
  readonly message: string;
  /** Keys from the body's root, joined with dots; empty for the body itself. */
  readonly path: string;
}

/** How an attempt at a message ended. */
export type Outcome =
  | { readonly is: "done" }
  | { readonly is: "failed"; readonly error: Error }
  | { readonly is: "later"; readonly delayMs: number; readonly because?: Error }
  | { readonly is: "rejected"; readonly reason: string; readonly issues: readonly Issue[] }
  | { readonly is: "invalid"; readonly issues: readonly Issue[] }
  /** Received more often than allowed, and never settled: each time the worker ended before the message did. */
  | { readonly is: "exhausted" }
  | { readonly is: "lost"; readonly because: Error }
  /** The worker is stopping and the handler did not finish. */
  | { readonly is: "unfinished" };

/** Why a message is dead. */
export type DeathCause = "rejected" | "invalid" | "exhausted";

export interface Death {
  readonly cause: DeathCause;
  readonly reason: string;
  readonly issues: readonly Issue[];
}

/** What becomes of the message. */
export type Settlement =
  | { readonly do: "publish-and-delete" }
  | { readonly do: "return"; readonly delayMs: number; readonly as: "retried" | "released" }
  | { readonly do: "dead-letter"; readonly death: Death }
  /** Dead, with no queue to put it in: deleted where the user has said so, else returned after the longest delay. */
  | { readonly do: "delete-dead"; readonly death: Death }
  | { readonly do: "return-dead"; readonly death: Death; readonly delayMs: number }
  /** Somebody else may hold it by now: nothing may be done to it. */
  | { readonly do: "leave" };

export interface SettleLimits {
  readonly receivesMax: number;
  readonly backoff: BackoffLimits;
  readonly hasDeadLetterQueue: boolean;
  readonly withoutDeadLetterQueue: "return" | "delete";
}

/**
 * Whether a message is too often received to be run once more. Without a queue for the dead it is run again: keeping it
 * from its handler would help nobody.
 */
export function isExhausted(receiveCount: number, limits: SettleLimits): boolean {
  return receiveCount > limits.receivesMax && (limits.hasDeadLetterQueue || limits.withoutDeadLetterQueue === "delete");
}

/** @param attempt chance from 0 up to and not including 1, and which receive of the message this was, from 1. */
export function settlementOf(outcome: Outcome, attempt: { receiveCount: number; fraction: number }, limits: SettleLimits): Settlement {
  switch (outcome.is) {
    case "done":
      return { do: "publish-and-delete" };
    case "lost":
      return { do: "leave" };
    case "unfinished":
      return { do: "return", delayMs: releaseMs(attempt.fraction), as: "released" };
    case "failed":
      if (attempt.receiveCount >= limits.receivesMax)
        return deadSettlement({ cause: "exhausted", reason: errorText(outcome.error), issues: [] }, limits);
      return { do: "return", delayMs: backoffMs(attempt.receiveCount, limits.backoff, attempt.fraction), as: "retried" };
    case "later":
      if (attempt.receiveCount >= limits.receivesMax)
        return deadSettlement({ cause: "exhausted", reason: laterText(outcome.because), issues: [] }, limits);
      return { do: "return", delayMs: outcome.delayMs, as: "retried" };
    case "rejected":
      return deadSettlement({ cause: "rejected", reason: outcome.reason, issues: outcome.issues }, limits);
    case "invalid":
      return deadSettlement({ cause: "invalid", reason: "the body does not fit the input's schema", issues: outcome.issues }, limits);
    case "exhausted":
      return deadSettlement({ cause: "exhausted", reason: `received ${attempt.receiveCount} times and never settled`, issues: [] }, limits);
  }
}

/** Where outputs or a dead letter could not be published, the message comes back as if its handler had failed. */
export function settlementAfterPublishFailure(attempt: { receiveCount: number; fraction: number }, limits: SettleLimits): Settlement {
  return { do: "return", delayMs: backoffMs(attempt.receiveCount, limits.backoff, attempt.fraction), as: "retried" };
}

/** At once, but for up to two seconds of jitter: what one worker lets go must not hit the others in one instant. */
export function releaseMs(fraction: number): number {
  return Math.floor(fraction * 3) * 1000;
}

function deadSettlement(death: Death, limits: SettleLimits): Settlement {
  if (limits.hasDeadLetterQueue) return { do: "dead-letter", death };
  if (limits.withoutDeadLetterQueue === "delete") return { do: "delete-dead", death };
  return { do: "return-dead", death, delayMs: limits.backoff.capMs };
}

function laterText(because: Error | undefined): string {
  return because === undefined ? "asked to be retried later" : `asked to be retried later: ${because.message}`;
}

/** Name and text, as a person would say them. */
export function errorText(error: Error): string {
  return error.message === "" ? error.name : `${error.name}: ${error.message}`;
}
