import { createHash } from "node:crypto";
import { closeSync, existsSync, openSync, readSync } from "node:fs";
import { DatabaseSync } from "node:sqlite";
import { pathToFileURL } from "node:url";
import { MIB } from "../../../kernel/units.ts";
import type { StoreModule } from "../module.ts";
import { CannotOpen } from "../open.ts";

/** What a database file is known by, once nobody writes to it any more. */
export interface DatabaseDescription {
  readonly bytes: number;
  /** Of the file, in hex. */
  readonly sha256: string;
  /** Rows by table. */
  readonly rows: Readonly<Record<string, number>>;
}

/** Reads a whole file that nobody has open. */
export function describeDatabase(file: string): DatabaseDescription {
  const connection = openStill(file);
  const rows = rowsOf(connection);
  connection.close();
  return { ...digestOf(file), rows };
}

/**
 * A connection to a database that nobody writes to: nothing is made beside the file, and nothing is locked. Its log must
 * have been folded in: a log that is there is passed over.
 */
export function openStill(file: string): DatabaseSync {
  return new DatabaseSync(`${pathToFileURL(file).href}?immutable=1`, { readOnly: true });
}

/** Folds the log of a database that nobody uses into its file, as closing it does. Does nothing where there is no log. */
export function foldLog(file: string): void {
  if (!existsSync(`${file}-wal`)) return;
  const connection = new DatabaseSync(file);
  connection.exec("PRAGMA synchronous = FULL; PRAGMA fullfsync = ON; PRAGMA checkpoint_fullfsync = ON");
  connection.prepare("PRAGMA wal_checkpoint(TRUNCATE)").get();
  connection.close();
}

/**
 * Changes what must be different in a database that was taken back to an earlier moment.
 * @throws {CannotOpen} it was written by a later release, which alone knows what that is.
 */
export function tellRestored(file: string, modules: readonly StoreModule[]): void {
  const connection = new DatabaseSync(file);
  try {
    connection.exec("PRAGMA synchronous = FULL; PRAGMA fullfsync = ON; PRAGMA checkpoint_fullfsync = ON");
    const version = connection.prepare("SELECT version FROM migration WHERE service = ?");
    for (const { service, migrations, onRestored } of modules) {
      const { version: done } = (version.get(service) ?? { version: 0 }) as { version: number };
      if (done > migrations.length)
        throw new CannotOpen("The backup is of a server of a later release; restore it with the millrace of that release.");
      if (onRestored !== undefined && done > 0) connection.exec(onRestored);
    }
  } finally {
    connection.close(); // Folds its log into the file.
  }
}

function rowsOf(connection: DatabaseSync): Record<string, number> {
  const tables = connection.prepare("SELECT name FROM sqlite_schema WHERE type = 'table' AND name NOT LIKE 'sqlite_%' ORDER BY name").all();
  const count = (name: string) => connection.prepare(`SELECT count(*) AS rows FROM "${name}"`).get() as { rows: number };
  return Object.fromEntries((tables as { name: string }[]).map(({ name }) => [name, count(name).rows]));
}

function digestOf(file: string): { bytes: number; sha256: string } {
  const digest = createHash("sha256");
  const buffer = Buffer.allocUnsafe(MIB);
  const descriptor = openSync(file, "r");
  let bytes = 0;
  for (let read = 1; read > 0; bytes += read) {
    read = readSync(descriptor, buffer, 0, MIB, null);
    digest.update(buffer.subarray(0, read));
  }
  closeSync(descriptor);
  return { bytes, sha256: digest.digest("hex") };
}
