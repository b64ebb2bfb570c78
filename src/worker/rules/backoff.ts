import { HOUR_MS, SECOND_MS } from "../../kernel/units.ts";

/** SQS lets a message be invisible for 12 hours in all, counted from its receive. */
export const VISIBILITY_MS_MAX = 12 * HOUR_MS;

export interface BackoffLimits {
  readonly baseMs: number;
  readonly capMs: number;
}

/**
 * How long a message stays away after its n-th receive failed: full jitter over an exponential, so that messages that
 * failed together do not come back together (M. Brooker, "Exponential Backoff And Jitter", AWS Architecture Blog, 2015).
 * @param receiveCount 1 for the first receive.
 * @param fraction chance, from 0 up to and not including 1.
 */
export function backoffMs(receiveCount: number, limits: BackoffLimits, fraction: number): number {
  return Math.floor(fraction * exponential(receiveCount, limits));
}

/**
 * How long to wait before asking a server again that did not answer. Half of it is fixed, so that chance never makes it
 * a hot loop; the other half is jitter, so that a fleet does not come back in step.
 * @param failures how many calls in a row have failed, 1 or more.
 */
export function pauseMs(failures: number, limits: BackoffLimits, fraction: number): number {
  return Math.ceil((exponential(failures, limits) * (1 + fraction)) / 2);
}

function exponential(attempt: number, { baseMs, capMs }: BackoffLimits): number {
  // Beyond 2^40 the cap has long been reached, and the power would only lose precision.
  return Math.min(capMs, baseMs * 2 ** Math.min(40, Math.max(0, attempt - 1)));
}

/**
 * The whole seconds to ask SQS for. Rounded up, so that a message never comes back early, and kept within the 12 hours
 * that SQS counts from the receive: asking for more is refused, and the message would come back too soon.
 * @param heldMs how long ago the message was received.
 */
export function visibilitySeconds(delayMs: number, heldMs: number): number {
  // A minute is left for clocks that disagree and for the time that the request takes.
  const leftMs = Math.max(0, VISIBILITY_MS_MAX - 60 * SECOND_MS - heldMs);
  return Math.min(Math.ceil(delayMs / SECOND_MS), Math.floor(leftMs / SECOND_MS));
}
