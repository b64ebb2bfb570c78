import assert from "node:assert/strict";
import { onBothProtocols } from "./harness.ts";
import { covers } from "../../contract/covers.ts";

onBothProtocols("a queue shows all its attributes as strings, or those asked for, or none", async ({ call, clock, queue }) => {
  covers("sqs/3.6-no-names", "sqs/3.6-all", "sqs/3.6-fifo-names-on-standard", "sqs/3.7-facts", "sqs/1.3-arn");
  const createdMs = clock.nowMs();
  const QueueUrl = await queue({ VisibilityTimeout: "60" });
  const { Attributes } = await call("GetQueueAttributes", { QueueUrl, AttributeNames: ["All"] });
  const seconds = String(Math.floor(createdMs / 1000));
  assert.deepEqual(Attributes, {
    QueueArn: "arn:aws:sqs:us-east-1:000000000000:orders",
    CreatedTimestamp: seconds,
    LastModifiedTimestamp: seconds,
    ApproximateNumberOfMessages: "0",
    ApproximateNumberOfMessagesNotVisible: "0",
    ApproximateNumberOfMessagesDelayed: "0",
    DelaySeconds: "0",
    MaximumMessageSize: "1048576",
    MessageRetentionPeriod: "345600",
    ReceiveMessageWaitTimeSeconds: "0",
    VisibilityTimeout: "60",
    SqsManagedSseEnabled: "true",
  });
  assert.deepEqual(await call("GetQueueAttributes", { QueueUrl }), {});
  const asked = await call("GetQueueAttributes", { QueueUrl, AttributeNames: ["VisibilityTimeout", "FifoQueue", "Policy"] });
  assert.deepEqual(asked, { Attributes: { VisibilityTimeout: "60" } });
});

onBothProtocols("counts tell exactly what waits, is in flight and is delayed", async ({ call, clock, queue, send, receive }) => {
  covers("sqs/5.5-counts");
  const QueueUrl = await queue({ VisibilityTimeout: "100" });
  const counts = async () => {
    const { Attributes } = await call("GetQueueAttributes", { QueueUrl, AttributeNames: ["All"] });
    return [
      Attributes?.ApproximateNumberOfMessages,
      Attributes?.ApproximateNumberOfMessagesNotVisible,
      Attributes?.ApproximateNumberOfMessagesDelayed,
    ].map(Number);
  };
  await send(QueueUrl, "1", "2", "3", "4");
  await call("SendMessage", { QueueUrl, MessageBody: "5", DelaySeconds: 50 });
  assert.deepEqual(await counts(), [4, 0, 1]);
  const [first, second] = await receive(QueueUrl, { MaxNumberOfMessages: 2 });
  assert.deepEqual(await counts(), [2, 2, 1]);
  await call("DeleteMessage", { QueueUrl, ReceiptHandle: first?.ReceiptHandle });
  assert.deepEqual(await counts(), [2, 1, 1]);
  clock.advance(50_000);
  assert.deepEqual(await counts(), [3, 1, 0]);
  await call("ChangeMessageVisibility", { QueueUrl, ReceiptHandle: second?.ReceiptHandle, VisibilityTimeout: 0 });
  assert.deepEqual(await counts(), [4, 0, 0]);
});

onBothProtocols("an unknown attribute cannot be asked for", async ({ queue, refusal }) => {
  covers("sqs/3.6-unknown", "sqs/2-text-unknown-attribute");
  const QueueUrl = await queue();
  // @ts-expect-error The type allows known names only.
  assert.deepEqual(await refusal("GetQueueAttributes", { QueueUrl, AttributeNames: ["Foo"] }), {
    code: "InvalidAttributeName",
    status: 400,
    message: "Unknown Attribute Foo.",
  });
});
