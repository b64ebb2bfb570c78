import assert from "node:assert/strict";
import { test } from "node:test";
import type { Clock } from "../kernel/clock.ts";
import { Pulse } from "./pulse.ts";

/** A clock of a process that can stand still: its timers then fire late. */
function stoppableClock(): { clock: Clock; run: (ms: number) => void; stand: (ms: number) => void } {
  let nowMs = 0;
  let timer: { atMs: number; callback: () => void } | undefined;
  const clock: Clock = {
    nowMs: () => nowMs,
    monotonicMs: () => nowMs,
    after(delayMs, callback) {
      timer = { atMs: nowMs + delayMs, callback };
      return { cancel: () => (timer = undefined) };
    },
  };
  const fire = () => {
    const due = timer;
    if (due === undefined || due.atMs > nowMs) return;
    timer = undefined;
    due.callback();
  };
  return {
    clock,
    run: (ms) => {
      for (const untilMs = nowMs + ms; nowMs < untilMs; nowMs += 1) fire();
      fire();
    },
    stand: (ms) => (nowMs += ms),
  };
}

test("what arrives in a process that runs has arrived now", () => {
  const { clock, run } = stoppableClock();
  const pulse = new Pulse(clock, 100);
  run(1050);
  assert.equal(pulse.arrivedMs(), 1050);
});

test("what is read after a standstill may have arrived when it began, whichever is noticed first: the timer or the answer", () => {
  for (const isTimerFirst of [true, false]) {
    const { clock, run, stand } = stoppableClock();
    const pulse = new Pulse(clock, 100);
    run(1050);
    stand(5000);
    if (isTimerFirst) run(10);
    assert.equal(pulse.arrivedMs(), 1000);
    run(900);
    assert.equal(pulse.arrivedMs(), 1000, "and for a second more");
    run(200);
    assert.equal(pulse.arrivedMs(), clock.monotonicMs());
  }
});

test("a timer that is a little late is no standstill", () => {
  const { clock, run, stand } = stoppableClock();
  const pulse = new Pulse(clock, 100);
  run(1000);
  stand(150);
  assert.equal(pulse.arrivedMs(), 1150);
});
