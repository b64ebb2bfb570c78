import assert from "node:assert/strict";
import { setImmediate } from "node:timers/promises";
import { onBothProtocols, type Scene } from "./harness.ts";
import { covers } from "../../contract/covers.ts";

/** Long enough for a request to reach the engine and be parked there: until the server has answered a later one. */
async function untilParked({ call }: Scene, QueueUrl: string): Promise<void> {
  for (let turn = 0; turn < 5; turn += 1) {
    await call("ListQueueTags", { QueueUrl });
    await setImmediate();
  }
}

onBothProtocols("a waiting receive is answered by the next message, and not before", async (scene) => {
  covers("sqs/5.1-wake-send", "sqs/5.1-long-poll");
  const { queue, send, bodies, clock } = scene;
  const queueUrl = await queue();
  let answered = false;
  const waiting = bodies(queueUrl, { WaitTimeSeconds: 20 }).finally(() => (answered = true));
  await untilParked(scene, queueUrl);
  clock.advance(19_000);
  await untilParked(scene, queueUrl);
  assert.equal(answered, false);
  await send(queueUrl, "b");
  assert.deepEqual(await waiting, ["b"]);
});

onBothProtocols("a waiting receive that nothing comes for is answered with nothing when its time is over", async (scene) => {
  covers("sqs/1.1-empty-left-out");
  const { call, queue, clock } = scene;
  const QueueUrl = await queue();
  const waiting = call("ReceiveMessage", { QueueUrl, WaitTimeSeconds: 5 });
  await untilParked(scene, QueueUrl);
  clock.advance(5000);
  assert.deepEqual(await waiting, {});
});

onBothProtocols("the queue's own wait applies, unless the receive says 0", async (scene) => {
  covers("sqs/5.1-zero-beats-queue", "sqs/5.1-short-poll", "sqs/3.7-receive-wait");
  const { call, queue, send, bodies } = scene;
  const QueueUrl = await queue({ ReceiveMessageWaitTimeSeconds: "20" });
  assert.deepEqual(await call("ReceiveMessage", { QueueUrl, WaitTimeSeconds: 0 }), {});
  const waiting = bodies(QueueUrl);
  await untilParked(scene, QueueUrl);
  await send(QueueUrl, "b");
  assert.deepEqual(await waiting, ["b"]);
});

onBothProtocols("a waiting receive wakes when a delay ends", async (scene) => {
  covers("sqs/5.1-wake-delay");
  const { call, queue, bodies, clock } = scene;
  const QueueUrl = await queue();
  await call("SendMessage", { QueueUrl, MessageBody: "delayed", DelaySeconds: 3 });
  const waiting = bodies(QueueUrl, { WaitTimeSeconds: 20 });
  await untilParked(scene, QueueUrl);
  clock.advance(3000);
  assert.deepEqual(await waiting, ["delayed"]);
});

onBothProtocols("a waiting receive wakes when a visibility timeout ends", async (scene) => {
  covers("sqs/5.1-wake-visibility");
  const { queue, send, bodies, clock } = scene;
  const queueUrl = await queue({ VisibilityTimeout: "7" });
  await send(queueUrl, "b");
  assert.deepEqual(await bodies(queueUrl), ["b"]);
  const waiting = bodies(queueUrl, { WaitTimeSeconds: 20 });
  await untilParked(scene, queueUrl);
  clock.advance(7000);
  assert.deepEqual(await waiting, ["b"]);
});

onBothProtocols("a waiting receive wakes when another one shows its message again", async (scene) => {
  covers("sqs/5.1-wake-change");
  const { call, queue, send, receive, bodies } = scene;
  const QueueUrl = await queue();
  await send(QueueUrl, "b");
  const [held] = await receive(QueueUrl);
  const waiting = bodies(QueueUrl, { WaitTimeSeconds: 20 });
  await untilParked(scene, QueueUrl);
  await call("ChangeMessageVisibility", { QueueUrl, ReceiptHandle: held?.ReceiptHandle, VisibilityTimeout: 0 });
  assert.deepEqual(await waiting, ["b"]);
});

onBothProtocols("a waiting receive takes what is there and never waits to fill its batch", async (scene) => {
  covers("sqs/5.1-long-poll");
  const { call, queue, bodies } = scene;
  const QueueUrl = await queue();
  const waiting = bodies(QueueUrl, { WaitTimeSeconds: 20 });
  await untilParked(scene, QueueUrl);
  await call("SendMessageBatch", { QueueUrl, Entries: ["1", "2", "3"].map((Id) => ({ Id, MessageBody: Id })) });
  assert.deepEqual(await waiting, ["1", "2", "3"]);
});

onBothProtocols("each message wakes one waiting receive, the one that has waited longest", async (scene) => {
  const { queue, send, bodies, clock } = scene;
  const queueUrl = await queue();
  const first = bodies(queueUrl, { WaitTimeSeconds: 20, MaxNumberOfMessages: 1 });
  await untilParked(scene, queueUrl);
  const second = bodies(queueUrl, { WaitTimeSeconds: 20, MaxNumberOfMessages: 1 });
  await untilParked(scene, queueUrl);
  await send(queueUrl, "1");
  assert.deepEqual(await first, ["1"]);
  await send(queueUrl, "2");
  assert.deepEqual(await second, ["2"]);
  clock.advance(1);
});

onBothProtocols("a receive whose caller has gone takes no message", async (scene) => {
  covers("sqs/5.1-caller-gone");
  const { call, queue, send, receive } = scene;
  const QueueUrl = await queue();
  const leaving = new AbortController();
  const waiting = assert.rejects(call("ReceiveMessage", { QueueUrl, WaitTimeSeconds: 20 }, { signal: leaving.signal }), {
    name: "AbortError",
  });
  await untilParked(scene, QueueUrl);
  leaving.abort();
  await waiting;
  await untilParked(scene, QueueUrl);
  await send(QueueUrl, "b");
  const [message] = await receive(QueueUrl);
  assert.deepEqual([message?.Body, message?.Attributes?.ApproximateReceiveCount], ["b", "1"]);
});

onBothProtocols("a waiting receive is told when its queue is deleted", async (scene) => {
  covers("sqs/5.1-queue-deleted");
  const { call, queue, refusal } = scene;
  const QueueUrl = await queue();
  const waiting = refusal("ReceiveMessage", { QueueUrl, WaitTimeSeconds: 20 });
  await untilParked(scene, QueueUrl);
  await call("DeleteQueue", { QueueUrl });
  assert.equal((await waiting).code, "AWS.SimpleQueueService.NonExistentQueue");
});
