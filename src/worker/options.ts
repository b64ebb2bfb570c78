import type { SQSClient } from "@aws-sdk/client-sqs";
import { assert } from "../kernel/assert.ts";
import type { Clock } from "../kernel/clock.ts";
import type { Logger } from "../kernel/logger.ts";
import type { Random } from "../kernel/random.ts";
import { HOUR_MS, MINUTE_MS, SECOND_MS } from "../kernel/units.ts";
import type { Context } from "./context.ts";
import type { Isolation } from "./isolation/isolate.ts";
import type { Outputs } from "./outputs.ts";
import { VISIBILITY_MS_MAX } from "./rules/backoff.ts";
import { durationMs, type Duration } from "./rules/duration.ts";
import { pollsMax } from "./rules/slots.ts";
import type { SettleLimits } from "./rules/settle.ts";
import type { ReceivedMessage } from "./sqs.ts";
import type { StandardSchema } from "./standard-schema.ts";

/** How bodies become values and values become bodies. */
export interface BodyCodec {
  /** What it throws makes the message invalid. */
  readonly parse: (body: string) => unknown;
  readonly serialize: (value: unknown) => string;
}

/** What a worker is told. Durations are milliseconds or texts like `"60s"`. */
export interface ConsumeOptions<Message, Output extends string> {
  /**
   * Runs once for each receive of a message. Resolved: the message is done. Thrown: it comes back after a delay that
   * grows; or see `Reject` and `RetryLater`.
   */
  readonly run: ((message: NoInfer<Message>, ctx: Context<NoInfer<Output>>) => unknown) | URL;
  /**
   * Where handlers run. With the URL of a module as `run`, `new URL("./handler.js", import.meta.url)`, whose default export
   * (or the one named after a `#`) is the handler: `"thread"` (default) or `"process"`, off this event loop, so that no computation
   * costs a lease. A function runs on this event loop.
   */
  readonly isolation?: Isolation;
  /** Any validator that speaks Standard Schema. A message that does not fit never reaches the handler: it is dead. */
  readonly input?: StandardSchema<Message>;
  /** `"json"` (default), `"text"`, or functions of your own. */
  readonly body?: "json" | "text" | BodyCodec;
  /** What `ctx.emit` may send to: names of your choice, and each one's queue URL or name. */
  readonly outputs?: Readonly<Record<Output, string>>;
  /** How many handlers run at once. Default 10. */
  readonly concurrency?: number;
  /** How long a message is ours without a heartbeat; one is sent at each third. Whole seconds; default `"60s"`. */
  readonly lease?: Duration;
  /** How long one attempt may take before `ctx.signal` is aborted with `TimedOut`. Default: no limit but SQS's 12 hours. */
  readonly timeout?: Duration;
  /** How long running handlers may finish after a stop was asked for. Default `"25s"`, below the usual 30 s. */
  readonly grace?: Duration;
  /** At which receive a failing message is dead. Default 5. */
  readonly maxReceives?: number;
  /** The delay after the n-th failure is a random part of min(cap, base × 2^(n-1)). Default 2 s and 15 min. */
  readonly backoff?: { readonly baseMs?: number; readonly capMs?: number };
  /** URL or name of the queue for dead messages. */
  readonly deadLetterQueue?: string;
  /**
   * What becomes of a dead message where there is no `deadLetterQueue`. `"return"` (default): it is logged as an error and
   * comes back after the longest backoff, until a redrive policy of the queue or its retention takes it. `"delete"`: it is
   * logged and deleted, and is gone for good.
   */
  readonly withoutDeadLetterQueue?: "return" | "delete";
  /** Default: a client from the environment; `AWS_ENDPOINT_URL` decides whom it speaks to. */
  readonly client?: SQSClient;
  /** Default: one JSON object a line on standard error. */
  readonly logger?: Logger;
  readonly clock?: Clock;
  readonly random?: Random;
  /** Whether SIGTERM and SIGINT stop the worker and then end the process. Default true. */
  readonly signals?: boolean;
}

/** URL or name of a queue, or name of a topic. */
export type OutputTarget = string | { readonly topic: string };

