import { createHash } from "node:crypto";
import { assert } from "../kernel/assert.ts";
import type { EmitOptions } from "./context.ts";
import type { BodyCodec } from "./options.ts";
import {
  ATTRIBUTES_MAX,
  BATCH_BYTES_MAX,
  ID_ATTRIBUTE,
  isFifo,
  messageBytes,
  outputIdentity,
  queueName,
  type OutgoingMessage,
} from "./rules/outgoing.ts";
import type { ReceivedMessage } from "./sqs.ts";

/** An output that waits for its handler to resolve. */
export interface Output {
  readonly name: string;
  readonly queueUrl: string;
  readonly message: OutgoingMessage;
}

export interface OutputsOptions {
  readonly input: ReceivedMessage;
  readonly lineage: string;
  /** The queue that is consumed. */
  readonly queueUrl: string;
  /** The URLs of the outputs by name. */
  readonly targets: ReadonlyMap<string, string>;
  readonly codec: BodyCodec;
}

/** What one run of a handler has emitted, in order. */
export class Outputs {
  readonly list: Output[] = [];
  readonly #options: OutputsOptions;
  readonly #counts = new Map<string, number>();

  constructor(options: OutputsOptions) {
    this.#options = options;
  }

  /** @throws {AssertionFailed} when the output is unknown, or cannot be sent as it is: the handler then learns it at once. */
  add(name: string, body: unknown, options: EmitOptions = {}): void {
    const { input, lineage, queueUrl, targets, codec } = this.#options;
    const target = targets.get(name);
    assert(target !== undefined, `there is no output ${JSON.stringify(name)}; known are ${[...targets.keys()].join(", ") || "none"}`);
    const place = this.#counts.get(name) ?? 0;
    this.#counts.set(name, place + 1);
    const id = digest(
      outputIdentity({ stage: queueName(queueUrl), lineage, name, key: options.key === undefined ? `#${place}` : `=${options.key}` }),
    );
    const fifo = isFifo(target);
    const message: OutgoingMessage = {
      body: codec.serialize(body),
      attributes: { ...options.attributes, [ID_ATTRIBUTE]: { type: "String", value: id } },
      delaySeconds: options.delaySeconds,
      // A FIFO queue needs a group; without one each input's outputs are in order among themselves.
      groupId: options.groupId ?? (fifo ? (input.groupId ?? lineage) : undefined),
      deduplicationId: fifo ? id : undefined,
      traceHeader: input.traceHeader,
    };
    const bytes = messageBytes(message);
    assert(bytes <= BATCH_BYTES_MAX, `output ${name} has ${bytes} bytes with its attributes; SQS takes ${BATCH_BYTES_MAX}`);
    assert(
      Object.keys(message.attributes).length <= ATTRIBUTES_MAX,
      `output ${name} has more than ${ATTRIBUTES_MAX - 1} attributes of its own`,
    );
    this.list.push({ name, queueUrl: target, message });
  }
}

/** 32 hexadecimal digits; a name, not a proof. */
function digest(text: string): string {
  return createHash("sha256").update(text).digest("hex").slice(0, 32);
}
