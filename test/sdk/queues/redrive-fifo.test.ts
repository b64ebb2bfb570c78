import assert from "node:assert/strict";
import { covers } from "../../contract/covers.ts";
import { arnOf, redrivePolicy } from "./dead-letters.ts";
import { onFifoQueue, type FifoScene } from "./fifo.ts";

/** The FIFO queue of the test, with a dead-letter queue: one receive is enough. */
async function withDeadLetters({ call, queue, QueueUrl }: FifoScene): Promise<string> {
  const dead = await queue({ FifoQueue: "true" }, "dead.fifo");
  await call("SetQueueAttributes", { QueueUrl, Attributes: redrivePolicy("dead.fifo") });
  return dead;
}

onFifoQueue("a message that is given up lets its group go on with the next one, in the same receive", async (scene) => {
  covers("sqs/7.2-fifo-goes-on");
  const { clock, sent, received, bodies } = scene;
  const dead = await withDeadLetters(scene);
  await sent("g1-m1", "g1-m2", "g2-m1");
  assert.equal(await received({ max: 1 }), "g1-m1");
  assert.equal(await received(), "g2-m1", "g1 is locked");
  clock.advance(30_000);
  await sent("g2-m2");
  assert.equal(await received({ max: 1 }), "g1-m2");
  assert.equal(await received(), "g2-m2");
  assert.deepEqual(await bodies(dead), ["g1-m1", "g2-m1"]);
});

onFifoQueue("a receive that finds nothing but messages that are given up answers with none", async (scene) => {
  covers("sqs/7.2-moves-on-receive");
  const { clock, sent, received, counts, bodies } = scene;
  const dead = await withDeadLetters(scene);
  await sent("g1-m1", "g1-m2", "g2-m1");
  await received();
  clock.advance(30_000);
  assert.equal(await received(), "");
  assert.equal(await counts(), "0/0/0");
  assert.deepEqual(await bodies(dead), ["g1-m1", "g1-m2", "g2-m1"]);
});

onFifoQueue("what is given up keeps its group and its order, and is known by its own id from then on", async (scene) => {
  covers("sqs/7.2-kept", "sqs/7.2-fifo-dedup");
  const { call, clock, QueueUrl, receive, refusal } = scene;
  const dead = await withDeadLetters(scene);
  const send = (url: string, MessageBody: string) =>
    call("SendMessage", { QueueUrl: url, MessageBody, MessageGroupId: "g1", MessageDeduplicationId: "same" });
  const { MessageId } = await send(QueueUrl, "poison");
  await send(dead, "sent to the dead-letter queue");
  const [first] = await receive(QueueUrl, { VisibilityTimeout: 0 });
  clock.advance(1000);
  assert.deepEqual(await receive(QueueUrl), []);
  const [sentThere, moved] = await receive(dead);
  assert.equal(sentThere?.Attributes?.MessageDeduplicationId, "same");
  assert.deepEqual([moved?.MessageId, moved?.Attributes?.MessageDeduplicationId], [MessageId, MessageId]);
  assert.equal(moved?.Attributes?.MessageGroupId, "g1");
  assert.equal(moved?.Attributes?.ApproximateReceiveCount, "2");
  assert.equal(moved?.Attributes?.DeadLetterQueueSourceArn, arnOf("orders.fifo"));
  const numbers = [first, sentThere, moved].map((message) => message?.Attributes?.SequenceNumber ?? "");
  assert.deepEqual(numbers, numbers.toSorted());
  assert.equal(new Set(numbers).size, 3);
  assert.equal((await send(QueueUrl, "again")).MessageId, MessageId, "the source goes on telling duplicates");
  const standard = await refusal("SetQueueAttributes", {
    QueueUrl: await scene.queue({}, "standard"),
    Attributes: redrivePolicy("dead.fifo"),
  });
  assert.match(standard.message, /Reason: Dead-letter queue must be same type of queue as the source\.\.$/);
});

onFifoQueue("in a FIFO dead-letter queue the retention begins anew", async (scene) => {
  covers("sqs/7.2-retention");
  const { call, clock, QueueUrl, sent, received, receive } = scene;
  const dead = await withDeadLetters(scene);
  await call("SetQueueAttributes", { QueueUrl: dead, Attributes: { MessageRetentionPeriod: "60" } });
  await sent("g1-m1");
  await received({ VisibilityTimeout: 0 });
  clock.advance(50_000);
  await receive(QueueUrl);
  const movedMs = clock.nowMs();
  clock.advance(59_999);
  const [message] = await receive(dead, { VisibilityTimeout: 0 });
  assert.equal(message?.Attributes?.SentTimestamp, String(movedMs));
  clock.advance(1);
  assert.deepEqual(await receive(dead), []);
});

onFifoQueue("a move task brings groups back in their order, and leaves those of which a message is in flight", async (scene) => {
  covers("sqs/7.4-own-source", "sqs/7.4-limits");
  const { call, clock, QueueUrl, sent, received, receive, bodies } = scene;
  const dead = await withDeadLetters(scene);
  await sent("g1-m1", "g2-m1", "g1-m2", "g2-m2");
  await received({ VisibilityTimeout: 0 });
  await receive(QueueUrl);
  const [held] = await receive(dead, { MaxNumberOfMessages: 1, VisibilityTimeout: 600 });
  assert.equal(held?.Body, "g1-m1");
  await call("StartMessageMoveTask", { SourceArn: arnOf("dead.fifo") });
  clock.advance(2000);
  const [task] = (await call("ListMessageMoveTasks", { SourceArn: arnOf("dead.fifo") })).Results ?? [];
  assert.deepEqual([task?.Status, task?.ApproximateNumberOfMessagesMoved], ["COMPLETED", 2]);
  assert.equal(await received(), "g2-m1 g2-m2", "though their deduplication ids are known there");
  clock.advance(600_000);
  assert.deepEqual(await bodies(dead), ["g1-m1", "g1-m2"]);
});

onFifoQueue("queues that are each other's dead-letter queue lose nothing and let nobody spin", async (scene) => {
  covers("sqs/7.1-cycles");
  const { call, clock, QueueUrl, sent, received, bodies, counts } = scene;
  const dead = await withDeadLetters(scene);
  await call("SetQueueAttributes", { QueueUrl: dead, Attributes: redrivePolicy("orders.fifo") });
  await sent("g1-m1");
  await received({ VisibilityTimeout: 1 });
  const waiting = [bodies(QueueUrl, { WaitTimeSeconds: 5 }), bodies(dead, { WaitTimeSeconds: 5 })];
  for (let turn = 0; turn < 5; turn += 1) await call("ListQueueTags", { QueueUrl });
  clock.advance(1000);
  await counts();
  clock.advance(4000);
  assert.deepEqual(await Promise.all(waiting), [[], []]);
  const { Attributes } = await call("GetQueueAttributes", { QueueUrl: dead, AttributeNames: ["All"] });
  assert.equal(Number(Attributes?.ApproximateNumberOfMessages) + Number((await counts()).split("/")[0]), 1);
});

onFifoQueue("a FIFO queue can be its own dead-letter queue", async (scene) => {
  covers("sqs/7.1-cycles");
  const { call, QueueUrl, sent, received, counts } = scene;
  await call("SetQueueAttributes", { QueueUrl, Attributes: redrivePolicy("orders.fifo") });
  await sent("g1-m1", "g1-m2");
  assert.equal(await received({ max: 1, VisibilityTimeout: 0 }), "g1-m1");
  assert.equal(await received({ max: 1 }), "g1-m2");
  assert.equal(await received({ max: 1 }), "");
  assert.equal(await counts(), "1/1/0");
});
