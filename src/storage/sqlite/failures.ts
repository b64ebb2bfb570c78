import { ServiceError } from "../../kernel/service-error.ts";

/** SQLite's primary result codes that concern the file or the process, not one statement (sqlite.org/rescode.html). */
const FAILURES: ReadonlySet<number> = new Set([
  5, // BUSY: somebody else writes to our file.
  7, // NOMEM
  8, // READONLY
  9, // INTERRUPT
  10, // IOERR: a read, write or fsync failed.
  11, // CORRUPT
  13, // FULL
  14, // CANTOPEN
  26, // NOTADB
]);
const SQLITE_BUSY = 5;
const SQLITE_CORRUPT = 11;
const SQLITE_FULL = 13;
const SQLITE_NOTADB = 26;
const SQLITE_IOERR_SHMSIZE = 10 | (19 << 8);

function primaryCode(error: unknown): number {
  const code = (error as { errcode?: unknown } | null | undefined)?.errcode;
  return typeof code === "number" ? code & 0xff : 0;
}

/** Whether an error concerns the whole group rather than the operation in which it came up. */
export function isStorageFailure(error: unknown): boolean {
  return FAILURES.has(primaryCode(error));
}

/** What was read cannot be what SQLite wrote. The transaction can write nothing from then on, and must be rolled back. */
export function isCorrupt(error: unknown): boolean {
  return primaryCode(error) === SQLITE_CORRUPT;
}

/**
 * No space left, also for the memory shared with readers, which is a file, too. Nothing was committed, and nothing that
 * was is in doubt.
 */
export function isDiskFull(error: unknown): boolean {
  return primaryCode(error) === SQLITE_FULL || (error as { errcode?: unknown } | null | undefined)?.errcode === SQLITE_IOERR_SHMSIZE;
}

/** Another connection holds a lock that is in the way. */
export function isLocked(error: unknown): boolean {
  return primaryCode(error) === SQLITE_BUSY;
}

/** The file is none of SQLite's, or not any more. */
export function isNoDatabase(error: unknown): boolean {
  return [SQLITE_CORRUPT, SQLITE_NOTADB].includes(primaryCode(error));
}

/** Nothing was stored and nothing is broken: the sender may try again when there is space. */
export function storageFull(): ServiceError {
  return unavailable("The disk of the data directory is full. Nothing was stored; free some space and try again.");
}

/** The same while the write-ahead log cannot be shortened. */
export function logHeld(): ServiceError {
  return unavailable(
    "The write-ahead log is as long as it may be, because another program reads the database or the disk is too slow. Nothing was stored; try again.",
  );
}

function unavailable(message: string): ServiceError {
  return new ServiceError({
    code: "ServiceUnavailable",
    httpStatus: 503,
    fault: "server",
    namespace: "com.amazon.coral.service",
    message,
  });
}
