import type { Context, EmitOptions } from "../context.ts";
import type { Isolation } from "../isolation/isolate.ts";
import type { Duration } from "../rules/duration.ts";
import type { GotFrom, Schema, SentTo } from "../standard-schema.ts";
import type { PipelineConnection } from "./clients.ts";
import type { WorkOptions } from "./definition.ts";
import type { Bodies, Edge, Schemas, StageRef } from "./edge.ts";
import type { LambdaHandler } from "./lambda-event.ts";

/** A stage of a pipeline: what it is called, and its outputs to be wired. */
export interface Stage<Name extends string, Takes, Gives> extends StageRef<Name, Takes> {
  /** The outputs by name: `resize.on.variant.to(assemble)`. */
  readonly on: { readonly [Output in keyof Gives & string]: Edge<Name, Output, Gives[Output]> };
  /** The same stage behind an SQS event source of AWS Lambda, which is to have `ReportBatchItemFailures` on. */
  toLambda(connection?: PipelineConnection): LambdaHandler;
}

/** Objects in the pipeline's bucket, by key. */
export interface StageObjects {
  readonly bucket: string;
  /** @returns `undefined` where there is none. */
  get(key: string, options?: { readonly signal?: AbortSignal }): Promise<Uint8Array | undefined>;
  /** Where a handler may run twice, the key should follow from the message: the same bytes then go to the same place. */
  put(key: string, bytes: Uint8Array | string, options?: { readonly contentType?: string; readonly signal?: AbortSignal }): Promise<void>;
}

/** What a stage's handler knows of its message and may do. */
export interface StageContext<Gives> extends Omit<Context<string>, "emit"> {
  /**
   * Keeps an output until the handler has resolved. It is sent before the message is deleted, and never if the handler
   * throws or the lease is lost. Bodies of more than 200 KiB travel through the object store.
   */
  emit<Output extends keyof Gives & string>(output: Output, body: Gives[Output], options?: EmitOptions): void;
  readonly objects: StageObjects;
  /** What an earlier part of this work has left with `checkpoint`; `undefined` at the beginning. */
  readonly cursor: unknown;
  /**
   * Ends this part of a long work: once the handler resolves, its outputs are sent and the message begins anew with
   * `cursor`, any JSON value, and with a lease and receives of its own. SQS ends every lease after 12 hours.
   */
  checkpoint(cursor: unknown): void;
  /** When the message was due, of one that the stage's `schedule` has sent. */
  readonly scheduledAt: Date | undefined;
  /** The W3C trace context and the X-Ray header that came with the message. They are passed on to its outputs. */
  readonly trace: { readonly traceparent?: string; readonly tracestate?: string; readonly xray?: string };
}

export interface QueueOptions<Input extends Schema> extends WorkOptions {
  /** Any validator that speaks Standard Schema. A message that does not fit is dead, with the list of issues. */
  readonly input: Input;
  /** The name of the queue, where it is not to follow from the stage's: so that a stage can be renamed. */
  readonly queue?: string;
  /** Keeps the order of messages within each group: the queue is a FIFO queue. Groups are worked on beside each other. */
  readonly fifo?: { readonly group: (message: GotFrom<Input>) => string };
  /** Whose message it is, so that no tenant of a standard queue keeps the others waiting. */
  readonly tenant?: (message: GotFrom<Input>) => string;
  /**
   * Further queues of the stage, whose messages share its handlers by weight: a backlog of one keeps those of another waiting no longer
   * than until the next handlers are free. Of a standard queue.
   */
  readonly lanes?: {
    /**
     * By name, how many handlers a lane gets for each one of the stage's own queue, while both have messages waiting:
     * `{ urgent: 9, bulk: 0.1 }`. A lane alone gets all of them.
     */
    readonly weights: Readonly<Record<string, number>>;
    /** Which lane a message goes to, whoever sends it; `undefined` for the stage's own queue. */
    readonly of: (message: GotFrom<Input>) => string | undefined;
  };
}

/** A stage that the calendar starts, beside whatever else sends to it. */
export interface ScheduleOptions<Input extends Schema> {
  /**
   * Puts a message into the stage's queue whenever it is due, once over all workers of the stage, as long as there is one. The stage runs
   * once for each, however often the message comes, as if it had an `idempotency` by that time.
   */
  readonly schedule?: {
    /** Minute, hour, day of the month, month, day of the week: `"0 3 * * mon-fri"`. */
    readonly cron: string;
    /** As the IANA database names it: `"Europe/Berlin"`. Default `"UTC"`. */
    readonly timeZone?: string;
    /** For how long after its time a message is still sent if no worker was there then; of several only the last. Default `"1h"`, at most `"24h"`. */
    readonly catchUp?: Duration;
    /** What the stage is given. @param at when it was due. */
    readonly message: (at: Date) => SentTo<NoInfer<Input>>;
  };
}

/** Handlers that compute in one go would keep their own event loop from extending leases. */
export interface IsolationOptions {
  /**
   * Where the handler runs: `"thread"` (default) or `"process"`, with the URL of a module as `run`, as in
   * `new URL("./resize.js", import.meta.url)`: its default export, or the one named after a `#`. A function runs on the worker's event loop.
   */
  readonly isolation?: Isolation;
}

export interface OutputOptions<Outputs extends Schemas> {
  /** What `ctx.emit` may be given, by name. */
  readonly outputs?: Outputs;
  /** Outputs that go to a topic of this name also where one stage takes them, or none: others subscribe to it. */
  readonly topics?: { readonly [Output in keyof Outputs & string]?: string };
}

export interface IdempotencyOptions<Input extends Schema> {
  /**
   * Messages with the same key have one result, however often they come: a record in the object store says who works
   * on the key and what came of it. Whoever comes second runs nothing. The record is removed when no copy of a message can come
   * any more, weeks later, and a message that is sent with the same key after that runs again; see docs/pipelines.md.
   */
  readonly idempotency?: { readonly key: (message: GotFrom<NoInfer<Input>>) => string };
}

/** A stage that runs a function for each message. */
export interface StageOptions<Input extends Schema, Outputs extends Schemas>
  extends QueueOptions<Input>, ScheduleOptions<Input>, OutputOptions<Outputs>, IdempotencyOptions<Input>, IsolationOptions {
  /** The handler, or the URL of a module that exports it; see `isolation`. */
  readonly run: ((message: GotFrom<NoInfer<Input>>, ctx: StageContext<Bodies<NoInfer<Outputs>>>) => unknown) | URL;
}

/** A stage that waits until all parts of something have come, and then runs once. */
export interface JoinOptions<Input extends Schema, Outputs extends Schemas>
  extends QueueOptions<Input>, OutputOptions<Outputs>, IsolationOptions {
  /** What the parts belong to. */
  readonly key: (part: GotFrom<NoInfer<Input>>) => string;
  /** Which part it is; parts that are the same are counted once. */
  readonly distinct: (part: GotFrom<NoInfer<Input>>) => string;
  /** How many different parts there are. */
  readonly expect: (part: GotFrom<NoInfer<Input>>) => number;
  /** After this time from its first part, an incomplete join is reported as a dead letter. Parts that come later still count. */
  readonly within?: Duration;
  /** Gets all parts, ordered by what `distinct` says of them. Or the URL of a module that exports it; see `isolation`. */
  readonly run:
    | ((parts: readonly [GotFrom<NoInfer<Input>>, ...GotFrom<NoInfer<Input>>[]], ctx: StageContext<Bodies<NoInfer<Outputs>>>) => unknown)
    | URL;
}
