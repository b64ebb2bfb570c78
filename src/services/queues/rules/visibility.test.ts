import assert from "node:assert/strict";
import { test } from "node:test";
import { HOUR_MS, SECOND_MS } from "../../../kernel/units.ts";
import { changedVisibilityMs, overLimit, receiveVisibilityMs, refusedChange } from "./visibility.ts";
import { covers } from "../../../../test/contract/covers.ts";

test("a message can be hidden for twelve hours in all since its receive", () => {
  covers("sqs/5.4-twelve-hours", "sqs/5.4-twelve-hours-boundary", "sqs/11-twelve-hours");
  const timeline: [elapsedMs: number, visibilityMs: number, refused: boolean][] = [
    [0, 12 * HOUR_MS, false],
    [999, 12 * HOUR_MS, false], // Only whole seconds count: the longest timeout can be asked for right after the receive.
    [1000, 12 * HOUR_MS, true],
    [1000, 12 * HOUR_MS - SECOND_MS, false],
    [11 * HOUR_MS, HOUR_MS, false],
    [11 * HOUR_MS, HOUR_MS + SECOND_MS, true],
    [13 * HOUR_MS, SECOND_MS, true],
    [13 * HOUR_MS, 0, false], // Showing it at once hides nothing.
  ];
  for (const [elapsedMs, visibilityMs, refused] of timeline) {
    assert.equal(overLimit(5000, 5000 + elapsedMs, visibilityMs), refused, `${visibilityMs} ms after ${elapsedMs} ms`);
  }
});

test("a timeout is a whole number of seconds from 0 to 43200", () => {
  assert.equal(changedVisibilityMs(0), 0);
  assert.equal(changedVisibilityMs(43_200), 12 * HOUR_MS);
  for (const seconds of [-1, 43_201, 1.5, Number.NaN]) {
    assert.throws(() => changedVisibilityMs(seconds), {
      message: `Value ${seconds} for parameter VisibilityTimeout is invalid. Reason: Must be between 0 and 43200.`,
    });
  }
});

test("a receive without VisibilityTimeout leaves it to the queue; one out of range is refused", () => {
  assert.equal(receiveVisibilityMs(undefined), undefined);
  assert.equal(receiveVisibilityMs(0), 0);
  assert.equal(receiveVisibilityMs(30), 30_000);
  assert.throws(() => receiveVisibilityMs(43_201), {
    message: "Value 43201 for parameter VisibilityTimeout is invalid. Reason: Must be >= 0 and <= 43200, if provided.",
  });
});

test("a change that was not made is answered by its reason", () => {
  assert.equal(refusedChange("changed", "h", 5), undefined);
  assert.equal(
    refusedChange("gone", "h", 5)?.message,
    "Value h for parameter ReceiptHandle is invalid. Reason: Message does not exist or is not available for visibility timeout change.",
  );
  assert.equal(refusedChange("foreign", "h", 5)?.code, "ReceiptHandleIsInvalid");
  assert.match(refusedChange("over-limit", "h", 5)?.message ?? "", /^Value 5 for parameter VisibilityTimeout/);
});
