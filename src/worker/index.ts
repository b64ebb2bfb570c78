/**
 * The worker SDK, published as `millrace/worker`. It speaks to SQS through the AWS SDK only, so the same program runs
 * against Millrace and against AWS; see README.md.
 */
export { consume } from "./consume.ts";
export type { Context, EmitOptions } from "./context.ts";
export { awsVariables } from "./exec/aws-variables.ts";
export { EXEC_BODY, execHandler, type ExecOptions, type Handler } from "./exec/handler.ts";
export type { MessageEvent, WorkerEvents } from "./events.ts";
export type { RunningMessage } from "./job.ts";
export type { BodyCodec, ConsumeOptions } from "./options.ts";
export { pushHandler, type PushOptions } from "./push/handler.ts";
export type { Duration } from "./rules/duration.ts";
export { DEAD_LETTER_ATTRIBUTE, ID_ATTRIBUTE, type MessageAttribute, type MessageAttributes } from "./rules/outgoing.ts";
export type { Issue } from "./rules/settle.ts";
export type { StandardSchema } from "./standard-schema.ts";
export { LeaseExhausted, LeaseLost, Reject, RetryLater, Stopping, TimedOut } from "./verdicts.ts";
export type { StopReport, Worker, WorkerStats } from "./worker.ts";
