import { invalidParameter, unknownAttribute } from "./errors.ts";
import { sequenceNumber } from "./fifo.ts";
import { hasForbiddenCharacter } from "./message.ts";
import { attributesMd5, type AttributeInput } from "./message-attributes.ts";
import { isQueueAttribute } from "./queue-attributes.ts";

/** What the service knows of a message beside what its sender wrote into it. */
export interface MessageFacts {
  readonly senderId: string;
  readonly sentMs: number;
  readonly firstReceivedMs: number;
  readonly receiveCount: number;
  readonly groupId: string | null;
  readonly traceHeader: string | null;
  /** Null on standard queues. */
  readonly deduplicationId: string | null;
  readonly receipt: { readonly sequence: number };
  /** The queue that gave the message up; null where it was sent to this one. */
  readonly deadLetterSourceArn: string | null;
}

/** Every system attribute that can be asked for. */
const READ: ReadonlyMap<string, (message: MessageFacts) => string | null> = new Map<string, (message: MessageFacts) => string | null>([
  ["SenderId", (message) => message.senderId],
  ["SentTimestamp", (message) => String(message.sentMs)],
  ["ApproximateReceiveCount", (message) => String(message.receiveCount)],
  ["ApproximateFirstReceiveTimestamp", (message) => String(message.firstReceivedMs)],
  ["MessageGroupId", (message) => message.groupId],
  ["AWSTraceHeader", (message) => message.traceHeader],
  ["SequenceNumber", ({ deduplicationId, receipt }) => (deduplicationId === null ? null : sequenceNumber(receipt.sequence))],
  ["MessageDeduplicationId", (message) => message.deduplicationId],
  ["DeadLetterQueueSourceArn", (message) => message.deadLetterSourceArn],
]);

/**
 * The system attributes that a receive asks for.
 * @param attributeNames the older member, whose model also allows attributes of queues; those apply to no message.
 * @throws {ServiceError} InvalidAttributeName
 */
export function wantedSystemAttributes(attributeNames: readonly string[], systemAttributeNames: readonly string[]): readonly string[] {
  const names = [...new Set([...attributeNames, ...systemAttributeNames])];
  const unknown = names.find((name) => name !== "All" && !READ.has(name) && !isQueueAttribute(name));
  if (unknown !== undefined) throw unknownAttribute(unknown);
  return names.includes("All") ? [...READ.keys()] : names;
}

/** The wanted attributes that apply; undefined where none does. */
export function systemAttributes(message: MessageFacts, wanted: readonly string[]): Record<string, string> | undefined {
  let found: Record<string, string> | undefined;
  for (const name of wanted) {
    const value = READ.get(name)?.(message) ?? null;
    if (value !== null) (found ??= {})[name] = value;
  }
  return found;
}

/** The one system attribute that a sender may set: where a message stands in a trace of AWS X-Ray. */
const TRACE_HEADER = "AWSTraceHeader";

/**
 * The system attributes of a message that is sent.
 * @param traceHeader the request's header X-Amzn-Trace-Id, which stands in for the attribute.
 * @returns `md5` only where attributes were given: a header is no part of what the sender digests.
 * @throws {ServiceError} InvalidParameterValue
 */
export function readSystemAttributes(
  given: Readonly<Record<string, AttributeInput>> | undefined,
  traceHeader: string | undefined,
): { readonly traceHeader: string | null; readonly md5: string | undefined } {
  if (given === undefined) return { traceHeader: traceHeader ?? null, md5: undefined };
  const unknown = Object.keys(given).find((name) => name !== TRACE_HEADER);
  if (unknown !== undefined) throw invalidParameter(`Message system attribute name '${unknown}' is invalid.`);
  const input = given[TRACE_HEADER];
  if (input === undefined) return { traceHeader: traceHeader ?? null, md5: undefined };
  if (input.DataType !== "String") {
    throw invalidParameter(`The type of message system attribute '${TRACE_HEADER}' is invalid. You must use only the type String.`);
  }
  const value = input.StringValue ?? "";
  if (value === "") throw invalidParameter(`Message system attribute '${TRACE_HEADER}' must contain a non-empty value of type 'String'.`);
  if (hasForbiddenCharacter(value)) throw invalidParameter(`Invalid characters found in message system attribute '${TRACE_HEADER}'.`);
  return { traceHeader: value, md5: attributesMd5([{ name: TRACE_HEADER, dataType: "String", value }]) };
}
