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
export { definePipeline, type PipelineBuilder, type PipelineOptions } from "./pipeline/define.ts";
export type { AwsConfig, PipelineConnection } from "./pipeline/clients.ts";
export type { Edge, Filter, StageRef, Wiring } from "./pipeline/edge.ts";
export type { PipelineGraph } from "./pipeline/graph.ts";
export type { LambdaAnswer, LambdaEvent, LambdaHandler } from "./pipeline/lambda-event.ts";
export { Pipeline } from "./pipeline/pipeline.ts";
export type { EnsureOptions } from "./pipeline/resources/ensure.ts";
export type { Exports } from "./pipeline/resources/export.ts";
export { MessagesWait } from "./pipeline/resources/messages-wait.ts";
export type { RemovalOptions, RemoveOptions } from "./pipeline/resources/remove.ts";
export type { RemovalStep } from "./pipeline/resources/removal-steps.ts";
export type { PlanStep, ResourceKind } from "./pipeline/resources/steps.ts";
export { InvalidMessage, type SendOptions } from "./pipeline/send.ts";
export type { IsolationOptions, JoinOptions, Stage, StageContext, StageObjects, StageOptions } from "./pipeline/stage.ts";
export type { ExecStageOptions, HttpStageOptions } from "./pipeline/runners.ts";
export type { KeyStatus } from "./pipeline/status.ts";
export type { PipelineWorkers, WorkRequest } from "./pipeline/work.ts";
export { DEAD_LETTER_ATTRIBUTE, ID_ATTRIBUTE, type MessageAttribute, type MessageAttributes } from "./rules/outgoing.ts";
export type { Issue } from "./rules/settle.ts";
export type { Schema, StandardSchema } from "./standard-schema.ts";
export { Cancelled, LeaseExhausted, LeaseLost, Reject, RetryLater, Stopping, TimedOut } from "./verdicts.ts";
export type { StopReport, Worker, WorkerStats } from "./worker.ts";
