import assert from "node:assert/strict";
import { onBothProtocols } from "./harness.ts";
import { covers } from "../../contract/covers.ts";

onBothProtocols("a batch of deletes answers each handle", async ({ call, clock, queue, send, receive, bodies }) => {
  covers("sqs/5.3-batch", "sqs/4.3-entry-handle", "sqs/4.3-answer");
  const QueueUrl = await queue();
  await send(QueueUrl, "1", "2", "3");
  const [first, second] = await receive(QueueUrl);
  const { Successful, Failed } = await call("DeleteMessageBatch", {
    QueueUrl,
    Entries: [
      { Id: "bad", ReceiptHandle: "garbage" },
      { Id: "first", ReceiptHandle: first?.ReceiptHandle },
      { Id: "second", ReceiptHandle: second?.ReceiptHandle },
    ],
  });
  assert.deepEqual(Successful, [{ Id: "first" }, { Id: "second" }]);
  assert.deepEqual(Failed, [
    {
      Id: "bad",
      SenderFault: true,
      Code: "ReceiptHandleIsInvalid",
      Message: 'The input receipt handle "garbage" is not a valid receipt handle.',
    },
  ]);
  clock.advance(30_000);
  assert.deepEqual(await bodies(QueueUrl), ["3"]);
});
