import { hash } from "node:crypto";
import { readFileSync } from "node:fs";
import { DatabaseSync } from "node:sqlite";

/** By which a start has its log folded into the database, before anything else is done to that. */
const FOLDS = "PRAGMA wal_checkpoint(PASSIVE)";

/** A start has ended early: what it would have come to is known. */
class KnownBefore<T> extends Error {
  readonly what: T;

  constructor(what: T) {
    super("the start has folded its log into a database that was looked at before");
    this.what = what;
  }
}

const exec = Reflect.get<DatabaseSync, "exec">(DatabaseSync.prototype, "exec");

/**
 * Has a start end when it has folded its log into the database, where it is known what it would come to: most crash states
 * of a log recover to the same few contents, and what a start does from there on depends on the content alone.
 * @param file the database. @param known is told what the content is called, and says what is known of it.
 * @returns what the start has made, or what was known.
 * @throws a log that was not folded in whole.
 */
export function startUnlessKnown<S, T>(
  start: () => S,
  { file, known }: { file: string; known: (content: string) => T | undefined },
): { started: S } | { known: T } {
  let hasFolded = false;
  DatabaseSync.prototype.exec = function (sql: string): void {
    exec.call(this, sql);
    if (sql !== FOLDS) return;
    hasFolded = true;
    const what = known(contentOf(this, file));
    if (what === undefined) return;
    this.close();
    throw new KnownBefore(what);
  };
  try {
    const started = start();
    if (!hasFolded) throw new TypeError(`a start does not fold its log by "${FOLDS}" any more`);
    return { started };
  } catch (error) {
    if (error instanceof KnownBefore) return { known: error.what as T };
    throw error;
  } finally {
    DatabaseSync.prototype.exec = exec;
  }
}

/** Names what the database is now that its log was folded into it. */
function contentOf(connection: DatabaseSync, path: string): string {
  const folded = connection.prepare(FOLDS).get() as { log: number; checkpointed: number } | undefined;
  if (folded === undefined || folded.log !== folded.checkpointed)
    throw new Error("the start has not folded the whole log into the database");
  return hash("sha1", readFileSync(path));
}
