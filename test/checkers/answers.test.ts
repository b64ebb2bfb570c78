import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { fromJsonLines, toJsonLines } from "./history.ts";
import { RULES } from "./rules.ts";
import { broken, crash, drain, receive, remove, send, up } from "./timeline.fixture.ts";

describe("answer", () => {
  test("none although the server was alive", () => {
    const cutOff = { ...send(100, "m1", { outcome: "unknown" }), broken: "socket hang up" };
    assert.deepEqual(broken(cutOff), ["answer"]);
    assert.deepEqual(broken(crash(50), up(80), cutOff), ["answer"]);
    assert.deepEqual(broken(crash(105), up(300), cutOff), []);
    assert.deepEqual(broken(crash(50), crash(70), up(120), cutOff), []);
  });

  test("one that is wrong by itself", () => {
    const problem = "500 InternalFailure";
    assert.deepEqual(broken({ ...send(0, "m1", { outcome: "unknown" }), problem }, drain(20)), ["answer"]);
  });
});

describe("unhealed", () => {
  const heal = { op: "heal", atMs: 0 } as const;
  const failed = { outcome: "refused", failed: "503 ServiceUnavailable" } as const;

  test("an operation that fails, or has no answer, long after the last fault", () => {
    assert.deepEqual(broken(heal, { ...send(11_000, "m1"), ...failed }), ["unhealed"]);
    assert.deepEqual(broken(heal, send(11_000, "m1", { outcome: "unknown" })), ["unhealed"]);
    assert.deepEqual(broken(heal, { ...send(9000, "m1"), ...failed }), []);
  });

  test("but not one that was over before, by the time of a server that has forgotten it", () => {
    assert.deepEqual(broken(send(11_000, "m1", { outcome: "unknown" }), crash(11_100), up(0), heal), []);
  });

  test("but not one that is refused for what it asks", () => {
    assert.deepEqual(broken(heal, remove(11_000, "m1", { outcome: "refused" })), []);
  });
});

describe("clock", () => {
  test("a start before the time of what was done", () => {
    assert.deepEqual(broken(send(5000, "m1"), crash(5100), up(3000), drain(6000, "m1 #1")), ["clock"]);
    assert.deepEqual(broken(receive(5000, []), crash(5100), up(3000)), []);
  });
});

describe("opened", () => {
  const facts = { journalMode: "wal", synchronous: 2, integrity: "ok", sqliteVersion: "3.53.0" };

  test("a database that is not whole, or not durable", () => {
    assert.deepEqual(broken({ ...up(0), facts }), []);
    assert.deepEqual(broken({ ...up(0), facts: { ...facts, synchronous: 1 } }), ["opened"]);
    assert.deepEqual(broken({ ...up(0), facts: { ...facts, integrity: "row 3 missing from index" } }), ["opened"]);
  });
});

test("a history is the same after it was written as JSON lines", () => {
  const history = [send(0, "m1"), receive(20, ["m1 #1"]), crash(50), up(80)];
  assert.deepEqual(fromJsonLines(toJsonLines(history)), history);
});

test("every rule says what it promises, and of which invariant it is a part", () => {
  for (const [rule, { invariants, promise }] of Object.entries(RULES))
    assert.ok(promise.length > 0 && invariants.every((id) => /^[DVFXRTMLSI]\d$/.test(id)), rule);
});
