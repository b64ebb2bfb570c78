import assert from "node:assert/strict";
import { test } from "node:test";
import { deduplicationKey } from "./fifo.ts";

const LONG = "x".repeat(128);

test("a message is remembered under its id, or its group and its id, and never under more than 64 characters", () => {
  assert.equal(deduplicationKey("id", "group", false), "id");
  assert.equal(deduplicationKey("id", "group", true), "group id");
  assert.equal(deduplicationKey("a".repeat(64), "group", false), "a".repeat(64));
  for (const key of [
    deduplicationKey(LONG, "group", false),
    deduplicationKey(LONG, LONG, true),
    deduplicationKey("a".repeat(59), "group", true),
  ])
    assert.match(key, /^ [\w-]{43}$/, "which no id and no group is like");
});

test("ids and groups that differ are remembered under different keys, however long they are", () => {
  const given = [
    ["id", "group", false],
    ["id", "other", true],
    [LONG, "group", false],
    [LONG, "group", true],
    [LONG, LONG, true],
    [`${LONG.slice(1)}y`, LONG, true],
    [LONG, `${LONG.slice(1)}y`, true],
  ] as const;
  const keys = given.map(([id, group, perGroup]) => deduplicationKey(id, group, perGroup));
  assert.equal(new Set(keys).size, given.length);
  assert.deepEqual(
    given.map(([id, group, perGroup]) => deduplicationKey(id, group, perGroup)),
    keys,
    "and the same ones under the same",
  );
});
