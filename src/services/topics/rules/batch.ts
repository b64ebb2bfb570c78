import { emptyBatch, entryIdImpermissible, entryIdsNotDistinct, entryIdTooLong, tooManyEntries } from "./errors.ts";
import { BATCH_ENTRIES_MAX, BATCH_ID_LENGTH_MAX } from "./limits.ts";

/**
 * Refuses a batch for what is wrong with its list.
 * @throws {ServiceError} EmptyBatchRequest, TooManyEntriesInBatchRequest, InvalidBatchEntryId, BatchEntryIdsNotDistinct
 */
export function checkBatch(ids: readonly string[]): void {
  if (ids.length === 0) throw emptyBatch();
  if (ids.length > BATCH_ENTRIES_MAX) throw tooManyEntries();
  for (const id of ids) {
    if (id.length > BATCH_ID_LENGTH_MAX) throw entryIdTooLong(id);
    if (!/^[A-Za-z0-9_-]+$/.test(id)) throw entryIdImpermissible(id);
  }
  if (new Set(ids).size < ids.length) throw entryIdsNotDistinct();
}
