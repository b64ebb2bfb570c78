import { HOUR_MS, MINUTE_MS, SECOND_MS } from "../../kernel/units.ts";
import { VISIBILITY_MS_MAX } from "./backoff.ts";
import type { Failure } from "./failure.ts";

/** SQS ends a lease 12 hours after the receive, whatever is asked; the handler is told a quarter of an hour before. */
const HELD_MS_MAX = 11 * HOUR_MS + 45 * MINUTE_MS;

export interface LeaseTimes {
  /** When the message was received. */
  readonly receivedMs: number;
  /** Until when the message is surely ours; see `leaseUntilMs`. */
  readonly untilMs: number;
  /** When the next extension is due. */
  readonly beatMs: number;
}

export type LeaseStep =
  | { readonly do: "wait"; readonly untilMs: number }
  | { readonly do: "extend"; readonly visibilityMs: number }
  | { readonly do: "end"; readonly because: "expired" | "exhausted" };

/**
 * Until when a lease of `leaseMs` that was asked for at `askedMs` surely holds. A little less than what was asked: the
 * server's clock ran on while its answer was under way, and giving up early costs nothing but the attempt.
 */
export function leaseUntilMs(askedMs: number, leaseMs: number): number {
  return askedMs + leaseMs - Math.min(SECOND_MS, leaseMs / 10);
}

/** Extended at a third of the lease: two extensions may fail before anything is lost. */
export function nextBeatMs(atMs: number, leaseMs: number): number {
  return atMs + leaseMs / 3;
}

/**
 * When to try again after an extension failed on its way: often enough to meet a server that was replaced in seconds, and
 * further off than what is taken along early, or it would be tried again at once and for ever.
 */
export function beatRetryMs(atMs: number, leaseMs: number): number {
  return atMs + Math.max(SECOND_MS / 4, leaseMs / 12);
}

/**
 * What is to be done about a lease now. Extensions that are due soon are taken along, so that the messages of many slots
 * share their batches.
 */
export function leaseStep(lease: LeaseTimes, nowMs: number, leaseMs: number): LeaseStep {
  if (nowMs >= lease.untilMs) return { do: "end", because: "expired" };
  const exhaustedMs = lease.receivedMs + HELD_MS_MAX;
  if (nowMs >= exhaustedMs) return { do: "end", because: "exhausted" };
  if (lease.beatMs - leaseMs / 24 <= nowMs) {
    const leftMs = lease.receivedMs + VISIBILITY_MS_MAX - MINUTE_MS - nowMs;
    // Near the end an extension can no longer buy what the lease already has.
    if (leaseUntilMs(nowMs, Math.min(leaseMs, leftMs)) > lease.untilMs) return { do: "extend", visibilityMs: Math.min(leaseMs, leftMs) };
    return { do: "wait", untilMs: Math.min(lease.untilMs, exhaustedMs) };
  }
  return { do: "wait", untilMs: Math.min(lease.beatMs, lease.untilMs, exhaustedMs) };
}

/** What SQS says of a message that is no longer ours to hold; other refusals leave the question to the clock. */
const GONE_CODES: ReadonlySet<string> = new Set([
  "InvalidParameterValue",
  "InvalidParameterValueException",
  "ReceiptHandleIsInvalid",
  "MessageNotInflight",
  "QueueDoesNotExist",
]);

/** Whether a failed extension means that the message has been deleted, handed to somebody else, or gone with its queue. */
export function isLeaseGone(failure: Failure): boolean {
  return failure.kind === "refused" && GONE_CODES.has(failure.code);
}
