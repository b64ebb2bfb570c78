import assert from "node:assert/strict";
import { test } from "node:test";
import * as fc from "fast-check";
import { movableNow, nextAfter } from "./move-rate.ts";

/** Moves all that may go at each of the times. @returns how many went then. */
function movesAt(perSecond: number | undefined, timesMs: readonly number[]): number[] {
  let nextMs = 0;
  return timesMs.map((nowMs) => {
    const moved = movableNow({ perSecond, nextMs }, nowMs);
    nextMs = nextAfter({ perSecond, nextMs }, nowMs, moved);
    return moved;
  });
}

test("one message a second goes once a second, the first at once", () => {
  assert.deepEqual(movesAt(1, [0, 1, 999, 1000, 1001, 2000]), [1, 0, 0, 1, 0, 1]);
});

test("pieces that come late make up for it, a long pause does not", () => {
  assert.deepEqual(movesAt(100, [0, 50, 100, 250]), [1, 5, 5, 15]);
  assert.deepEqual(movesAt(100, [0, 60_000, 60_010]), [1, 21, 1]);
});

test("without a rate it is the highest that can be asked for", () => {
  assert.deepEqual(movesAt(undefined, [0, 100, 200]), [1, 50, 50]);
});

test("whenever it is asked, never more go than the rate and one moment allow", () => {
  const times = fc.array(fc.integer({ min: 0, max: 3000 }), { minLength: 1, maxLength: 60 });
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 500 }), times, (perSecond, steps) => {
      let nowMs = 0;
      const timesMs = steps.map((step) => (nowMs += step));
      const moves = movesAt(perSecond, timesMs);
      for (let from = 0; from < moves.length; from += 1) {
        let sum = 0;
        for (let to = from; to < moves.length; to += 1) {
          sum += moves[to] ?? 0;
          const elapsedMs = (timesMs[to] ?? 0) - (timesMs[from] ?? 0);
          assert.ok(sum <= ((elapsedMs + 200) * perSecond) / 1000 + 1.001, `${sum} in ${elapsedMs} ms`);
        }
      }
    }),
  );
});
