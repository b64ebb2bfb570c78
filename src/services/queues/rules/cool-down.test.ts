import assert from "node:assert/strict";
import { test } from "node:test";
import { nameRests, purgeRests } from "./cool-down.ts";

test("the name of a deleted queue rests for 60 s", () => {
  const timeline: [atMs: number, rests: boolean][] = [
    [0, true],
    [59_999, true],
    [60_000, false],
  ];
  for (const [atMs, rests] of timeline) assert.equal(nameRests(1000, 1000 + atMs), rests, `after ${atMs} ms`);
});

test("a queue rests for 60 s between two purges", () => {
  const timeline: [atMs: number, rests: boolean][] = [
    [0, true],
    [59_999, true],
    [60_000, false],
  ];
  for (const [atMs, rests] of timeline) assert.equal(purgeRests(1000, 1000 + atMs), rests, `after ${atMs} ms`);
});
