import { closeSync, fsyncSync, mkdirSync, openSync, readFileSync, truncateSync, writeFileSync } from "node:fs";
import { dirname, join, resolve } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { MIB } from "../../kernel/units.ts";
import { Database } from "./database.ts";
import { isDiskFull, isLocked, isNoDatabase, isStorageFailure } from "./failures.ts";
import type { StoreModule } from "./module.ts";

/** Older ones can corrupt a WAL when a checkpoint and a writer meet (SQLite's release notes, 3.51.3). */
const SQLITE_VERSION_MIN = [3, 51, 3] as const;

/** "Mlrc": tells a Millrace file from any other SQLite database. */
export const APPLICATION_ID: number = 0x4d6c7263;

/** What this release writes. A directory written by a later release is refused, not guessed at. */
export const FORMAT: number = 1;

/** Measured on two cores with 1 KB messages: a sixth smaller and a tenth faster than pages of 4 KiB. */
export const PAGE_BYTES = 8192;

/** Space that the log keeps when it begins anew, having been longer. */
const LOG_KEPT_BYTES = 64 * MIB;

/** Flat memory whatever the backlog is: the operating system caches the rest. */
const CACHE_KIB = 16 * 1024;

/** What keeps a data directory from being opened; the message says what to do. */
export class CannotOpen extends Error {
  override readonly name = "CannotOpen";
}

export interface OpenedDirectory {
  readonly database: Database;
  /** Epoch milliseconds that engine time had reached. */
  readonly highWaterMs: number;
  /** Until when nothing may be ended by its age, in engine time, as an earlier start has found; 0: never. */
  readonly ageingHeldUntilMs: number;
  /** Path of the database file; undefined in memory. */
  readonly file: string | undefined;
  close(): void;
}

/**
 * Opens, or makes, the database of a data directory, checks that it will keep its promise and brings its tables up to date.
 * @param directory undefined keeps everything in memory, for tests.
 * @param onOwned is called before anything is opened: no other process has the directory.
 * @throws {CannotOpen}
 */
export function openDirectory(directory: string | undefined, modules: readonly StoreModule[], onOwned?: () => void): OpenedDirectory {
  if (directory === undefined) return openMemory(modules);
  mkdirSync(directory, { recursive: true });
  const release = takeOwnership(directory);
  const file = join(directory, "millrace.db");
  try {
    onOwned?.();
    const opened = prepare(new DatabaseSync(file), { modules, file, release });
    syncNames(resolve(directory));
    return opened;
  } catch (error) {
    release();
    throw asCannotOpen(error, directory);
  }
}

/** What a failing disk answers at the start, for whoever starts a server; anything else as it is. */
export function asCannotOpen(error: unknown, directory: string | undefined): unknown {
  if (directory === undefined || error instanceof CannotOpen || !isStorageFailure(error)) return error;
  if (isDiskFull(error))
    return new CannotOpen(`There is no space for the data directory ${directory} to be opened; free some megabytes and start again.`);
  return new CannotOpen(`The data directory ${directory} cannot be opened: ${(error as Error).message}. Mend the disk and start again.`);
}

/** Empty databases with their tables, by the scripts that made them: programs that test with us open hundreds, all alike. */
const MADE_IN_MEMORY = new Map<string, Uint8Array>();

function openMemory(modules: readonly StoreModule[]): OpenedDirectory {
  const connection = new DatabaseSync(":memory:");
  const scripts = JSON.stringify(modules.map(({ service, migrations }) => [service, migrations]));
  const made = MADE_IN_MEMORY.get(scripts);
  // Node 24 cannot do it: there each is made from the beginning.
  if (made !== undefined) connection.deserialize(made);
  const opened = prepare(connection, { modules, file: undefined, release: () => {} });
  if (made === undefined && "serialize" in connection) MADE_IN_MEMORY.set(scripts, connection.serialize());
  return opened;
}

/** The pragmas every connection to the file has, read back where durability hangs on them. */
export function configure(connection: DatabaseSync, durable: boolean): void {
  connection.exec(
    `PRAGMA page_size = ${PAGE_BYTES}; PRAGMA cache_size = -${CACHE_KIB}; PRAGMA temp_store = MEMORY; PRAGMA busy_timeout = 5000`,
  );
  if (!durable) return;
  connection.exec("PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; PRAGMA fullfsync = ON; PRAGMA checkpoint_fullfsync = ON");
  const journal = pragma(connection, "journal_mode");
  const synchronous = pragma(connection, "synchronous");
  if (journal !== "wal" || synchronous !== 2)
    throw new CannotOpen(
      `SQLite did not take the durable settings (journal_mode ${String(journal)}, synchronous ${String(synchronous)}); is the data directory on a network file system?`,
    );
}

function prepare(
  connection: DatabaseSync,
  options: { modules: readonly StoreModule[]; file: string | undefined; release: () => void },
): OpenedDirectory {
  checkVersion(String(pragma(connection, "sqlite_version")));
  configure(connection, options.file !== undefined);
  checkFormat(connection);
  if (options.file !== undefined) foldLog(connection);
  migrate(connection, options.modules);
  const engineValue = (name: string) =>
    (connection.prepare("SELECT value FROM engine WHERE name = ?").get(name) as { value: number } | undefined)?.value ?? 0;
  const database = new Database(connection);
  const close = () => {
    database.close();
    options.release();
  };
  const [highWaterMs, ageingHeldUntilMs] = [engineValue("high_water_ms"), engineValue("ageing_held_until_ms")];
  return { database, highWaterMs, ageingHeldUntilMs, file: options.file, close };
}

/**
 * Writes what the log holds into the database, and fsyncs it, before anything is added. A process that ended at a failed
 * fsync has left a log that may be in the operating system's memory only, and which no later fsync would write: what is
 * acknowledged must not stand behind it. On a full disk that has to wait.
 */
