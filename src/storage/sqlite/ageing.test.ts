import assert from "node:assert/strict";
import { test } from "node:test";
import { manualClock } from "../../kernel/clock.ts";
import { DAY_MS, HOUR_MS, MINUTE_MS } from "../../kernel/units.ts";
import { Ageing } from "./ageing.ts";
import { Figures } from "./figures.ts";

const THEN = Date.UTC(2026, 0, 10);

/** A start at which engine time had come to THEN and the wall clock says so much more. */
function start({ aheadMs, heldUntilMs = 0, highWaterMs = THEN }: { aheadMs: number; heldUntilMs?: number; highWaterMs?: number }) {
  const wall = manualClock(THEN + aheadMs);
  const clock = manualClock(Math.max(THEN, wall.nowMs()));
  const figures = new Figures();
  const kept: number[] = [];
  let offsetMs = 0;
  const wallMs = () => wall.nowMs() + offsetMs;
  const ageing = new Ageing({ clock, wallMs, highWaterMs, heldUntilMs, keep: (untilMs) => kept.push(untilMs), figures });
  return {
    ageing,
    clock,
    figures,
    kept,
    pass: (byMs: number) => {
      wall.advance(byMs);
      clock.advance(byMs);
    },
    setWall: (byMs: number) => void (offsetMs += byMs),
  };
}

test("nothing is held after a pause of up to a day, and none at the very first start", () => {
  assert.equal(start({ aheadMs: DAY_MS }).ageing.isHeld(), false);
  assert.equal(start({ aheadMs: 0 }).ageing.isHeld(), false);
  assert.equal(start({ aheadMs: 30 * DAY_MS, highWaterMs: 0 }).ageing.isHeld(), false);
});

test("after a longer one all is held for ten minutes of engine time", () => {
  const { ageing, figures, pass } = start({ aheadMs: DAY_MS + 1 });
  assert.equal(ageing.isHeld(), true);
  assert.equal(figures.get("storage.ageing_held"), 1);
  pass(10 * MINUTE_MS - 1);
  assert.equal(ageing.isHeld(), true);
  pass(1);
  assert.equal(ageing.isHeld(), false);
  assert.equal(figures.get("storage.ageing_held"), 0);
});

test("a clock that is set right during the hold, by more than a day, prolongs it for as long as engine time is ahead", () => {
  const { ageing, pass, setWall } = start({ aheadMs: 3650 * DAY_MS });
  setWall(-3650 * DAY_MS);
  pass(10 * MINUTE_MS);
  assert.equal(ageing.isHeld(), true);
  pass(10 * DAY_MS);
  assert.equal(ageing.isHeld(), true);
  setWall(3650 * DAY_MS);
  pass(10 * MINUTE_MS);
  assert.equal(ageing.isHeld(), false);
});

test("a wall clock that lies more than a day behind engine time holds all until it does not", () => {
  const { ageing, pass, setWall } = start({ aheadMs: -56 * 365 * DAY_MS });
  pass(HOUR_MS);
  assert.equal(ageing.isHeld(), true);
  setWall(56 * 365 * DAY_MS);
  pass(10 * MINUTE_MS);
  assert.equal(ageing.isHeld(), false);
});

test("a restart does not end a hold", () => {
  const first = start({ aheadMs: 2 * DAY_MS });
  const [heldUntilMs = 0] = first.kept;
  assert.equal(heldUntilMs, first.clock.nowMs() + 10 * MINUTE_MS);
  // Engine time was stored meanwhile: the gap is not seen any more.
  const highWaterMs = THEN + 2 * DAY_MS + 9 * MINUTE_MS;
  const again = start({ aheadMs: 2 * DAY_MS + 9 * MINUTE_MS, heldUntilMs, highWaterMs });
  assert.equal(again.ageing.isHeld(), true);
  again.pass(MINUTE_MS);
  assert.equal(again.ageing.isHeld(), false);
});
