import type { ServiceError } from "../../../kernel/service-error.ts";
import {
  batchEntryIdsNotDistinct,
  batchRequestTooLong,
  emptyBatchRequest,
  invalidBatchEntryId,
  tooManyEntriesInBatchRequest,
} from "./errors.ts";
import { BATCH_ENTRIES_MAX, MESSAGE_BYTES_MAX } from "./limits.ts";

const ENTRY_ID = /^[A-Za-z0-9_-]{1,80}$/;

/**
 * Refuses a batch as a whole for what is wrong with its list. An entry that is wrong in itself fails alone, later.
 * @param entryName the name of the entry's shape, for the text.
 * @throws {ServiceError} EmptyBatchRequest, TooManyEntriesInBatchRequest, InvalidBatchEntryId, BatchEntryIdsNotDistinct
 */
export function checkBatch(entries: readonly { readonly Id: string }[], entryName: string): void {
  if (entries.length === 0) throw emptyBatchRequest(entryName);
  if (entries.length > BATCH_ENTRIES_MAX) throw tooManyEntriesInBatchRequest(entries.length);
  if (!entries.every((entry) => ENTRY_ID.test(entry.Id))) throw invalidBatchEntryId();
  const seen = new Set<string>();
  for (const { Id } of entries) {
    if (seen.has(Id)) throw batchEntryIdsNotDistinct(Id);
    seen.add(Id);
  }
}

/** @throws {ServiceError} BatchRequestTooLong, whatever the queue's own limit is. */
export function checkBatchBytes(bytes: number): void {
  if (bytes > MESSAGE_BYTES_MAX) throw batchRequestTooLong(bytes);
}

/** How a refused entry is answered beside those that succeeded. */
export interface FailedEntry {
  readonly Id: string;
  readonly SenderFault: boolean;
  readonly Code: string;
  readonly Message: string;
}

export function failedEntry(id: string, error: ServiceError): FailedEntry {
  const { code, queryCode = code, fault, message } = error.options;
  return { Id: id, SenderFault: fault === "client", Code: queryCode, Message: message };
}
