import assert from "node:assert/strict";
import { test } from "node:test";
import { manualClock, type Clock } from "../../kernel/clock.ts";
import { seededRandom } from "../../kernel/random.ts";
import { Deadlines, type Deadline } from "./deadlines.ts";

interface Named extends Deadline {
  readonly name: string;
}

const ending = (name: string, untilMs: number): Named => ({ name, untilMs, index: 0, order: 0 });

/** Deadlines with what was over so far, and how many timers their clock was asked for. */
function scene() {
  const clock = manualClock(0);
  let timers = 0;
  const counting: Clock = {
    ...clock,
    after(delayMs, callback) {
      timers += 1;
      return clock.after(delayMs, callback);
    },
  };
  const over: string[] = [];
  const deadlines = new Deadlines<Named>(counting, ({ name }) => over.push(`${name} at ${clock.nowMs()}`));
  return { clock, deadlines, over, timers: () => timers };
}

test("each deadline is over at its own time, those of one time in the order in which they were added", () => {
  const { clock, deadlines, over } = scene();
  for (const [name, untilMs] of [
    ["late", 30],
    ["first", 20],
    ["second", 20],
    ["early", 10],
  ] as const)
    deadlines.add(ending(name, untilMs));
  clock.advance(9);
  assert.deepEqual(over, []);
  clock.advance(100);
  assert.deepEqual(over, ["early at 10", "first at 20", "second at 20", "late at 30"]);
});

test("one that was removed is never over, and removing it again changes nothing", () => {
  const { clock, deadlines, over } = scene();
  const [gone, stays, alone] = [ending("gone", 10), ending("stays", 10), ending("alone", 40)];
  deadlines.add(gone);
  deadlines.add(stays);
  deadlines.remove(gone);
  deadlines.remove(gone);
  clock.advance(20);
  deadlines.remove(stays);
  deadlines.add(alone);
  deadlines.remove(alone);
  clock.advance(100);
  assert.deepEqual(over, ["stays at 10"]);
});

test("ten thousand that end in the order in which they came need a timer for each time, not for each of them", () => {
  const { clock, deadlines, over, timers } = scene();
  for (let index = 0; index < 10_000; index += 1) deadlines.add(ending(String(index), 20_000 + Math.floor(index / 1000)));
  assert.equal(timers(), 1);
  clock.advance(30_000);
  assert.equal(over.length, 10_000);
  assert.equal(timers(), 10);
});

test("whatever is added and removed meanwhile, what is over is what a list of all would say", () => {
  for (let seed = 1; seed <= 50; seed += 1) {
    const random = seededRandom(seed);
    const { clock, deadlines, over } = scene();
    let all: Named[] = [];
    const expected: string[] = [];
    for (let step = 0; step < 300; step += 1) {
      const chance = random.fraction();
      if (chance < 0.5) {
        const deadline = ending(String(step), clock.nowMs() + Math.floor(random.fraction() * 50));
        all.push(deadline);
        deadlines.add(deadline);
      } else if (chance < 0.75 && all.length > 0) {
        const [removed] = all.splice(Math.floor(random.fraction() * all.length), 1);
        if (removed !== undefined) deadlines.remove(removed);
      } else {
        const untilMs = clock.nowMs() + Math.floor(random.fraction() * 20);
        const due = all.filter((deadline) => deadline.untilMs <= untilMs).sort((a, b) => a.untilMs - b.untilMs || a.order - b.order);
        expected.push(...due.map((deadline) => `${deadline.name} at ${deadline.untilMs}`));
        all = all.filter((deadline) => deadline.untilMs > untilMs);
        clock.advance(untilMs - clock.nowMs());
      }
    }
    assert.deepEqual(over, expected, `seed ${seed}`);
  }
});
