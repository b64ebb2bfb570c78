import { KIB, MIB } from "../../kernel/units.ts";

/** A message attribute: text, a number as text, or bytes, with the type label that SQS knows it by. */
export interface MessageAttribute {
  /** `String`, `Number` or `Binary`, with an optional label: `String.uuid`. */
  readonly type: string;
  readonly value: string | Uint8Array;
}

export type MessageAttributes = Readonly<Record<string, MessageAttribute>>;

/** A message that a worker sends. */
export interface OutgoingMessage {
  readonly body: string;
  readonly attributes: MessageAttributes;
  readonly delaySeconds: number | undefined;
  readonly groupId: string | undefined;
  readonly deduplicationId: string | undefined;
  /** The `AWSTraceHeader` system attribute of the message that led to this one. */
  readonly traceHeader: string | undefined;
}

/** Limits of SQS: ten entries and 1 MiB a batch, the same 1 MiB for one message, ten attributes. */
export const BATCH_ENTRIES_MAX = 10;
export const BATCH_BYTES_MAX = MIB;
export const ATTRIBUTES_MAX = 10;

/** A topic takes less than a queue, for one message and for a batch. */
export const TOPIC_BYTES_MAX = 256 * KIB;

/** Where the X-Ray header travels through a topic, which has no place of its own for it. */
export const TRACE_ATTRIBUTE = "AWSTraceHeader";

/** The attribute that carries an output's identity; see `outputIdentity`. */
export const ID_ATTRIBUTE = "Millrace.Id";

/** The attribute by which a topic knows the lane of a message, where its receivers have lanes. */
export const LANE_ATTRIBUTE = "Millrace.Lane";

/** An output by a name of its own for each lane of its receiver. Names of outputs have no `~` inside. */
export function laneOutput(name: string, lane: string): string {
  return `${name}~${lane}`;
}

/** The output itself. A `~` at the beginning is part of a name. */
export function outputOf(name: string): string {
  const at = name.indexOf("~", 1);
  return at < 0 ? name : name.slice(0, at);
}

/** The attribute of a dead letter that says why it is one. */
export const DEAD_LETTER_ATTRIBUTE = "Millrace.DeadLetter";

/**
 * The identity of an output, of which its id is a digest. The same input makes the same outputs with the same ids,
 * however often it is run, so that whoever receives a second copy can know it.
 * @param output `lineage` is the input's own identity; `key` is the user's, or the output's place among those of its name.
 */
export function outputIdentity(output: { stage: string; lineage: string; name: string; key: string }): string {
  return JSON.stringify([output.stage, output.lineage, output.name, output.key]);
}

/**
 * What identifies an input: the id that an earlier worker gave it, for it survives a redrive and a second publish, else
 * the id that SQS gave.
 */
export function lineageOf(messageId: string, attributes: MessageAttributes): string {
  const given = attributes[ID_ATTRIBUTE]?.value;
  return typeof given === "string" && given !== "" ? given : messageId;
}

/** As SQS counts: the bytes of the body and of every attribute's name, type and value. */
export function messageBytes(message: { body: string; attributes: MessageAttributes }): number {
  let bytes = utf8Bytes(message.body);
  for (const [name, { type, value }] of Object.entries(message.attributes)) {
    bytes += utf8Bytes(name) + utf8Bytes(type) + (typeof value === "string" ? utf8Bytes(value) : value.byteLength);
  }
  return bytes;
}

/** How many of the first entries fit one batch; at least one where there is any. @param sizes their bytes, in order. */
export function batchLength(sizes: readonly number[], bytesMax: number = BATCH_BYTES_MAX): number {
  let bytes = 0;
  for (const [index, size] of sizes.entries()) {
    bytes += size;
    if (index > 0 && (index === BATCH_ENTRIES_MAX || bytes > bytesMax)) return index;
  }
  return sizes.length;
}

/** Whether an output goes to a topic and not to a queue. */
export function isTopic(target: string): boolean {
  return target.startsWith("arn:");
}

/** Queue names end in `.fifo` where order is kept, and only there. */
export function isFifo(queueUrl: string): boolean {
  return queueUrl.endsWith(".fifo");
}

/** The name of a queue by its URL, without a slash at its end. */
export function queueName(queueUrl: string): string {
  return queueUrl.slice(queueUrl.lastIndexOf("/") + 1);
}

export function utf8Bytes(text: string): number {
  return Buffer.byteLength(text, "utf8");
}
