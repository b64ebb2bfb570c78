import { hash } from "node:crypto";
import { assert } from "../kernel/assert.ts";
import type { EmitOptions } from "./context.ts";
import type { BodyCodec } from "./options.ts";
import {
  ATTRIBUTES_MAX,
  ID_ATTRIBUTE,
  isFifo,
  isTopic,
  laneOutput,
  messageBytes,
  outputIdentity,
  outputOf,
  TRACE_ATTRIBUTE,
  type MessageAttributes,
  type OutgoingMessage,
} from "./rules/outgoing.ts";
import type { ReceivedMessage } from "./sqs.ts";
import type { Tracing } from "./tracing.ts";

/** An output that waits for its handler to resolve. */
export interface Output {
  /** As it was emitted, with the lane where it goes to one: `laneOutput`. */
  readonly name: string;
  /** Or the ARN of a topic. */
  readonly queueUrl: string;
  readonly message: OutgoingMessage;
}

export interface OutputsOptions {
  readonly input: ReceivedMessage;
  readonly lineage: string;
  /** What their ids are made from besides the input: the name of the queue that is consumed. */
  readonly stage: string;
  /** The URLs of the outputs by name. */
  readonly targets: ReadonlyMap<string, string>;
  readonly codec: BodyCodec;
  readonly tracing: Tracing | undefined;
  /** What one output may weigh as it is emitted; more where it will be made smaller before it is sent. */
  readonly bytesMax: number;
}

/** What one run of a handler has emitted, in order. */
export class Outputs {
  readonly list: Output[] = [];
  /** What the ids of the outputs are made from, besides their names and places: by default what identifies the input. */
  lineage: string;
  /** Called when all of them are with their queues. What it throws is logged and changes nothing. */
  onPublished: (() => Promise<void>) | undefined;
  readonly #options: OutputsOptions;
  readonly #counts = new Map<string, number>();

  constructor(options: OutputsOptions) {
    this.#options = options;
    this.lineage = options.lineage;
  }

  /** @throws {AssertionFailed} when the output is unknown, or cannot be sent as it is: the handler then learns it at once. */
  add(name: string, body: unknown, options: EmitOptions = {}): void {
    const { input, stage, codec, bytesMax, tracing } = this.#options;
    const { lineage } = this;
    const sentAs = options.lane === undefined ? name : laneOutput(name, options.lane);
    const target = this.#target(sentAs);
    const place = this.#counts.get(name) ?? 0;
    this.#counts.set(name, place + 1);
    const id = digest(outputIdentity({ stage, lineage, name, key: options.key === undefined ? `#${place}` : `=${options.key}` }));
    const fifo = isFifo(target);
    const attributes = {
      ...options.attributes,
      ...traceAttribute(target, input.traceHeader),
      [ID_ATTRIBUTE]: { type: "String", value: id },
    };
    const content = { body: codec.serialize(body), attributes };
    const message: OutgoingMessage = {
      ...withTrace(content, tracing?.create(target), bytesMax),
      delaySeconds: options.delaySeconds,
      // A FIFO queue needs a group; without one each input's outputs are in order among themselves.
      groupId: options.groupId ?? (fifo ? (input.groupId ?? lineage) : undefined),
      deduplicationId: fifo ? id : undefined,
      traceHeader: input.traceHeader,
    };
    const bytes = messageBytes(message);
    assert(bytes <= bytesMax, `output ${name} has ${bytes} bytes with its attributes; SQS takes ${bytesMax}`);
    assert(options.delaySeconds === undefined || !isTopic(target), `output ${name} goes to a topic, which knows no delay`);
    assert(
      Object.keys(message.attributes).length <= ATTRIBUTES_MAX,
      `output ${name} has more than ${ATTRIBUTES_MAX - 1} attributes of its own`,
    );
    this.list.push({ name: sentAs, queueUrl: target, message });
  }

  /** Takes outputs as an earlier run has made them. */
  restore(outputs: readonly { readonly name: string; readonly message: OutgoingMessage }[]): void {
    const { targets } = this.#options;
    for (const { name, message } of outputs) {
      // A lane may be gone since then; the queue beside it is not.
      const sentAs = targets.has(name) ? name : outputOf(name);
      this.list.push({ name: sentAs, queueUrl: this.#target(sentAs), message });
    }
  }

  #target(name: string): string {
    const { targets } = this.#options;
    const target = targets.get(name);
    const isLane = target === undefined && targets.has(outputOf(name));
    assert(!isLane, `output ${outputOf(name)} has no lane ${name.slice(outputOf(name).length + 1)}`);
    assert(target !== undefined, `there is no output ${JSON.stringify(name)}; known are ${[...targets.keys()].join(", ") || "none"}`);
    return target;
  }
}

/** Where an output has no room for them they are left out: what can be sent does not depend on whether anybody is watching. */
function withTrace<Content extends Pick<OutgoingMessage, "body" | "attributes">>(
  content: Content,
  trace: MessageAttributes | undefined,
  bytesMax: number,
): Content {
  const traced = { ...content, attributes: { ...content.attributes, ...trace } };
  return Object.keys(traced.attributes).length <= ATTRIBUTES_MAX && messageBytes(traced) <= bytesMax ? traced : content;
}

function traceAttribute(target: string, header: string | undefined): MessageAttributes {
  return header !== undefined && isTopic(target) ? { [TRACE_ATTRIBUTE]: { type: "String", value: header } } : {};
}

/** 32 hexadecimal digits; a name, not a proof. */
export function digest(text: string): string {
  return hash("sha256", text).slice(0, 32);
}
