import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { covers } from "../../contract/covers.ts";
import { onFifoQueue, type FifoScene } from "./fifo.ts";

const MINUTE = 60_000;

/** Sends one message and answers what it was accepted as. */
function sendTo({ call, QueueUrl }: FifoScene, body: string, options: { id?: string; group?: string } = {}) {
  const { id, group = "g" } = options;
  return call("SendMessage", { QueueUrl, MessageBody: body, MessageGroupId: group, MessageDeduplicationId: id });
}

onFifoQueue("a duplicate is answered like the first message and not put into the queue", async (scene) => {
  covers("sqs/6-duplicate-succeeds", "sqs/4.1-sequence-number");
  const first = await sendTo(scene, "one", { id: "id" });
  const again = await sendTo(scene, "two", { id: "id" });
  assert.match(first.SequenceNumber ?? "", /^\d{20}$/);
  const md5 = createHash("md5").update("two").digest("hex");
  assert.deepEqual(again, { ...first, MD5OfMessageBody: md5 });
  assert.equal(await scene.received(), "one");
  assert.equal(await scene.counts(), "0/1/0");
});

onFifoQueue("an id is remembered for five minutes from the first send, received and deleted or not", async (scene) => {
  covers("sqs/6-dedup-window", "sqs/6-dedup-from-first", "sqs/6-dedup-after-delete", "sqs/6-dedup-in-flight");
  const { clock, received, deleted, counts } = scene;
  const first = await sendTo(scene, "one", { id: "id" });
  clock.advance(MINUTE);
  assert.equal((await sendTo(scene, "one", { id: "id" })).MessageId, first.MessageId, "waiting");
  assert.equal(await received(), "one");
  clock.advance(MINUTE / 4);
  assert.equal((await sendTo(scene, "one", { id: "id" })).MessageId, first.MessageId, "in flight");
  await deleted("one");
  clock.advance(4 * MINUTE - MINUTE / 4 - 1);
  assert.equal((await sendTo(scene, "one", { id: "id" })).MessageId, first.MessageId, "deleted");
  assert.equal(await counts(), "0/0/0");
  clock.advance(1);
  const next = await sendTo(scene, "one", { id: "id" });
  assert.notEqual(next.MessageId, first.MessageId);
  assert.ok((next.SequenceNumber ?? "") > (first.SequenceNumber ?? ""));
  assert.equal(await received(), "one");
});

onFifoQueue("a purge forgets what was accepted before it", async (scene) => {
  covers("sqs/6-dedup-purge", "sqs/3.8-forgets-deduplication");
  const { call, QueueUrl, clock, received } = scene;
  await sendTo(scene, "one", { id: "id" });
  await call("PurgeQueue", { QueueUrl });
  await sendTo(scene, "two", { id: "id" });
  await sendTo(scene, "three", { id: "id" });
  assert.equal(await received(), "two");
  for (let second = 0; second < 10; second += 1) clock.advance(1000);
  await sendTo(scene, "four", { id: "id" });
  assert.equal(await scene.counts(), "0/1/0", "remembered also when the purge has been swept up");
});

onFifoQueue("content is the body alone, and an explicit id beats it", async (scene) => {
  covers("sqs/6-dedup-content", "sqs/6-dedup-explicit", "sqs/5.1-dedup-id");
  const { call, QueueUrl, receive } = scene;
  const digest = createHash("sha256").update("body").digest("hex");
  const attributes = (value: string) => ({ MessageAttributes: { a: { DataType: "String", StringValue: value } } });
  const plain = await call("SendMessage", { QueueUrl, MessageBody: "body", MessageGroupId: "g", ...attributes("1") });
  const other = await call("SendMessage", { QueueUrl, MessageBody: "body", MessageGroupId: "g", ...attributes("2") });
  assert.equal(other.MessageId, plain.MessageId);
  assert.equal((await sendTo(scene, "another", { id: digest })).MessageId, plain.MessageId, "the digest is an id like any other");
  assert.notEqual((await sendTo(scene, "body", { id: "explicit" })).MessageId, plain.MessageId);
  const ids = (await receive(QueueUrl)).map(({ Attributes }) => Attributes?.MessageDeduplicationId);
  assert.deepEqual(ids, [digest, "explicit"]);
});

onFifoQueue("an id counts in the whole queue", async (scene) => {
  covers("sqs/6-dedup-scope-queue");
  const first = await sendTo(scene, "one", { id: "id", group: "g1" });
  assert.equal((await sendTo(scene, "two", { id: "id", group: "g2" })).MessageId, first.MessageId);
});

onFifoQueue(
  "with the scope messageGroup it counts within its group alone, whatever the throughput limit",
  async (scene) => {
    covers("sqs/6-dedup-scope-group");
    const first = await sendTo(scene, "one", { id: "id", group: "g1" });
    assert.notEqual((await sendTo(scene, "two", { id: "id", group: "g2" })).MessageId, first.MessageId);
    assert.equal((await sendTo(scene, "three", { id: "id", group: "g1" })).MessageId, first.MessageId);
    assert.equal(await scene.received(), "one two");
  },
  { DeduplicationScope: "messageGroup" },
);

for (const [created, changed] of [
  ["queue", "messageGroup"],
  ["messageGroup", "queue"],
] as const) {
  onFifoQueue(
    `the scope stays ${created} as the queue was created, though it reads back ${changed} when changed`,
    async (scene) => {
      covers("sqs/6-dedup-scope-changed");
      const { call, QueueUrl } = scene;
      await call("SetQueueAttributes", { QueueUrl, Attributes: { DeduplicationScope: changed } });
      const { Attributes } = await call("GetQueueAttributes", { QueueUrl, AttributeNames: ["DeduplicationScope"] });
      assert.equal(Attributes?.DeduplicationScope, changed);
      await sendTo(scene, "one", { id: "id", group: "g1" });
      await sendTo(scene, "two", { id: "id", group: "g2" });
      assert.equal(await scene.received(), created === "queue" ? "one" : "one two");
    },
    { DeduplicationScope: created },
  );
}

onFifoQueue("content-based deduplication can be switched and is in force at once", async (scene) => {
  covers("sqs/6-dedup-content-switched", "sqs/6-dedup-content-at-once");
  const { call, QueueUrl, refusal } = scene;
  const set = async (ContentBasedDeduplication: string) => {
    await call("SetQueueAttributes", { QueueUrl, Attributes: { ContentBasedDeduplication } });
    const { Attributes } = await call("GetQueueAttributes", { QueueUrl, AttributeNames: ["ContentBasedDeduplication"] });
    assert.equal(Attributes?.ContentBasedDeduplication, ContentBasedDeduplication);
  };
  await set("false");
  assert.equal((await refusal("SendMessage", { QueueUrl, MessageBody: "b", MessageGroupId: "g" })).code, "InvalidParameterValue");
  await set("true");
  await sendTo(scene, "b");
});

onFifoQueue("in a batch the second of two duplicates is answered like the first", async ({ call, QueueUrl, received }) => {
  const entry = (Id: string, MessageBody: string) => ({ Id, MessageBody, MessageGroupId: "g", MessageDeduplicationId: "id" });
  const { Successful = [] } = await call("SendMessageBatch", { QueueUrl, Entries: [entry("a", "one"), entry("b", "two")] });
  assert.equal(Successful.length, 2);
  assert.equal(Successful[0]?.MessageId, Successful[1]?.MessageId);
  assert.equal(Successful[0]?.SequenceNumber, Successful[1]?.SequenceNumber);
  assert.equal(await received(), "one");
});
