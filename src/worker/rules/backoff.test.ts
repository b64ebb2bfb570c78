import assert from "node:assert/strict";
import { test } from "node:test";
import { HOUR_MS, MINUTE_MS } from "../../kernel/units.ts";
import { backoffMs, pauseMs, visibilitySeconds } from "./backoff.ts";

const LIMITS = { baseMs: 2000, capMs: 15 * MINUTE_MS };
const ALMOST_1 = 1 - Number.EPSILON;

test("the longest delay doubles with each receive, up to the cap", () => {
  const longest = [1, 2, 3, 4, 9, 10, 1000].map((receiveCount) => backoffMs(receiveCount, LIMITS, ALMOST_1) + 1);
  assert.deepEqual(longest, [2000, 4000, 8000, 16_000, 512_000, 900_000, 900_000]);
});

test("the jitter is full: chance alone decides between nothing and the longest delay", () => {
  assert.equal(backoffMs(3, LIMITS, 0), 0);
  assert.equal(backoffMs(3, LIMITS, 0.25), 2000);
});

test("a pause before asking an absent server again is at least half of its exponential, so chance cannot make it hot", () => {
  const limits = { baseMs: 100, capMs: 5000 };
  const pauses = [1, 2, 3, 6, 7, 100].map((failures) => [pauseMs(failures, limits, 0), pauseMs(failures, limits, ALMOST_1)]);
  assert.deepEqual(pauses, [
    [50, 100],
    [100, 200],
    [200, 400],
    [1600, 3200],
    [2500, 5000],
    [2500, 5000],
  ]);
});

test("a visibility is whole seconds and never shorter than what was asked for", () => {
  assert.deepEqual(
    [0, 1, 1000, 1001, 59_999].map((ms) => visibilitySeconds(ms, 0)),
    [0, 1, 1, 2, 60],
  );
});

test("a visibility ends before SQS's 12 hours from the receive do", () => {
  assert.equal(visibilitySeconds(12 * HOUR_MS, 0), 43_200 - 60);
  assert.equal(visibilitySeconds(15 * MINUTE_MS, 11 * HOUR_MS + 50 * MINUTE_MS), 9 * 60);
  assert.equal(visibilitySeconds(15 * MINUTE_MS, 13 * HOUR_MS), 0);
});