/** One run of a handler on a value that its schema has accepted, for who stands around handlers. */
export interface Attempt {
  readonly message: ReceivedMessage;
  /** The text that was parsed, wherever it came from. */
  readonly body: string;
  readonly value: unknown;
  readonly ctx: Context<string>;
  readonly outputs: Outputs;
  readonly run: Settings["run"];
  /** As `Run.abort`. */
  readonly abort: (reason: Error) => void;
}

/** The options with their defaults, checked, in milliseconds. */
export interface Settings {
  readonly run: (message: unknown, ctx: Context<string>) => unknown;
  readonly input: StandardSchema<unknown> | undefined;
  readonly codec: BodyCodec;
  /** `self`: the queue that the message came from. */
  readonly outputs: Readonly<Record<string, OutputTarget | { readonly self: true }>>;
  readonly concurrency: number;
  readonly leaseMs: number;
  readonly timeoutMs: number | undefined;
  readonly graceMs: number;
  readonly deadLetterQueue: string | undefined;
  readonly limits: SettleLimits;
  /** What the ids of outputs are made from besides the input, whichever lane it came by; default the name of the queue. */
  readonly stage?: string;
  /** Queues that share the slots with the worker's own, whose weight is 1, and their weights. */
  readonly lanes?: ReadonlyMap<string, number>;
  /** The body of a message that does not carry it itself; `undefined` where it does. */
  readonly bodyOf?: (message: ReceivedMessage, signal: AbortSignal) => Promise<string | undefined>;
  /** Runs the handler, or decides that it need not run. What it throws is as if the handler had. */
  readonly around?: (attempt: Attempt) => Promise<void>;
}

const JSON_CODEC: BodyCodec = {
  parse: (body) => JSON.parse(body),
  serialize(value) {
    const text = JSON.stringify(value);
    assert(text !== undefined, `${typeof value} is not a JSON value`);
    return text;
  },
};

const TEXT_CODEC: BodyCodec = {
  parse: (body) => body,
  serialize(value) {
    assert(typeof value === "string", `with body: "text" an output must be a string, not ${typeof value}`);
    return value;
  },
};

/** @throws {AssertionFailed} when an option is out of its range; the text names the option. */
export function settingsOf<Message, Output extends string>(options: ConsumeOptions<Message, Output>): Settings {
  const { concurrency = 10, maxReceives = 5, backoff = {}, body = "json", outputs = {} } = options;
  assert(typeof options.run === "function", "run must be a function or the URL of a module");
  assert(Number.isInteger(concurrency) && concurrency >= 1, "concurrency must be a whole number from 1");
  assert(pollsMax(concurrency) <= 1000, "concurrency must be below 10,000: start more processes instead");
  assert(Number.isInteger(maxReceives) && maxReceives >= 1, "maxReceives must be a whole number from 1");
  const leaseMs = durationMs(options.lease ?? 60 * SECOND_MS, "lease");
  assert(
    leaseMs % SECOND_MS === 0 && leaseMs >= SECOND_MS && leaseMs < 12 * HOUR_MS,
    "lease must be whole seconds, from 1 s to less than 12 h",
  );
  const { baseMs = 2 * SECOND_MS, capMs = 15 * MINUTE_MS } = backoff;
  assert(baseMs > 0 && capMs >= baseMs && capMs < VISIBILITY_MS_MAX, "backoff must have 0 < baseMs <= capMs < 12 h");
  return {
    // The compiler has matched handler, schema and outputs; from here on they are only passed along.
    run: options.run as Settings["run"],
    input: options.input,
    codec: body === "json" ? JSON_CODEC : body === "text" ? TEXT_CODEC : body,
    outputs,
    concurrency,
    leaseMs,
    timeoutMs: options.timeout === undefined ? undefined : durationMs(options.timeout, "timeout"),
    graceMs: durationMs(options.grace ?? 25 * SECOND_MS, "grace"),
    deadLetterQueue: options.deadLetterQueue,
    limits: {
      receivesMax: maxReceives,
      backoff: { baseMs, capMs },
      hasDeadLetterQueue: options.deadLetterQueue !== undefined,
      withoutDeadLetterQueue: options.withoutDeadLetterQueue ?? "return",
    },
  };
}
