import assert from "node:assert/strict";
import { test } from "node:test";
import { checkNewQueueName, isQueueName } from "./queue-name.ts";
import { covers } from "../../../../test/contract/covers.ts";

test("a name has 1 to 80 letters, digits, hyphens and underscores", () => {
  covers("sqs/3.1-name", "sqs/10-names");
  for (const name of ["a", "A-b_9", "x".repeat(80)]) assert.ok(isQueueName(name), name);
  for (const name of ["", "x".repeat(81), "a b", "a/b", "a.b", "ä", "a\n", "orders.fifo"]) assert.ok(!isQueueName(name), name);
});

test("a name that no standard queue can have is refused in the words of AWS", () => {
  for (const name of ["a b", "a/b", "x".repeat(81), "orders.fifo"]) {
    assert.throws(() => checkNewQueueName(name, undefined), {
      code: "InvalidParameterValueException",
      message: "Can only include alphanumeric characters, hyphens, or underscores. 1 to 80 in length",
    });
  }
  assert.throws(() => checkNewQueueName("", undefined), { message: "Queue name cannot be empty" });
});

test("a FIFO queue is refused by name, however true is written", () => {
  for (const value of ["true", "True"]) {
    assert.throws(() => checkNewQueueName("orders.fifo", value), {
      code: "UnsupportedOperation",
      message: /FIFO queues are not supported/,
    });
  }
});
