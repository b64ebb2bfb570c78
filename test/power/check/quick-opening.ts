import fs from "node:fs";
import { syncBuiltinESMExports } from "node:module";
import { DatabaseSync, type SQLInputValue, type StatementSync } from "node:sqlite";

/**
 * Loaded before the engine, this leaves out what costs most of an opening and decides nothing about what is found: an
 * engine prepares some three hundred statements, of which a look at a small directory needs thirty; and an fsync in
 * memory makes nothing safer, but one of the directories above it is a real one.
 */
const prepare = Reflect.get<DatabaseSync, "prepare">(DatabaseSync.prototype, "prepare");

class LazyStatement {
  readonly #connection: DatabaseSync;
  readonly #sql: string;
  #arrays = false;
  #statement: StatementSync | undefined;

  constructor(connection: DatabaseSync, sql: string) {
    this.#connection = connection;
    this.#sql = sql;
  }

  setReturnArrays(arrays: boolean): void {
    this.#arrays = arrays;
  }

  get(...values: SQLInputValue[]): unknown {
    return this.#prepared().get(...values);
  }

  all(...values: SQLInputValue[]): unknown[] {
    return this.#prepared().all(...values);
  }

  run(...values: SQLInputValue[]): unknown {
    return this.#prepared().run(...values);
  }

  #prepared(): StatementSync {
    if (this.#statement === undefined) {
      this.#statement = prepare.call(this.#connection, this.#sql);
      if (this.#arrays) this.#statement.setReturnArrays(true);
    }
    return this.#statement;
  }
}

DatabaseSync.prototype.prepare = function (sql: string): StatementSync {
  return new LazyStatement(this, sql) as unknown as StatementSync;
};

fs.fsyncSync = () => {};
syncBuiltinESMExports();
