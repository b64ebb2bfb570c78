import assert from "node:assert/strict";
import { onBothProtocols } from "./harness.ts";
import { covers } from "../../contract/covers.ts";

onBothProtocols("a batch of visibility changes answers each handle", async ({ call, queue, send, receive, bodies }) => {
  covers("sqs/4.3-answer", "sqs/5.4-range");
  const QueueUrl = await queue();
  await send(QueueUrl, "1", "2", "3");
  const [first, second, third] = await receive(QueueUrl);
  await call("DeleteMessage", { QueueUrl, ReceiptHandle: third?.ReceiptHandle });
  const { Successful, Failed } = await call("ChangeMessageVisibilityBatch", {
    QueueUrl,
    Entries: [
      { Id: "range", ReceiptHandle: first?.ReceiptHandle, VisibilityTimeout: 43_201 },
      { Id: "shown", ReceiptHandle: first?.ReceiptHandle, VisibilityTimeout: 0 },
      { Id: "hidden", ReceiptHandle: second?.ReceiptHandle, VisibilityTimeout: 100 },
      { Id: "gone", ReceiptHandle: third?.ReceiptHandle, VisibilityTimeout: 0 },
    ],
  });
  assert.deepEqual(Successful, [{ Id: "shown" }, { Id: "hidden" }]);
  assert.deepEqual(
    Failed?.map(({ Id, Code }) => [Id, Code]),
    [
      ["range", "InvalidParameterValue"],
      ["gone", "InvalidParameterValue"],
    ],
  );
  assert.deepEqual(await bodies(QueueUrl), ["1"]);
});

onBothProtocols("an entry of a batch without a VisibilityTimeout fails alone, as older SDKs for Go send it for 0", async (queues) => {
  covers("sqs/5.4-missing");
  const QueueUrl = await queues.queue();
  await queues.send(QueueUrl, "1");
  const [message] = await queues.receive(QueueUrl);
  const { ReceiptHandle } = message!; // One was sent.
  const Entries = [
    { Id: "with", ReceiptHandle, VisibilityTimeout: 60 },
    { Id: "without", ReceiptHandle },
  ];
  const { Successful, Failed } = await queues.call("ChangeMessageVisibilityBatch", { QueueUrl, Entries });
  assert.deepEqual(Successful, [{ Id: "with" }]);
  const Message = "The request must contain the parameter ChangeMessageVisibilityBatchRequestEntry.2.VisibilityTimeout.";
  assert.deepEqual(Failed, [{ Id: "without", Code: "MissingParameter", Message, SenderFault: true }]);
});
