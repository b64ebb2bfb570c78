import { closeSync, fdatasyncSync, openSync, statfsSync, statSync } from "node:fs";
import { dirname } from "node:path";
import { backup, DatabaseSync } from "node:sqlite";
import { MIB } from "../../../kernel/units.ts";
import { configure } from "../open.ts";

/** Copied between two looks at how it goes. */
const PAGES_AT_ONCE = 128;

/** So much may wait for the disk: an fsync of the server's log may have to wait for it, too. */
const UNSYNCED_BYTES_MAX = 8 * MIB;

/** What must be left on the disk beside a copy: for the server's log, and what is sent meanwhile. */
const SPACE_LEFT_BYTES = 256 * MIB;

/** Of a frame of the log, before its page. */
const FRAME_HEADER_BYTES = 24;

/** The log has grown too long while the database was copied. */
class LogTooLong extends Error {}

export interface CopyingOptions {
  readonly from: string;
  /** A path at which there is nothing yet. */
  readonly to: string;
  /** A log that grows by more than this ends the copy: the server's disk matters more than a backup. */
  readonly logBytesMax: number;
  /** From now on nothing gets into the copy that is committed. */
  readonly onPinned: () => void;
  readonly onProgress: (copiedBytes: number) => void;
}

/**
 * Copies a database that others write to, as it is when the copy begins: a read transaction keeps that state for as long
 * as it takes. Nobody has to wait for it, but the log cannot begin anew until it is done, and grows by what is written
 * meanwhile. What is copied goes to the disk as it comes, so that there is never much of it before a commit's fsync.
 *
 * It should run in a process of its own. Closing a descriptor of a database file drops all locks that the process has on
 * it, and with them those by which SQLite tells that the database is in use.
 */
export async function copyDatabase({ from, to, logBytesMax, onPinned, onProgress }: CopyingOptions): Promise<void> {
  const prober = new DatabaseSync(from);
  configure(prober, true);
  const { page_size: pageBytes } = prober.prepare("PRAGMA page_size").get() as { page_size: number };
  const probe = prober.prepare("PRAGMA wal_checkpoint(NOOP)");
  checkSpace(from, to);
  const logBytes = () => (probe.get() as { log: number }).log * (FRAME_HEADER_BYTES + pageBytes);
  const pinned = new DatabaseSync(from, { readOnly: true });
  closeSync(openSync(to, "wx", 0o600));
  const file = openSync(to, "r+");
  let syncedBytes = 0;
  try {
    pinned.exec("PRAGMA busy_timeout = 5000; BEGIN");
    pinned.prepare("SELECT count(*) FROM engine").get();
    onPinned();
    const logBytesBefore = logBytes();
    await backup(pinned, to, {
      rate: PAGES_AT_ONCE,
      progress({ totalPages, remainingPages }) {
        const copiedBytes = (totalPages - remainingPages) * pageBytes;
        if (copiedBytes - syncedBytes >= UNSYNCED_BYTES_MAX) {
          fdatasyncSync(file);
          syncedBytes = copiedBytes;
        }
        if (logBytes() > logBytesBefore + logBytesMax) throw new LogTooLong(tooLong(logBytes(), remainingPages * pageBytes));
        onProgress(copiedBytes);
      },
    });
    fdatasyncSync(file);
  } finally {
    pinned.close();
    prober.close();
    closeSync(file);
  }
}

/** A copy that fills the disk would stop the server. */
function checkSpace(from: string, to: string): void {
  const needed = statSync(from).size + SPACE_LEFT_BYTES;
  const { bavail, bsize } = statfsSync(dirname(to));
  if (bavail * bsize < needed)
    throw new Error(
      `the disk of the data directory has ${inMib(bavail * bsize)} left, and a copy of the database needs ${inMib(needed)}. Free some space`,
    );
}

function inMib(bytes: number): string {
  return `${Math.ceil(bytes / MIB)} MiB`;
}

function tooLong(logBytes: number, leftBytes: number): string {
  return `more is written to the database than can be put off until it is copied: its log has ${inMib(logBytes)}, and ${inMib(leftBytes)} of the database are left. Make the backup when less is sent`;
}
