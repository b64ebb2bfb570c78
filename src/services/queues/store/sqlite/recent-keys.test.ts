import assert from "node:assert/strict";
import { test } from "node:test";
import * as fc from "fast-check";
import { seededRandom } from "../../../../kernel/random.ts";
import { RecentKeys } from "./recent-keys.ts";

const SECOND = 1000;
const MINUTE = 60 * SECOND;

test("a key is found in every row where it was put, the newest first, and is its scope's own", () => {
  const keys = new RecentKeys(seededRandom(1));
  keys.add(7, "a", { row: 10, atMs: 0 });
  keys.add(7, "b", { row: 11, atMs: 0 });
  keys.add(7, "a", { row: 500, atMs: MINUTE });
  assert.deepEqual(keys.rows(7, "a"), [500, 10]);
  assert.deepEqual(keys.rows(7, "b"), [11]);
  assert.deepEqual(keys.rows(8, "a"), []);
});

test("what was put is found, however much there is, and little else", () => {
  const keys = new RecentKeys(seededRandom(2));
  const count = 150_000;
  for (let row = 1; row <= count; row += 1) keys.add(1, `group ${row}`, { row, atMs: row });
  let others = 0;
  for (let row = 1; row <= count; row += 1) {
    const rows = keys.rows(1, `group ${row}`);
    assert.ok(rows.includes(row), `row ${row}`);
    others += rows.length - 1;
  }
  assert.ok(others < 50, `${others} keys share a hash`);
  assert.equal(keys.size, count);
});

test("it forgets by generations of at most half a minute", () => {
  const keys = new RecentKeys(seededRandom(3));
  for (let row = 1; row <= 600; row += 1) keys.add(1, `k${row}`, { row, atMs: row * SECOND });
  keys.drop(300 * SECOND);
  assert.ok(keys.size >= 300 && keys.size < 330, String(keys.size));
  assert.deepEqual(keys.rows(1, "k301"), [301]);
  assert.deepEqual(keys.rows(1, "k200"), []);
  keys.drop(600 * SECOND);
  assert.equal(keys.size, 0);
});

test("whatever the keys, all of their rows are found", () => {
  fc.assert(
    fc.property(fc.array(fc.tuple(fc.nat(3), fc.string()), { maxLength: 200 }), (put) => {
      const keys = new RecentKeys(seededRandom(4));
      put.forEach(([scope, key], row) => keys.add(scope, key, { row: row + 1, atMs: row * SECOND }));
      for (const [scope, key] of put) {
        const found = keys.rows(scope, key);
        const missed = put.flatMap(([otherScope, other], row) =>
          otherScope === scope && other === key && !found.includes(row + 1) ? [row + 1] : [],
        );
        assert.deepEqual(missed, []);
      }
    }),
  );
});
