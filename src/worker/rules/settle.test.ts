import assert from "node:assert/strict";
import { test } from "node:test";
import { errorText, isExhausted, releaseMs, settlementOf, type Outcome, type Settlement, type SettleLimits } from "./settle.ts";

const WITH: SettleLimits = {
  receivesMax: 5,
  backoff: { baseMs: 2000, capMs: 900_000 },
  hasDeadLetterQueue: true,
  withoutDeadLetterQueue: "return",
};
const WITHOUT: SettleLimits = { ...WITH, hasDeadLetterQueue: false };
const DELETE: SettleLimits = { ...WITHOUT, withoutDeadLetterQueue: "delete" };

const FAILED: Outcome = { is: "failed", error: new TypeError("boom") };
const REJECTED: Outcome = { is: "rejected", reason: "not a jpeg", issues: [] };
const ISSUES = [{ message: "expected a number", path: "width" }];
const exhausted = { cause: "exhausted", reason: "TypeError: boom", issues: [] } as const;
const rejected = { cause: "rejected", reason: "not a jpeg", issues: [] } as const;

const TABLE: [string, Outcome, number, SettleLimits, Settlement][] = [
  ["done → its outputs are published and it is deleted", { is: "done" }, 1, WITH, { do: "publish-and-delete" }],
  ["done at the last receive is done", { is: "done" }, 5, WITH, { do: "publish-and-delete" }],
  ["failed at receive 1 → back after half of 2 s", FAILED, 1, WITH, { do: "return", delayMs: 1000, as: "retried" }],
  ["failed at receive 4 → back after half of 16 s", FAILED, 4, WITH, { do: "return", delayMs: 8000, as: "retried" }],
  ["failed at receive 5 of 5 → dead letter", FAILED, 5, WITH, { do: "dead-letter", death: exhausted }],
  [
    "failed at receive 5, no queue for it → back after the cap",
    FAILED,
    5,
    WITHOUT,
    { do: "return-dead", death: exhausted, delayMs: 900_000 },
  ],
  ["failed at receive 5, no queue for it, told to delete → deleted", FAILED, 5, DELETE, { do: "delete-dead", death: exhausted }],
  ["rejected at receive 1 → dead letter now", REJECTED, 1, WITH, { do: "dead-letter", death: rejected }],
  ["rejected, no queue for it → back after the cap", REJECTED, 1, WITHOUT, { do: "return-dead", death: rejected, delayMs: 900_000 }],
  [
    "invalid → dead letter with its issues",
    { is: "invalid", issues: ISSUES },
    1,
    WITH,
    { do: "dead-letter", death: { cause: "invalid", reason: "the body does not fit the input's schema", issues: ISSUES } },
  ],
  ["later → back after just that", { is: "later", delayMs: 123_456 }, 1, WITH, { do: "return", delayMs: 123_456, as: "retried" }],
  [
    "later at the last receive → dead letter: a return is a receive like any other",
    { is: "later", delayMs: 1 },
    5,
    WITH,
    { do: "dead-letter", death: { cause: "exhausted", reason: "asked to be retried later", issues: [] } },
  ],
  ["unfinished at a stop → back at once, with jitter", { is: "unfinished" }, 5, WITH, { do: "return", delayMs: 1000, as: "released" }],
  ["lost → nothing is done to it", { is: "lost", because: new Error("lost") }, 1, WITH, { do: "leave" }],
  [
    "received too often and never settled → dead letter",
    { is: "exhausted" },
    6,
    WITH,
    { do: "dead-letter", death: { cause: "exhausted", reason: "received 6 times and never settled", issues: [] } },
  ],
];

for (const [sentence, outcome, receiveCount, limits, settlement] of TABLE) {
  test(sentence, () => assert.deepEqual(settlementOf(outcome, { receiveCount, fraction: 0.5 }, limits), settlement));
}

test("a message beyond its receives is not run, unless there is nowhere to put it", () => {
  assert.deepEqual(
    [isExhausted(5, WITH), isExhausted(6, WITH), isExhausted(6, DELETE), isExhausted(6, WITHOUT)],
    [false, true, true, false],
  );
});

test("a release has up to two seconds of jitter, in whole seconds", () => {
  assert.deepEqual([0, 0.33, 0.34, 0.67, 0.999].map(releaseMs), [0, 0, 1000, 2000, 2000]);
});

test("an error without a text is its name", () => {
  assert.equal(errorText(new RangeError("")), "RangeError");
});
