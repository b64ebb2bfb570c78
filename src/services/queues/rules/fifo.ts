import { hash } from "node:crypto"; // A digest is a computation, not an effect.
import { invalidParameter, invalidValue, missingParameter } from "./errors.ts";
import { DEDUPLICATION_MS } from "./limits.ts";
import { isPrintable, refuseFifoParameter } from "./message.ts";

/** By what a FIFO queue tells a message from one that it has accepted before. */
export interface Deduplication {
  /** The MessageDeduplicationId, the sender's or made of the body. */
  readonly id: string;
  /** Made of the body: good only on a queue with ContentBasedDeduplication. */
  readonly ofContent: boolean;
}

/**
 * How a message of a FIFO queue is told from others: by what its sender says, else by its body alone.
 * @throws {ServiceError} InvalidParameterValue
 */
export function readDeduplication(id: string | undefined, body: string): Deduplication {
  if (id === undefined) return { id: hash("sha256", body), ofContent: true };
  if (!isPrintable(id)) throw badIdentifier("MessageDeduplicationId", id);
  return { id, ofContent: false };
}

/**
 * Refuses messages of which the queue could not tell whether they are duplicates; one of them refuses all.
 * @throws {ServiceError} InvalidParameterValue
 */
export function checkDeduplication(
  messages: readonly { readonly deduplication?: Deduplication | undefined }[],
  contentBased: boolean,
): void {
  if (contentBased || !messages.some(({ deduplication }) => deduplication?.ofContent !== false)) return;
  throw invalidParameter("The queue should either have ContentBasedDeduplication enabled or MessageDeduplicationId provided explicitly");
}

/** As long as an id that is made of the body. A longer key is kept as its digest: a busy queue remembers millions. */
const KEY_CHARACTERS_MAX = 64;

/**
 * Under what a queue remembers a message: its deduplication id, or with its group where each group has its own. Neither
 * can hold a space, so that one in front tells a digest from all of them.
 */
export function deduplicationKey(id: string, groupId: string, perGroup: boolean): string {
  const key = perGroup ? `${groupId} ${id}` : id;
  return key.length <= KEY_CHARACTERS_MAX ? key : ` ${hash("sha256", key, "base64url")}`;
}

/** Of what was accepted at this time or before, a send is no duplicate any more. Epoch milliseconds. */
export function forgottenThroughMs(nowMs: number): number {
  return nowMs - DEDUPLICATION_MS;
}

/** The MessageGroupId of a message of a FIFO queue. @throws {ServiceError} MissingParameter */
export function requiredGroupId(groupId: string | undefined): string {
  if (groupId === undefined) throw missingParameter("MessageGroupId");
  return groupId;
}

/**
 * Refuses a batch for a FIFO queue as a whole where an entry has no group; AWS then answers another code than for a
 * single message. @throws {ServiceError} InvalidParameterValue
 */
export function checkBatchGroups(entries: readonly { readonly MessageGroupId?: string | undefined }[]): void {
  if (entries.every(({ MessageGroupId }) => MessageGroupId !== undefined)) return;
  throw invalidParameter("The request must contain the parameter MessageGroupId.");
}

/** The ReceiveRequestAttemptId of a receive, which only FIFO queues take. @throws {ServiceError} InvalidParameterValue */
export function readAttemptId(attemptId: string | undefined, fifo: boolean): string | undefined {
  if (!fifo) refuseFifoParameter("ReceiveRequestAttemptId", attemptId);
  if (attemptId !== undefined && !isPrintable(attemptId)) throw badIdentifier("ReceiveRequestAttemptId", attemptId);
  return attemptId;
}

/** The SequenceNumber that the message at this place of the order shows: 20 digits, rising, so that text compares like numbers. */
export function sequenceNumber(sequence: number): string {
  return String(sequence).padStart(20, "0");
}

function badIdentifier(parameter: string, value: string): Error {
  return invalidValue(value, parameter, `${parameter} can only include alphanumeric and punctuation characters. 1 to 128 in length.`);
}
