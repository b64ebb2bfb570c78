import assert from "node:assert/strict";
import { onBothProtocols } from "./harness.ts";
import { covers } from "../../contract/covers.ts";

onBothProtocols(
  "a purge forgets what waits, is in flight or delayed, and nothing that is sent after it",
  async ({ call, clock, queue, send, receive, bodies }) => {
    covers("sqs/3.8-purges", "sqs/3.8-only-before");
    const QueueUrl = await queue();
    await send(QueueUrl, "in flight", "waiting");
    await receive(QueueUrl, { MaxNumberOfMessages: 1 });
    await call("SendMessage", { QueueUrl, MessageBody: "delayed", DelaySeconds: 5 });
    assert.deepEqual(await call("PurgeQueue", { QueueUrl }), {});
    await send(QueueUrl, "after");
    clock.advance(100_000);
    assert.deepEqual(await bodies(QueueUrl), ["after"]);
  },
);

onBothProtocols("a queue can be purged once a minute", async ({ call, clock, queue, refusal }) => {
  covers("sqs/3.8-in-progress");
  const QueueUrl = await queue();
  await call("PurgeQueue", { QueueUrl });
  clock.advance(59_999);
  assert.deepEqual(await refusal("PurgeQueue", { QueueUrl }), {
    code: "AWS.SimpleQueueService.PurgeQueueInProgress",
    status: 403,
    message: "Only one PurgeQueue operation on orders is allowed every 60 seconds.",
  });
  clock.advance(1);
  await call("PurgeQueue", { QueueUrl });
});
