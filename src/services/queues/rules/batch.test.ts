import assert from "node:assert/strict";
import { test } from "node:test";
import { checkBatch, checkBatchBytes, failedEntry } from "./batch.ts";
import { messageTooLongInBatch, receiptHandleIsInvalid } from "./errors.ts";
import { covers } from "../../../../test/contract/covers.ts";

const batchOf = (...ids: string[]) => ids.map((Id) => ({ Id }));
const check =
  (...ids: string[]) =>
  () =>
    checkBatch(batchOf(...ids), "SendMessageBatchRequestEntry");

test("a batch has one to ten entries", () => {
  const ten = ["0", "1", "2", "3", "4", "5", "6", "7", "8", "9"];
  check(...ten)();
  assert.throws(check(), { code: "EmptyBatchRequest" });
  assert.throws(check(...ten, "10"), {
    code: "TooManyEntriesInBatchRequest",
    message: "Maximum number of entries per request are 10. You have sent 11.",
  });
});

test("an id has 1 to 80 letters, digits, hyphens and underscores", () => {
  covers("sqs/4.3-bad-id", "sqs/10-names");
  check("A-b_9", "x".repeat(80))();
  for (const id of ["", "a b", "a.b", "ä", "x".repeat(81), "a\n"]) assert.throws(check("a", id), { code: "InvalidBatchEntryId" });
});

test("the first repetition that is met is named", () => {
  covers("sqs/4.3-repeated-id");
  const table: [ids: string[], repeated: string][] = [
    [["a", "a"], "a"],
    [["a", "b", "b", "a"], "b"],
    [["a", "b", "a", "b"], "a"],
  ];
  for (const [ids, repeated] of table)
    assert.throws(check(...ids), { code: "BatchEntryIdsNotDistinct", message: `Id ${repeated} repeated.` });
});

test("problems of the list are told in this order: too many, a wrong id, a repeated one", () => {
  covers("sqs/4.3-order", "sqs/11-batch-order");
  assert.throws(check(...Array.from({ length: 11 }, () => "a b")), { code: "TooManyEntriesInBatchRequest" });
  assert.throws(check("a", "a", "a b"), { code: "InvalidBatchEntryId" });
});

test("a batch has up to 1 MiB", () => {
  checkBatchBytes(1_048_576);
  assert.throws(() => checkBatchBytes(1_048_577), { code: "BatchRequestTooLong" });
});

test("a failed entry has the code of the Query protocol", () => {
  assert.deepEqual(failedEntry("a", messageTooLongInBatch(1024)), {
    Id: "a",
    SenderFault: true,
    Code: "InvalidParameterValue",
    Message: "One or more parameters cannot be validated. Reason: Message must be shorter than 1024 bytes.",
  });
  assert.equal(failedEntry("a", receiptHandleIsInvalid("h")).Code, "ReceiptHandleIsInvalid");
});
