import assert from "node:assert/strict";
import { covers } from "../../contract/covers.ts";
import { onBothProtocols, type Scene } from "./harness.ts";

/** Sends so many messages of a tenant, ten at a time. */
async function sendOf(
  { call }: Scene,
  QueueUrl: string,
  { tenant: MessageGroupId, count }: { tenant: string; count: number },
): Promise<void> {
  for (let sent = 0; sent < count; sent += 10) {
    const entries = Math.min(10, count - sent);
    const Entries = Array.from({ length: entries }, (_, index) => ({ Id: `${index}`, MessageBody: MessageGroupId, MessageGroupId }));
    const { Failed } = await call("SendMessageBatch", { QueueUrl, Entries });
    assert.equal(Failed, undefined);
  }
}

onBothProtocols("while a noisy tenant holds a queue, others are served first; with nobody else it is served at once", async (scene) => {
  covers("sqs/8-quiet-first", "sqs/8-never-blocked", "sqs/8-group-on-standard");
  const { queue, receive, bodies } = scene;
  const QueueUrl = await queue();
  await sendOf(scene, QueueUrl, { tenant: "busy", count: 60 });
  for (let received = 0; received < 30; received += 10) await receive(QueueUrl);
  await sendOf(scene, QueueUrl, { tenant: "calm", count: 2 });
  const [first, second, third] = await receive(QueueUrl, { MaxNumberOfMessages: 3 });
  assert.deepEqual([first?.Body, second?.Body, third?.Body], ["calm", "calm", "busy"]);
  assert.equal(first?.Attributes?.MessageGroupId, "calm");
  assert.equal(first.Attributes.SequenceNumber, undefined);
  assert.deepEqual(
    await bodies(QueueUrl),
    Array.from({ length: 10 }, () => "busy"),
  );
});

onBothProtocols("messages without groups come oldest first, however many are in flight", async (scene) => {
  covers("sqs/8-own-tenant");
  const { queue, send, receive, bodies } = scene;
  const QueueUrl = await queue();
  await sendOf(scene, QueueUrl, { tenant: "calm", count: 1 });
  await send(QueueUrl, ...Array.from({ length: 41 }, (_, number) => `${number}`));
  for (let received = 0; received < 41; received += 10) await receive(QueueUrl);
  await sendOf(scene, QueueUrl, { tenant: "calm", count: 1 });
  await send(QueueUrl, "last");
  assert.deepEqual(await bodies(QueueUrl), ["calm", "last"]);
});

onBothProtocols("deleting, hiding, purging and counting know nothing of tenants", async (scene) => {
  const { call, queue, receive, bodies, clock } = scene;
  const QueueUrl = await queue();
  await sendOf(scene, QueueUrl, { tenant: "busy", count: 50 });
  for (let received = 0; received < 40; received += 10) await receive(QueueUrl);
  const [one, two] = await receive(QueueUrl, { MaxNumberOfMessages: 2 });
  await call("DeleteMessage", { QueueUrl, ReceiptHandle: one?.ReceiptHandle });
  await call("ChangeMessageVisibility", { QueueUrl, ReceiptHandle: two?.ReceiptHandle, VisibilityTimeout: 0 });
  const counts = async () => {
    const AttributeNames = ["ApproximateNumberOfMessages" as const, "ApproximateNumberOfMessagesNotVisible" as const];
    return Object.values((await call("GetQueueAttributes", { QueueUrl, AttributeNames })).Attributes ?? {});
  };
  assert.deepEqual(await counts(), ["9", "40"]);
  clock.advance(30_000);
  assert.deepEqual(await counts(), ["49", "0"]);
  await call("PurgeQueue", { QueueUrl });
  assert.deepEqual(await counts(), ["0", "0"]);
  await sendOf(scene, QueueUrl, { tenant: "busy", count: 1 });
  assert.deepEqual(await bodies(QueueUrl), ["busy"]);
});
