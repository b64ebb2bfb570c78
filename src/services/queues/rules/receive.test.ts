import assert from "node:assert/strict";
import { test } from "node:test";
import { receiveMessagesMax, receiveWaitMs } from "./receive.ts";

test("a receive asks for one message, or for 1 to 10", () => {
  assert.equal(receiveMessagesMax(undefined), 1);
  assert.equal(receiveMessagesMax(1), 1);
  assert.equal(receiveMessagesMax(10), 10);
  for (const count of [0, 11, -1, 1.5]) {
    assert.throws(() => receiveMessagesMax(count), {
      message: `Value ${count} for parameter MaxNumberOfMessages is invalid. Reason: Must be between 1 and 10, if provided.`,
    });
  }
});

test("a receive waits as long as the queue says, or for 0 to 20 s", () => {
  assert.equal(receiveWaitMs(undefined), undefined);
  assert.equal(receiveWaitMs(0), 0);
  assert.equal(receiveWaitMs(20), 20_000);
  for (const seconds of [21, -1]) {
    assert.throws(() => receiveWaitMs(seconds), {
      message: `Value ${seconds} for parameter WaitTimeSeconds is invalid. Reason: Must be >= 0 and <= 20, if provided.`,
    });
  }
});
