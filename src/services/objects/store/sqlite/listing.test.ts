import assert from "node:assert/strict";
import { DatabaseSync } from "node:sqlite";
import { test } from "node:test";
import { Database, Statement } from "../../../../storage/sqlite/database.ts";
import type { ObjectOperations } from "../store.ts";
import { objectStore } from "./index.ts";

test("a listing by delimiter reads a few rows for each common prefix, however many keys share it", (context) => {
  const database = new Database(new DatabaseSync(":memory:"));
  for (const script of objectStore.migrations) database.exec(script);
  const store = objectStore.open(database, {
    run() {},
    nowMs: () => 0,
    wake() {},
    wakeAt() {},
    monotonicMs: () => 0,
    diskIsBehind: () => false,
    ageingHeld: () => false,
    report() {},
  }).operations as unknown as ObjectOperations;
  database.exec(`
    WITH RECURSIVE n (i) AS (SELECT 0 UNION ALL SELECT i + 1 FROM n WHERE i < 29999)
    INSERT INTO object (bucket, key, content, size, modified_ms, etag, checksum_algorithm, checksum_type, checksum, storage_class, parts, headers, metadata, tags)
    SELECT 1, CAST(format('%s/%06d', char(97 + i % 3), i) AS BLOB), i, 0, 0, 'e', 'CRC32', 'FULL_OBJECT', '', 'STANDARD', 0, '{}', '{}', '{}' FROM n`);
  let rows = 0;
  // oxlint-disable-next-line typescript/unbound-method -- Called below on each statement in turn.
  const { all } = Statement.prototype;
  context.mock.method(Statement.prototype, "all", function counted(this: Statement<unknown>, ...values: never[]) {
    const found = all.apply(this, values);
    rows += found.length;
    return found;
  });
  const list = (prefix: string, limit: number) => store.listObjects({ bucketId: 1, prefix, delimiter: "/", from: undefined, limit });

  assert.deepEqual(list("", 1000).entries, [{ commonPrefix: "a/" }, { commonPrefix: "b/" }, { commonPrefix: "c/" }]);
  assert.ok(rows <= 24, `${rows} rows were read for three prefixes over 30,000 keys`);
  rows = 0;
  assert.equal(list("a/", 10).entries.length, 10);
  assert.ok(rows <= 32, `${rows} rows were read for ten keys`);
});
