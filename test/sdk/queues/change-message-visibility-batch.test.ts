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
