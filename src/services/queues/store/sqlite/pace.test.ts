import assert from "node:assert/strict";
import { test } from "node:test";
import type { EnginePort } from "../../../../storage/sqlite/module.ts";
import { Pace } from "./pace.ts";

/** Pieces of work that take so long a row, and how many rows each was given. */
function pieces(count: number, msPerRow: (piece: number) => number): number[] {
  let nowMs = 0;
  const pace = new Pace({ monotonicMs: () => nowMs } as EnginePort);
  return Array.from({ length: count }, (_, index) => {
    let given = 0;
    const more = pace.run((rowsMax) => {
      given = rowsMax;
      nowMs += rowsMax * msPerRow(index);
      return rowsMax;
    });
    assert.equal(more, true);
    return given;
  });
}

test("pieces grow, each at most to twice the one before, until they take five milliseconds", () => {
  assert.deepEqual(
    pieces(6, () => 0.001),
    [1000, 2000, 4000, 5000, 5000, 5000],
  );
});

test("pieces shrink, each at most to half of the one before, and are worth their fsync", () => {
  assert.deepEqual(
    pieces(3, () => 1),
    [1000, 500, 500],
  );
});

test("a piece that has waited for something else makes the next one smaller, not all", () => {
  assert.deepEqual(
    pieces(7, (piece) => (piece === 3 ? 1 : 0.001)),
    [1000, 2000, 4000, 5000, 2500, 5000, 5000],
  );
});

test("work that takes no time at all is done in bounded pieces all the same", () => {
  assert.equal(pieces(10, () => 0).at(-1), 16_000);
});

test("there is no more when a piece is not full", () => {
  const pace = new Pace({ monotonicMs: () => 0 } as EnginePort);
  assert.equal(
    pace.run((rowsMax) => rowsMax - 1),
    false,
  );
});
