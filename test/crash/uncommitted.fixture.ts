import { DatabaseSync, type StatementSync } from "node:sqlite";

/**
 * Loaded into the server before its own code (`node --import`), this makes an engine that answers before it commits: only
 * every eighth COMMIT is one. Everything works, nothing is lost, until the process is killed.
 */
const COMMITS_HELD = 8;

const exec = Reflect.get<DatabaseSync, "exec">(DatabaseSync.prototype, "exec");
let held = 0;
let serving = false;
DatabaseSync.prototype.exec = function (sql: string): void {
  if (sql === "BEGIN IMMEDIATE") {
    serving = true;
    if (held > 0) return;
  }
  if (sql === "COMMIT" && serving) {
    held = (held + 1) % COMMITS_HELD;
    if (held > 0) return;
  }
  if (sql === "ROLLBACK") held = 0;
  exec.call(this, sql);
};

// A transaction that is held open lets nobody fold the log; here it is as if nothing were ever in it.
const prepare = Reflect.get<DatabaseSync, "prepare">(DatabaseSync.prototype, "prepare");
DatabaseSync.prototype.prepare = function (sql: string): StatementSync {
  return prepare.call(this, sql.includes("wal_checkpoint") ? "SELECT 0 AS busy, 0 AS log, 0 AS checkpointed" : sql);
};
