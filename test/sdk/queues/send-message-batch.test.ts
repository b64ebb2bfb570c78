import assert from "node:assert/strict";
import { onBothProtocols } from "./harness.ts";
import type { Actions } from "./protocols.ts";
import { covers } from "../../contract/covers.ts";

const BATCHES = ["SendMessageBatch", "DeleteMessageBatch", "ChangeMessageVisibilityBatch"] as const;
/** Entries with these ids and whatever else an entry needs. */
function entries(ids: readonly string[]): Actions["SendMessageBatch"][0]["Entries"] & Actions["DeleteMessageBatch"][0]["Entries"] {
  return ids.map((Id) => ({ Id, MessageBody: "b", ReceiptHandle: "h", VisibilityTimeout: 0 }));
}

onBothProtocols("a batch that is wrong as a list is refused as a whole", async ({ queue, receive, refusal }) => {
  covers("sqs/4.3-no-queue", "sqs/4.3-empty", "sqs/4.3-empty-visibility", "sqs/4.3-too-many", "sqs/4.3-bad-id", "sqs/4.3-repeated-id");
  const QueueUrl = await queue();
  const eleven = Array.from({ length: 11 }, (_, index) => `id-${index}`);
  const prefix = "AWS.SimpleQueueService.";
  for (const batch of BATCHES) {
    const refused = (QueueUrl: string, ids: readonly string[]) => refusal(batch, { QueueUrl, Entries: entries(ids) });
    assert.equal((await refused("nowhere", [])).code, `${prefix}NonExistentQueue`);
    assert.deepEqual(await refused(QueueUrl, []), {
      code: `${prefix}EmptyBatchRequest`,
      status: 400,
      message: `There should be at least one ${batch}RequestEntry in the request.`,
    });
    assert.deepEqual(await refused(QueueUrl, eleven), {
      code: `${prefix}TooManyEntriesInBatchRequest`,
      status: 400,
      message: "Maximum number of entries per request are 10. You have sent 11.",
    });
    for (const id of ["", "a b", "x".repeat(81)]) {
      assert.deepEqual(await refused(QueueUrl, ["a", id]), {
        code: `${prefix}InvalidBatchEntryId`,
        status: 400,
        message: "A batch entry id can only contain alphanumeric characters, hyphens and underscores. It can be at most 80 letters long.",
      });
    }
    assert.deepEqual(await refused(QueueUrl, ["a", "b", "b", "a"]), {
      code: `${prefix}BatchEntryIdsNotDistinct`,
      status: 400,
      message: "Id b repeated.",
    });
  }
  assert.deepEqual(await receive(QueueUrl), []);
});

onBothProtocols("a batch is stored in its order and answered entry by entry", async ({ call, queue, bodies }) => {
  covers("sqs/4.3-answer", "sqs/1.2-in-send-batch");
  const QueueUrl = await queue();
  const MessageAttributes = { Hello: { DataType: "String", StringValue: "There" } };
  const { Successful, Failed } = await call("SendMessageBatch", {
    QueueUrl,
    Entries: [
      { Id: "one", MessageBody: "message" },
      { Id: "two", MessageBody: "2", MessageAttributes },
      { Id: "three", MessageBody: "3", DelaySeconds: 5 },
    ],
  });
  assert.equal(Failed, undefined);
  assert.deepEqual(
    Successful?.map(({ Id }) => Id),
    ["one", "two", "three"],
  );
  assert.equal(Successful?.[0]?.MD5OfMessageBody, "78e731027d8fd50ed642340b7c9a63b3");
  assert.equal(Successful?.[1]?.MD5OfMessageAttributes, "a311262e065454b75da111d535b8dacd");
  assert.equal(new Set(Successful?.map(({ MessageId }) => MessageId)).size, 3);
  assert.deepEqual(await bodies(QueueUrl), ["message", "2"]);
});

onBothProtocols("an entry that is wrong fails alone, in the words of AWS", async ({ call, queue, bodies }) => {
  covers("sqs/4.3-entry-too-long", "sqs/4.3-entry-forbidden", "sqs/4.3-entry-delay");
  const QueueUrl = await queue({ MaximumMessageSize: "1024" });
  const { Successful, Failed } = await call("SendMessageBatch", {
    QueueUrl,
    Entries: [
      { Id: "good", MessageBody: "good" },
      { Id: "long", MessageBody: "x".repeat(1025) },
      { Id: "character", MessageBody: "a\u0001" },
      { Id: "delay", MessageBody: "b", DelaySeconds: 901 },
      { Id: "also-good", MessageBody: "also good" },
    ],
  });
  assert.deepEqual(
    Successful?.map(({ Id }) => Id),
    ["good", "also-good"],
  );
  const byId = Object.fromEntries((Failed ?? []).map((failed) => [failed.Id, failed]));
  assert.deepEqual(byId["long"], {
    Id: "long",
    SenderFault: true,
    Code: "InvalidParameterValue",
    Message: "One or more parameters cannot be validated. Reason: Message must be shorter than 1024 bytes.",
  });
  assert.equal(byId["character"]?.Code, "InvalidMessageContents");
  assert.equal(byId["delay"]?.Message, "Value 901 for parameter DelaySeconds is invalid. Reason: DelaySeconds must be >= 0 and <= 900.");
  assert.deepEqual(await bodies(QueueUrl), ["good", "also good"]);
});

onBothProtocols("a batch in which every entry fails is still answered with 200", async ({ call, queue }) => {
  covers("sqs/4.3-answer");
  const answer = await call("SendMessageBatch", { QueueUrl: await queue(), Entries: [{ Id: "a", MessageBody: "\u0001" }] });
  assert.deepEqual(Object.keys(answer), ["Failed"]);
});

onBothProtocols("a batch has at most a mebibyte in all, whatever its queue allows", async ({ call, queue, refusal, bodies }) => {
  covers("sqs/4.3-sum-too-long", "sqs/4.3-sum-beyond-queue", "sqs/10-message-size");
  const QueueUrl = await queue({ MaximumMessageSize: "1024" });
  const half = "x".repeat(524_288);
  const { Failed } = await call("SendMessageBatch", { QueueUrl, Entries: ["a", "b"].map((Id) => ({ Id, MessageBody: half })) });
  assert.equal(Failed?.length, 2);
  const Entries = [
    { Id: "a", MessageBody: half },
    { Id: "b", MessageBody: `${half}x` },
  ];
  const tooLong = {
    code: "AWS.SimpleQueueService.BatchRequestTooLong",
    status: 400,
    message: "Batch requests cannot be longer than 1048576 bytes. You have sent 1048577 bytes.",
  };
  assert.deepEqual(await refusal("SendMessageBatch", { QueueUrl, Entries }), tooLong);
  assert.deepEqual(await refusal("SendMessageBatch", { QueueUrl, Entries: [{ Id: "a", MessageBody: `${half}${half}x` }] }), tooLong);
  assert.deepEqual(await bodies(QueueUrl), []);
});
