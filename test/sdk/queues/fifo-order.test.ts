import assert from "node:assert/strict";
import { covers } from "../../contract/covers.ts";
import { onFifoQueue } from "./fifo.ts";

onFifoQueue("a receive takes as many as it can from one group, then from the next", async ({ sent, received }) => {
  covers("sqs/6-fills-from-one-group");
  await sent("g1-m1", "g2-m1", "g1-m2", "g1-m3");
  assert.equal(await received(), "g1-m1 g1-m2 g1-m3 g2-m1");
});

onFifoQueue("while a message of a group is in flight, no other of that group is delivered", async ({ sent, received, deleted }) => {
  covers("sqs/6-group-locked");
  await sent("g1-m1", "g1-m2");
  assert.equal(await received({ max: 1 }), "g1-m1");
  assert.equal(await received(), "");
  await sent("g1-m3");
  assert.equal(await received(), "", "later sends do not change that");
  await sent("g2-m1");
  assert.equal(await received(), "g2-m1");
  await deleted("g1-m1");
  assert.equal(await received(), "g1-m2 g1-m3");
});

onFifoQueue("a group is free when all that was received of it is deleted", async ({ sent, received, deleted }) => {
  covers("sqs/6-partly-deleted");
  await sent("g1-m1", "g1-m2", "g1-m3", "g1-m4", "g2-m1", "g2-m2", "g3-m1");
  assert.equal(await received({ max: 2 }), "g1-m1 g1-m2");
  await deleted("g1-m1");
  assert.equal(await received(), "g2-m1 g2-m2 g3-m1", "still locked");
});

onFifoQueue("a free group goes on where it was", async ({ sent, received, deleted }) => {
  covers("sqs/6-all-deleted");
  await sent("g1-m1", "g1-m2", "g1-m3", "g1-m4", "g2-m1", "g2-m2", "g3-m1");
  await received({ max: 2 });
  await deleted("g1-m1", "g1-m2");
  const bodies = (await received()).split(" ");
  assert.equal(bodies.length, 5);
  assert.deepEqual(
    bodies.filter((body) => body.startsWith("g1")),
    ["g1-m3", "g1-m4"],
  );
  assert.deepEqual(
    bodies.filter((body) => body.startsWith("g2")),
    ["g2-m1", "g2-m2"],
  );
});

onFifoQueue("when all received messages time out the group comes again from its oldest", async ({ clock, sent, received, deleted }) => {
  covers("sqs/6-all-expired");
  await sent("g1-m1", "g1-m2", "g1-m3");
  assert.equal(await received({ max: 2 }), "g1-m1 g1-m2");
  await deleted("g1-m1");
  clock.advance(30_000);
  assert.equal(await received(), "g1-m2 g1-m3");
});

onFifoQueue("a message shown again is delivered, what was received after it stays hidden", async ({ sent, received, hidden }) => {
  covers("sqs/6-partly-shown");
  await sent("g1-m1", "g1-m2", "g2-m1");
  assert.equal(await received({ max: 2 }), "g1-m1 g1-m2");
  await hidden("g1-m1", 0);
  assert.equal(await received(), "g2-m1 g1-m1");
  assert.equal(await received(), "");
});

onFifoQueue("so is one whose timeout ends earlier", async ({ clock, sent, received, hidden }) => {
  covers("sqs/6-partly-shown", "sqs/6-walk");
  await sent("g1-m1", "g1-m2", "g2-m1");
  assert.equal(await received({ max: 2 }), "g1-m1 g1-m2");
  await hidden("g1-m1", 10);
  clock.advance(10_000);
  assert.equal(await received(), "g2-m1 g1-m1");
  clock.advance(20_000);
  assert.equal(await received(), "", "g1-m2 waits behind g1-m1");
});

for (const [extended, expected] of [
  ["g1-foo", ""],
  ["g1-bar", "g1-foo"],
  ["g1-baz", "g1-foo g1-bar"],
] as const) {
  onFifoQueue(`where ${extended} stays hidden, only what stands before it comes again`, async ({ clock, sent, received, hidden }) => {
    covers("sqs/6-partly-extended");
    await sent("g1-foo", "g1-bar", "g1-baz");
    assert.equal(await received({ VisibilityTimeout: 1 }), "g1-foo g1-bar g1-baz");
    await hidden(extended, 30);
    clock.advance(1000);
    assert.equal(await received(), expected);
  });
}

onFifoQueue("a group that was served goes behind the untouched ones", async ({ sent, received }) => {
  covers("sqs/6-served-goes-behind");
  await sent("g1-m1", "g2-m1", "g2-m2", "g3-m1", "g1-m2");
  assert.equal(await received({ max: 3, VisibilityTimeout: 0 }), "g1-m1 g1-m2 g2-m1");
  assert.equal(await received(), "g3-m1 g1-m1 g1-m2 g2-m1 g2-m2");
});

onFifoQueue("a group that became empty takes messages again", async ({ sent, received, deleted }) => {
  covers("sqs/6-empty-group");
  await sent("g1-m1");
  await received();
  await deleted("g1-m1");
  assert.equal(await received(), "");
  await sent("g1-m2");
  assert.equal(await received(), "g1-m2");
});

onFifoQueue(
  "the queue's delay holds each message, and the oldest delays its group",
  async ({ clock, call, QueueUrl, sent, received, counts }) => {
    covers("sqs/6-delay");
    await sent("g1-m1", "g2-m1");
    clock.advance(5000);
    await sent("g1-m2");
    assert.deepEqual([await received(), await counts()], ["", "0/0/3"]);
    clock.advance(5000);
    assert.equal(await received({ VisibilityTimeout: 100 }), "g1-m1 g2-m1");
    clock.advance(5000);
    assert.equal(await received(), "", "g1-m2 is visible behind g1-m1");
    assert.equal(await counts(), "1/2/0");
    await call("SendMessage", { QueueUrl, MessageBody: "g3-m1", MessageGroupId: "g3", DelaySeconds: 0 });
    assert.equal(await received(), "", "a message's own 0 does not beat the queue's delay");
  },
  { DelaySeconds: "10" },
);

onFifoQueue("messages of a locked group that were not received count as visible", async ({ sent, received, counts }) => {
  covers("sqs/5.5-counts-fifo");
  await sent("g1-m1", "g1-m2", "g2-m1", "g2-m2", "g3-m1", "g3-m2");
  await received({ max: 2 });
  assert.equal(await counts(), "4/2/0");
});

onFifoQueue(
  "when the oldest message of a group expires, in flight or not, the group goes on",
  async ({ clock, sent, received, counts }) => {
    covers("sqs/6-walk");
    await sent("g1-m1", "g2-m1");
    assert.equal(await received({ max: 1, VisibilityTimeout: 600 }), "g1-m1");
    clock.advance(30_000);
    await sent("g1-m2", "g2-m2");
    clock.advance(30_000);
    assert.equal(await counts(), "2/0/0");
    assert.equal(await received(), "g2-m2 g1-m2");
  },
  { MessageRetentionPeriod: "60" },
);

onFifoQueue("a purge empties groups and frees them", async ({ call, QueueUrl, sent, received, deleted }) => {
  await sent("g1-m1", "g1-m2", "g2-m1");
  assert.equal(await received({ max: 1 }), "g1-m1");
  await call("PurgeQueue", { QueueUrl });
  assert.equal(await received(), "");
  await sent("g1-m3", "g1-m4");
  assert.equal(await received({ max: 1 }), "g1-m3");
  assert.equal(await received(), "");
  await deleted("g1-m1", "g1-m3");
  assert.equal(await received(), "g1-m4");
});