function foldLog(connection: DatabaseSync): void {
  connection.exec("PRAGMA wal_autocheckpoint = 0"); // The checkpointer does it, off this thread.
  connection.exec(`PRAGMA journal_size_limit = ${LOG_KEPT_BYTES}`);
  try {
    connection.exec("PRAGMA wal_checkpoint(PASSIVE)");
  } catch (error) {
    if (!isDiskFull(error)) throw error;
  }
}

function checkVersion(version: string): void {
  const parts = version.split(".").map(Number);
  for (const [index, least] of SQLITE_VERSION_MIN.entries()) {
    const part = parts[index] ?? 0;
    if (part > least) return;
    if (part < least)
      throw new CannotOpen(
        `This Node brings SQLite ${version}, which can corrupt its log; Millrace needs ${SQLITE_VERSION_MIN.join(".")} or later. Install a current Node 24 or later.`,
      );
  }
}

function checkFormat(connection: DatabaseSync): void {
  const application = pragma(connection, "application_id");
  const format = Number(pragma(connection, "user_version"));
  if (application === 0 && format === 0) {
    connection.exec(`
      BEGIN;
      PRAGMA application_id = ${APPLICATION_ID};
      PRAGMA user_version = ${FORMAT};
      CREATE TABLE engine (name TEXT PRIMARY KEY, value) WITHOUT ROWID;
      CREATE TABLE migration (service TEXT PRIMARY KEY, version INTEGER NOT NULL) WITHOUT ROWID;
      INSERT INTO engine VALUES ('high_water_ms', 0);
      COMMIT`);
    return;
  }
  if (application !== APPLICATION_ID)
    throw new CannotOpen("millrace.db in the data directory is not a Millrace database; choose another directory with --data.");
  if (format > FORMAT)
    throw new CannotOpen(
      `The data directory was written by a later release (format ${format}, this one reads up to ${FORMAT}); start that release again, or choose another directory.`,
    );
}

/** Each service's scripts that were not yet run, each with its number in one transaction. */
function migrate(connection: DatabaseSync, modules: readonly StoreModule[]): void {
  const read = connection.prepare("SELECT version FROM migration WHERE service = ?");
  const write = connection.prepare("INSERT INTO migration VALUES (?, ?) ON CONFLICT DO UPDATE SET version = excluded.version");
  for (const { service, migrations } of modules) {
    const done = (read.get(service) as { version: number } | undefined)?.version ?? 0;
    if (done > migrations.length)
      throw new CannotOpen(
        `The tables of ${service} were written by a later release (version ${done}, this one knows ${migrations.length}); start that release again.`,
      );
    for (const [index, script] of migrations.entries()) {
      if (index < done) continue;
      connection.exec(`BEGIN; ${script}`);
      write.run(service, index + 1);
      connection.exec("COMMIT");
    }
  }
}

/**
 * One process per data directory: an exclusive lock on a file of its own, which the operating system lets go with the
 * process however it dies. Nothing is ever written to the file, so a power cut finds nothing there to spoil.
 * @throws {CannotOpen} another process has it.
 */
export function takeOwnership(directory: string): () => void {
  const pidFile = join(directory, "owner.pid");
  const lockFile = join(directory, "owner.lock");
  let lock: DatabaseSync;
  try {
    lock = locked(lockFile);
  } catch (error) {
    if (isLocked(error))
      throw new CannotOpen(
        `The data directory ${directory} is in use by process ${owner(pidFile)}; stop that process, or choose another directory with --data.`,
      );
    if (!isNoDatabase(error)) throw error;
    // Earlier releases wrote to it, and a power cut has left something else. Nobody holds it: that would have been seen first.
    truncateSync(lockFile);
    lock = locked(lockFile);
  }
  noteOwner(pidFile);
  return () => lock.close();
}

function locked(file: string): DatabaseSync {
  const lock = new DatabaseSync(file);
  try {
    // The transaction is never ended: it lasts as long as the connection.
    lock.exec("PRAGMA journal_mode = MEMORY; BEGIN EXCLUSIVE");
    return lock;
  } catch (error) {
    lock.close();
    throw error;
  }
}

/** Only for people to read: a full disk must not keep the server from starting, for a start can free space. */
function noteOwner(pidFile: string): void {
  try {
    writeFileSync(pidFile, `${process.pid}\n`);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "ENOSPC") throw error;
  }
}

function owner(pidFile: string): string {
  try {
    return readFileSync(pidFile, "utf8").trim();
  } catch {
    return "(unknown)"; // It holds the lock but has not yet written who it is.
  }
}

/**
 * Fsyncs a directory and all above it. Else a power cut may lose the name of the file, or of a directory that it is in, and
 * with it everything that was acknowledged. Any of the directories may be new, made here or by an earlier start that was killed before it came to this.
 */
export function syncNames(directory: string): void {
  syncDirectory(directory);
  const parent = dirname(directory);
  if (parent === directory) return;
  try {
    syncNames(parent);
  } catch (error) {
    // Whoever may not read a directory has not made what it is in.
    if (!["EACCES", "EPERM"].includes(String((error as NodeJS.ErrnoException).code))) throw error;
  }
}

function syncDirectory(directory: string): void {
  const descriptor = openSync(directory, "r");
  try {
    fsyncSync(descriptor);
  } finally {
    closeSync(descriptor);
  }
}

function pragma(connection: DatabaseSync, name: string): unknown {
  const row = connection.prepare(name === "sqlite_version" ? "SELECT sqlite_version() AS value" : `PRAGMA ${name}`).get();
  return row === undefined ? undefined : Object.values(row)[0];
}
