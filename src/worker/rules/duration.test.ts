import assert from "node:assert/strict";
import { test } from "node:test";
import { durationMs, type Duration } from "./duration.ts";

const TABLE: [Duration, number][] = [
  [0, 0],
  [1500, 1500],
  ["250ms", 250],
  ["60s", 60_000],
  ["1.5m", 90_000],
  ["2h", 7_200_000],
];

for (const [value, ms] of TABLE) {
  test(`${JSON.stringify(value)} is ${ms} ms`, () => assert.equal(durationMs(value, "lease"), ms));
}

for (const value of [-1, Number.NaN, Number.POSITIVE_INFINITY, "60", "s", "1d", "-1s", " 1s"] as Duration[]) {
  test(`${String(value)} is not a duration, and the message names the option`, () => {
    assert.throws(() => durationMs(value, "lease"), /lease must be milliseconds/);
  });
}
