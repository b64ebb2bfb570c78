import { durationMs, type Duration } from "./rules/duration.ts";
import type { Issue } from "./rules/settle.ts";

/** Thrown by a handler: the message can never succeed. It goes to the dead-letter queue now, with the reason. */
export class Reject extends Error {
  override readonly name = "Reject";
  readonly issues: readonly Issue[];

  constructor(reason: string, options: { readonly cause?: unknown; readonly issues?: readonly Issue[] } = {}) {
    super(reason, { cause: options.cause });
    this.issues = options.issues ?? [];
  }
}

/**
 * Thrown by a handler: not now, but after `delay`. It counts as a receive like any other, and SQS lets a message stay
 * away for at most 12 hours from its receive.
 */
export class RetryLater extends Error {
  override readonly name = "RetryLater";
  readonly delayMs: number;

  constructor(delay: Duration, reason: string = "not now") {
    super(reason);
    this.delayMs = durationMs(delay, "RetryLater's delay");
  }
}

/** The reason of `ctx.signal`: the message is no longer this worker's. Outputs are discarded and nothing is deleted. */
export class LeaseLost extends Error {
  override readonly name = "LeaseLost";
}

/** The reason of `ctx.signal`: SQS takes a message back 12 hours after its receive, and these are nearly over. */
export class LeaseExhausted extends Error {
  override readonly name = "LeaseExhausted";
}

/** The reason of `ctx.signal`: the attempt has taken longer than the `timeout` of the worker. */
export class TimedOut extends Error {
  override readonly name = "TimedOut";
}

/** The reason of `ctx.signal`: somebody has cancelled the message. It is a dead letter, unless its handler resolves nevertheless. */
export class Cancelled extends Error {
  override readonly name = "Cancelled";
}

/** The reason of `ctx.signal`: the worker is stopping and its grace is over. */
export class Stopping extends Error {
  override readonly name = "Stopping";
}
