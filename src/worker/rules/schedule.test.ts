import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { HOUR_MS, MINUTE_MS } from "../../kernel/units.ts";
import { DUE_ATTRIBUTE, dueOf, scheduleStep, type ScheduleRecord } from "./schedule.ts";

/** Every full hour. */
const next = (afterMs: number) => (Math.floor(afterMs / HOUR_MS) + 1) * HOUR_MS;

/** Times in hours. */
const step = (record: Omit<ScheduleRecord, "run"> | undefined, now: number, more: { isOwn?: boolean; catchUp?: number } = {}) =>
  scheduleStep(record === undefined ? undefined : { ...record, run: "one" }, {
    nowMs: now * HOUR_MS,
    catchUpMs: (more.catchUp ?? 1) * HOUR_MS,
    next,
    isOwn: more.isOwn ?? false,
  });

const done = (hours: number) => ({ doneMs: hours * HOUR_MS });

describe("what is to be done about a schedule", () => {
  test("nobody has looked → it begins", () => assert.deepEqual(step(undefined, 5), { do: "begin" }));

  test("done 5 h, now 5 h → wait until 6 h", () => assert.deepEqual(step(done(5), 5), { do: "wait", untilMs: 6 * HOUR_MS }));

  test("done 5 h, now 6 h → send that of 6 h", () => assert.deepEqual(step(done(5), 6), { do: "send", dueMs: 6 * HOUR_MS, missed: 0 }));

  test("done 5 h, now 9.5 h → send that of 9 h alone; with more time to catch up, three are known to be missed", () => {
    assert.deepEqual(step(done(5), 9.5), { do: "send", dueMs: 9 * HOUR_MS, missed: 0 });
    assert.deepEqual(step(done(5), 9.5, { catchUp: 24 }), { do: "send", dueMs: 9 * HOUR_MS, missed: 3 });
  });

  test("done 5 h, now 6.5 h, half an hour to catch up → send it; a quarter → wait for the next", () => {
    assert.deepEqual(step(done(5), 6.5, { catchUp: 0.5 }), { do: "send", dueMs: 6 * HOUR_MS, missed: 0 });
    assert.deepEqual(step(done(5), 6.5, { catchUp: 0.25 }), { do: "wait", untilMs: 7 * HOUR_MS });
  });

  test("somebody sends that of 6 h → others wait until its time is over, it goes on itself, and that of 7 h is anybody's", () => {
    const sending = { ...done(5), sending: { dueMs: 6 * HOUR_MS, untilMs: 6 * HOUR_MS + MINUTE_MS } };
    assert.deepEqual(step(sending, 6), { do: "wait", untilMs: 6 * HOUR_MS + MINUTE_MS });
    assert.deepEqual(step(sending, 6, { isOwn: true }), { do: "send", dueMs: 6 * HOUR_MS, missed: 0 });
    assert.deepEqual(step(sending, 6.5), { do: "send", dueMs: 6 * HOUR_MS, missed: 0 });
    // That of 6 h may have been sent or not: nobody will look after it any more.
    assert.deepEqual(step(sending, 7), { do: "send", dueMs: 7 * HOUR_MS, missed: 1 });
  });

  test("never due again → nothing to wait for", () =>
    assert.deepEqual(scheduleStep({ ...done(5), run: "one" }, { nowMs: 6, catchUpMs: 1, next: () => undefined, isOwn: false }), {
      do: "wait",
      untilMs: undefined,
    }));
});

test("when a message was due is in an attribute, and in no other message", () => {
  assert.equal(dueOf({ [DUE_ATTRIBUTE]: { type: "Number", value: "1735689600000" } }), 1_735_689_600_000);
  assert.equal(dueOf({ [DUE_ATTRIBUTE]: { type: "String", value: "soon" } }), undefined);
  assert.equal(dueOf({}), undefined);
});
