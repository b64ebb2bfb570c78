import { SECOND_MS } from "../../../kernel/units.ts";
import { invalidValue } from "./errors.ts";
import { RECEIVE_MESSAGES_MAX, WAIT_SECONDS_MAX } from "./limits.ts";

/** How many messages a receive asks for: one, unless it says so. @throws InvalidParameterValue */
export function receiveMessagesMax(count: number | undefined): number {
  if (count === undefined) return 1;
  if (!Number.isInteger(count) || count < 1 || count > RECEIVE_MESSAGES_MAX) {
    throw invalidValue(count, "MaxNumberOfMessages", "Must be between 1 and 10, if provided.");
  }
  return count;
}

/** How long a receive waits for a message, in milliseconds; undefined leaves it to the queue. @throws InvalidParameterValue */
export function receiveWaitMs(seconds: number | undefined): number | undefined {
  if (seconds === undefined) return undefined;
  if (!Number.isInteger(seconds) || seconds < 0 || seconds > WAIT_SECONDS_MAX) {
    throw invalidValue(seconds, "WaitTimeSeconds", "Must be >= 0 and <= 20, if provided.");
  }
  return seconds * SECOND_MS;
}
