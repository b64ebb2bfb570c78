import assert from "node:assert/strict";
import { test } from "node:test";
import { checkNewQueueName, isFifoQueueName, isQueueName } from "./queue-name.ts";
import { covers } from "../../../../test/contract/covers.ts";

test("a name has 1 to 80 letters, digits, hyphens and underscores", () => {
  covers("sqs/3.1-name", "sqs/10-names");
  for (const name of ["a", "A-b_9", "x".repeat(80)]) assert.ok(isQueueName(name), name);
  for (const name of ["", "x".repeat(81), "a b", "a/b", "a.b", "ä", "a\n", ".fifo", "a.FIFO"]) assert.ok(!isQueueName(name), name);
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

test("the name of a FIFO queue ends in .fifo, which counts towards its 80 characters", () => {
  for (const name of ["a.fifo", `${"x".repeat(75)}.fifo`]) {
    assert.ok(isQueueName(name) && isFifoQueueName(name), name);
    for (const value of ["true", "True"]) checkNewQueueName(name, value);
    assert.throws(() => checkNewQueueName(name, "false"), { message: /^Can only include alphanumeric/ });
  }
  for (const name of ["orders", ".fifo", "a.b.fifo", `${"x".repeat(76)}.fifo`]) {
    assert.throws(() => checkNewQueueName(name, "true"), {
      code: "InvalidParameterValueException",
      message:
        "The name of a FIFO queue can only include alphanumeric characters, hyphens, or underscores, must end with .fifo suffix and be 1 to 80 in length.",
    });
  }
  assert.ok(!isFifoQueueName("fifo"));
});
