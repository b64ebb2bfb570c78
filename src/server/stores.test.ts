import assert from "node:assert/strict";
import { test } from "node:test";
import { silentLogger } from "../kernel/logger.ts";
import { openDirectory } from "../storage/sqlite/open.ts";
import { storeModules } from "./stores.ts";

test("SQLite takes every statement of every store, although it is shown each only when it is first run", () => {
  const modules = storeModules({ coolDown: true, ownAccountAsked: false, masterKeys: [], ignoreLostKeys: false }, silentLogger);
  const opened = openDirectory(undefined, modules);
  const { database } = opened;
  const statements: string[] = [];
  const engine = {
    run: () => undefined,
    nowMs: () => 0,
    wake: () => {},
    wakeAt: () => {},
    monotonicMs: () => 0,
    diskIsBehind: () => false,
    ageingHeld: () => false,
    report: () => {},
  };
  for (const name of ["prepare", "prepareTuples"] as const) {
    const prepare = database[name].bind(database) as (sql: string) => never;
    database[name] = (sql: string) => {
      statements.push(sql);
      return prepare(sql);
    };
  }
  for (const module of modules) module.open(database, engine);
  assert.ok(statements.length > 100, `only ${statements.length} statements were seen`);
  for (const sql of statements) assert.doesNotThrow(() => database.exec(`EXPLAIN ${sql}`), sql);
  opened.close();
});
