import type { DatabaseSync } from "node:sqlite";
import type { Problem } from "../storage.ts";
import type { StoreModule } from "./module.ts";
import { APPLICATION_ID, FORMAT } from "./open.ts";

/** What SQLite tells at most. */
const MESSAGES_MAX = 100;

const RESTORE = "Make a data directory of the newest backup from before the damage: millrace restore.";

/**
 * Whether a database file is whole, and such as this release works with.
 * @returns problems, and whether its tables can be looked at all the same.
 */
export function checkFile(connection: DatabaseSync, modules: readonly StoreModule[]): { problems: Problem[]; readable: boolean } {
  const format = formatProblem(connection, modules);
  if (format !== undefined) return { problems: [format], readable: false };
  const rows = connection.prepare(`PRAGMA integrity_check(${MESSAGES_MAX})`).all() as { integrity_check: string }[];
  const messages = rows.map(({ integrity_check: message }) => message).filter((message) => message !== "ok");
  return { problems: messages.map((message) => ({ what: `the database file is damaged: ${message}`, remedy: RESTORE })), readable: true };
}

function formatProblem(connection: DatabaseSync, modules: readonly StoreModule[]): Problem | undefined {
  const pragma = (name: string) => Object.values(connection.prepare(`PRAGMA ${name}`).get() ?? {})[0];
  if (pragma("application_id") !== APPLICATION_ID)
    return { what: "millrace.db is not a database of Millrace", remedy: "Name the directory that `millrace serve` has as --data." };
  const later = { what: "the data directory was written by a later release", remedy: "Check it with that release." };
  if (Number(pragma("user_version")) > FORMAT) return later;
  const version = connection.prepare("SELECT version FROM migration WHERE service = ?");
  for (const { service, migrations } of modules) {
    const { version: done } = (version.get(service) ?? { version: 0 }) as { version: number };
    if (done > migrations.length) return later;
    if (done < migrations.length)
      return {
        what: `the tables of ${service} are those of an earlier release`,
        remedy: "Start the server on it once, which brings them up to date, or check it with that release.",
      };
  }
  return undefined;
}
