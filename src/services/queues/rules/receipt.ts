import { crc32 } from "node:zlib"; // A checksum is a computation, not an effect.
import type { ServiceError } from "../../../kernel/service-error.ts";
import { receiptHandleHasExpired, receiptHandleHasExpiredInBatch, receiptHandleIsInvalid } from "./errors.ts";

/** What a receipt handle says: which message, and which receive of it. */
export interface Receipt {
  /** The queue's number in the store; a queue that is deleted and created again has another. */
  readonly queueId: number;
  /** The message's place in its queue. */
  readonly sequence: number;
  /** Until when this receive hides the message, epoch milliseconds. */
  readonly hiddenUntilMs: number;
  readonly receivedMs: number;
  readonly receiveCount: number;
}

/**
 * A receipt handle is base64 of 33 bytes, so 44 characters without padding. Numbers are big-endian.
 *
 *     byte   0       1         7          13              19           25             29      33
 *            version | queueId | sequence | hiddenUntilMs | receivedMs | receiveCount | CRC-32
 *
 * The checksum covers all before it: a handle that was cut, mistyped or made up is refused instead of meaning another
 * message. It is no secret; who may delete is decided by who may call DeleteMessage on the queue. A handle holds all
 * that is to be known of it, so it is good after a restart.
 *
 * The alphabet is that of AWS's handles, without a hyphen: the extended client for Python puts words before a handle and
 * takes what follows the last hyphen for the handle. Handles in the alphabet of URLs, given out before, are still read.
 */
const VERSION = 1;
const QUEUE_AT = 1;
const SEQUENCE_AT = 7;
const HIDDEN_UNTIL_AT = 13;
const RECEIVED_AT = 19;
const COUNT_AT = 25;
const CHECKSUM_AT = 29;
const BYTES = 33;
const LENGTH = (BYTES * 4) / 3;

/** Six bytes hold a time until the year 10889 and 281 trillion messages. */
const LONG_BYTES = 6;

export function encodeReceipt(receipt: Receipt): string {
  const bytes = Buffer.allocUnsafe(BYTES);
  bytes[0] = VERSION;
  bytes.writeUIntBE(receipt.queueId, QUEUE_AT, LONG_BYTES);
  bytes.writeUIntBE(receipt.sequence, SEQUENCE_AT, LONG_BYTES);
  bytes.writeUIntBE(receipt.hiddenUntilMs, HIDDEN_UNTIL_AT, LONG_BYTES);
  bytes.writeUIntBE(receipt.receivedMs, RECEIVED_AT, LONG_BYTES);
  bytes.writeUInt32BE(receipt.receiveCount, COUNT_AT);
  bytes.writeUInt32BE(crc32(bytes.subarray(0, CHECKSUM_AT)), CHECKSUM_AT);
  return bytes.toString("base64");
}

/** Undefined: no receive ever gave such a handle. */
export function decodeReceipt(handle: string): Receipt | undefined {
  if (handle.length !== LENGTH) return undefined;
  const bytes = Buffer.from(handle, "base64url");
  // The decoder skips what is not base64, which leaves too few bytes.
  if (bytes.length !== BYTES || bytes[0] !== VERSION) return undefined;
  if (crc32(bytes.subarray(0, CHECKSUM_AT)) !== bytes.readUInt32BE(CHECKSUM_AT)) return undefined;
  return {
    queueId: bytes.readUIntBE(QUEUE_AT, LONG_BYTES),
    sequence: bytes.readUIntBE(SEQUENCE_AT, LONG_BYTES),
    hiddenUntilMs: bytes.readUIntBE(HIDDEN_UNTIL_AT, LONG_BYTES),
    receivedMs: bytes.readUIntBE(RECEIVED_AT, LONG_BYTES),
    receiveCount: bytes.readUInt32BE(COUNT_AT),
  };
}

/** @throws {ServiceError} ReceiptHandleIsInvalid */
export function readReceipt(handle: string): Receipt {
  const receipt = decodeReceipt(handle);
  if (receipt === undefined) throw receiptHandleIsInvalid(handle);
  return receipt;
}

/** How a delete that was not made is answered; undefined for one that was. AWS codes and words it differently in a batch. */
export function refusedDelete(
  outcome: "deleted" | "foreign" | "expired",
  { handle, inBatch }: { handle: string; inBatch: boolean },
): ServiceError | undefined {
  if (outcome === "deleted") return undefined;
  if (outcome === "foreign") return receiptHandleIsInvalid(handle);
  return inBatch ? receiptHandleHasExpiredInBatch() : receiptHandleHasExpired(handle);
}
