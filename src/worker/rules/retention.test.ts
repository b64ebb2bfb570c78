import assert from "node:assert/strict";
import { test } from "node:test";
import { DAY_MS } from "../../kernel/units.ts";
import { isResting, keptMs, nextPage, REST_MS, ROUND_BEGINS } from "./retention.ts";

const days = (kept: ReadonlyMap<string, number>) => Object.fromEntries([...kept].map(([name, ms]) => [name, ms / DAY_MS]));

test("records are kept for a life more than the longest chain of stages that leads to theirs has", () => {
  const routes = [
    { from: "a", to: ["b", "c"] },
    { from: "b", to: ["c"] },
    { from: "c", to: ["d"] },
  ];
  // Routes in any order say the same.
  for (const given of [routes, routes.toReversed()])
    assert.deepEqual(days(keptMs(["a", "b", "c", "d", "alone"], given, 18 * DAY_MS)), { a: 36, b: 54, c: 72, d: 90, alone: 36 });
});

test("a circle of stages is as long as all stages", () => {
  const routes = [
    { from: "a", to: ["b"] },
    { from: "b", to: ["a"] },
  ];
  assert.deepEqual(days(keptMs(["a", "b"], routes, 18 * DAY_MS)), { a: 54, b: 54 });
});

test("a page is followed by the next of its stage, then by the next stage, then by nothing", () => {
  const stages = ["a", "b"];
  assert.deepEqual(nextPage(stages, { stage: "a", after: "" }, { isLast: false, lastKey: "k" }), { stage: "a", after: "k" });
  assert.deepEqual(nextPage(stages, { stage: "a", after: "k" }, { isLast: true, lastKey: "l" }), { stage: "b", after: "" });
  assert.equal(nextPage(stages, { stage: "b", after: "" }, { isLast: true, lastKey: "" }), undefined);
});

test("a round rests until the next day, and not for longer because a clock was wrong", () => {
  assert.equal(isResting(ROUND_BEGINS, 0), false);
  assert.equal(isResting({ ...ROUND_BEGINS, restUntilMs: REST_MS }, 1), true);
  assert.equal(isResting({ ...ROUND_BEGINS, restUntilMs: REST_MS }, REST_MS), false);
  assert.equal(isResting({ ...ROUND_BEGINS, restUntilMs: 3 * REST_MS }, 0), false);
});
