import assert from "node:assert/strict";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { LAYERS } from "./layers.ts";
import { figuresOf, nextSeed, readLedger, totals, type Round } from "./ledger.ts";

const round = (layer: string, seed: number, changes: Partial<Round> = {}): Round => ({
  layer,
  seed,
  seeds: 10,
  date: "2026-11-21",
  commit: "abc",
  seconds: 1800,
  passed: true,
  figures: { events: 5 },
  ...changes,
});

test("a long run goes on with the first seed that was not played", () => {
  const rounds = [round("a", 100), round("a", 110), round("b", 500)];
  assert.equal(nextSeed(rounds, "a", 100), 120);
  assert.equal(nextSeed(rounds, "b", 100), 510);
  assert.equal(nextSeed(rounds, "c", 100), 100);
});

test("the ledger is read up to the line that a kill has cut", () => {
  const directory = mkdtempSync(join(tmpdir(), "millrace-ledger-"));
  const file = join(directory, "ledger");
  assert.deepEqual(readLedger(file), []);
  writeFileSync(file, `${JSON.stringify(round("a", 1))}\n{"layer":"a","se`);
  assert.deepEqual(readLedger(file), [round("a", 1)]);
  rmSync(directory, { recursive: true });
});

test("totals are summed by layer, and say of which seeds, days and commits they are", () => {
  const rounds = [round("a", 1), round("a", 11, { commit: "def", passed: false, figures: { events: 7 } })];
  assert.deepEqual(totals(rounds), ["a: 12 events; 2 rounds of 1.0 hours, 1 failed; seeds 1 to 20; 2026-11-21 at abc, def"]);
});

/** What each program says at its end. */
const SAID: Readonly<Record<string, readonly [said: string, figure: string, value: number]>> = {
  simulation: ['{"seeds":100,"events":7,"requests":1,"starts":3,"faults":4,"rules":[]}', "events", 7],
  "power cuts": ["61.0 s: 135988 crash states, 39497 distinct, losses 0, corrupt 0", "states", 135_988],
  "kill -9": ["60 kills; 12 sends acknowledged, 34 messages received, 5 deleted; no violation", "kills", 60],
  "kill -9, FIFO": ["60 kills; 7 messages of 3 groups acknowledged by 9 sends, 8 received; no violation", "received", 8],
  "shutdown, ext4": [
    "25 shutdowns of ext4, seed 1: 9 servers ended by themselves with exit code 1; 12 sends acknowledged, 34 messages received",
    "shutdowns",
    25,
  ],
};

test("what was done is read from what a layer says at its end, and from nothing less", () => {
  for (const [name, [said, figure, value]] of Object.entries(SAID)) {
    const figures = LAYERS.find((layer) => layer.name === name)?.figures ?? {};
    assert.equal(figuresOf(`before\n${said}\n`, figures)?.[figure], value, name);
    assert.equal(figuresOf("it went no further", figures), undefined, name);
  }
});
