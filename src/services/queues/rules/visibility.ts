import { unreachable } from "../../../kernel/assert.ts";
import type { ServiceError } from "../../../kernel/service-error.ts";
import { SECOND_MS } from "../../../kernel/units.ts";
import { invalidValue, receiptHandleHasExpired, receiptHandleIsInvalid, visibilityChangeTooLate, visibilityOverLimit } from "./errors.ts";
import { VISIBILITY_MS_MAX, VISIBILITY_SECONDS_MAX } from "./limits.ts";

/**
 * Whether a new timeout would hide a message for more than twelve hours since it was received. Only whole seconds that
 * have passed count, so that the longest timeout can still be asked for at once after a receive.
 * @param receivedMs @param nowMs epoch milliseconds. @param visibilityMs the new timeout, from now.
 */
export function overLimit(receivedMs: number, nowMs: number, visibilityMs: number): boolean {
  const elapsedMs = Math.floor((nowMs - receivedMs) / SECOND_MS) * SECOND_MS;
  return visibilityMs > 0 && elapsedMs + visibilityMs > VISIBILITY_MS_MAX;
}

/** The VisibilityTimeout of a receive, in milliseconds; undefined leaves it to the queue. @throws InvalidParameterValue */
export function receiveVisibilityMs(seconds: number | undefined): number | undefined {
  if (seconds === undefined) return undefined;
  if (!isTimeout(seconds)) throw invalidValue(seconds, "VisibilityTimeout", "Must be >= 0 and <= 43200, if provided.");
  return seconds * SECOND_MS;
}

/** The VisibilityTimeout of a change, in milliseconds. @throws InvalidParameterValue */
export function changedVisibilityMs(seconds: number): number {
  if (!isTimeout(seconds)) throw invalidValue(seconds, "VisibilityTimeout", "Must be between 0 and 43200.");
  return seconds * SECOND_MS;
}

/** What a change came to: done; the message is gone; beyond twelve hours; another queue's handle; one that holds nothing any more. */
type Outcome = "changed" | "gone" | "over-limit" | "foreign" | "expired";

/** How a change that was not made is answered; undefined for one that was. */
export function refusedChange(outcome: Outcome, handle: string, visibilitySeconds: number): ServiceError | undefined {
  switch (outcome) {
    case "changed":
      return undefined;
    case "gone":
      return visibilityChangeTooLate(handle);
    case "over-limit":
      return visibilityOverLimit(visibilitySeconds);
    case "foreign":
      return receiptHandleIsInvalid(handle);
    case "expired":
      return receiptHandleHasExpired(handle);
    default:
      return unreachable(outcome);
  }
}

function isTimeout(seconds: number): boolean {
  return Number.isInteger(seconds) && seconds >= 0 && seconds <= VISIBILITY_SECONDS_MAX;
}
