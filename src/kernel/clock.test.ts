import assert from "node:assert/strict";
import { describe, test } from "node:test";
import fc from "fast-check";
import { manualClock, systemClock } from "./clock.ts";
import { holdProcess } from "./lifecycle.ts";

describe("the system clock", () => {
  test("never falls below the stored high-water mark, however far that is ahead of the wall clock", () => {
    const floorMs = Date.UTC(2126, 0, 1);
    const clock = systemClock(floorMs);
    const first = clock.nowMs();
    assert.ok(first >= floorMs, `${first} is before ${floorMs}`);
    assert.ok(clock.nowMs() >= first);
  });

  test("follows the wall clock where that is ahead", () => {
    const before = Date.now();
    const nowMs = systemClock(0).nowMs();
    assert.ok(nowMs >= before && nowMs <= Date.now() + 1);
  });

  test("gives whole milliseconds of engine time and fractions of monotonic time that do not go back", () => {
    const clock = systemClock();
    assert.ok(Number.isInteger(clock.nowMs()));
    const first = clock.monotonicMs();
    assert.ok(clock.monotonicMs() >= first);
  });

  test("calls back, and at once where the delay is negative", async () => {
    const clock = systemClock();
    const release = holdProcess(); // The clock's own timers do not keep a process alive.
    await new Promise<void>((resolve) => clock.after(-5, resolve));
    release();
  });

  test("does not fire at once for a delay that is longer than a timer can be", (t) => {
    t.mock.timers.enable({ apis: ["setTimeout"] });
    let fired = 0;
    systemClock().after(2 ** 40, () => (fired += 1));
    t.mock.timers.tick(1000);
    assert.equal(fired, 0);
  });

  test("does not call back after a cancel", (t) => {
    t.mock.timers.enable({ apis: ["setTimeout"] });
    let fired = 0;
    systemClock()
      .after(10, () => (fired += 1))
      .cancel();
    t.mock.timers.tick(1000);
    assert.equal(fired, 0);
  });
});

describe("the manual clock", () => {
  test("stands still until it is advanced", () => {
    const clock = manualClock(1000);
    assert.equal(clock.nowMs(), 1000);
    clock.advance(250);
    assert.equal(clock.nowMs(), 1250);
    assert.equal(clock.monotonicMs(), 1250);
  });

  test("fires what became due in the order of time, and shows each callback its own time", () => {
    const clock = manualClock(0);
    const fired: string[] = [];
    const note = (name: string) => () => fired.push(`${name}@${clock.nowMs()}`);
    clock.after(30, note("late"));
    clock.after(10, note("early"));
    clock.after(10, note("early too"));
    clock.after(31, note("not yet"));
    clock.advance(30);
    assert.deepEqual(fired, ["early@10", "early too@10", "late@30"]);
    assert.equal(clock.nowMs(), 30);
  });

  test("fires a timer that a callback set, when it is due within the same advance", () => {
    const clock = manualClock(0);
    const fired: number[] = [];
    const again = () => {
      fired.push(clock.nowMs());
      clock.after(10, again);
    };
    clock.after(10, again);
    clock.advance(35);
    assert.deepEqual(fired, [10, 20, 30]);
  });

  test("does not fire a cancelled timer, even one that an earlier callback of the same advance cancels", () => {
    const clock = manualClock(0);
    let fired = 0;
    const second = clock.after(20, () => (fired += 1));
    clock.after(10, () => second.cancel());
    clock.advance(100);
    assert.equal(fired, 0);
  });

  test("fires every timer exactly once, never early, whatever the steps", () => {
    const delays = fc.array(fc.integer({ min: 0, max: 1000 }), { maxLength: 20 });
    const steps = fc.array(fc.integer({ min: 0, max: 300 }), { maxLength: 20 });
    fc.assert(
      fc.property(delays, steps, (given, advances) => {
        const clock = manualClock(0);
        const fired: number[] = [];
        for (const delayMs of given)
          clock.after(delayMs, () => {
            assert.equal(clock.nowMs(), delayMs);
            fired.push(delayMs);
          });
        for (const byMs of advances) clock.advance(byMs);
        const due = given.filter((delayMs) => advances.length > 0 && delayMs <= clock.nowMs()).toSorted((a, b) => a - b);
        assert.deepEqual(fired, due);
      }),
    );
  });
});
