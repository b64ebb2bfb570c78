import assert from "node:assert/strict";
import { covers } from "../../contract/covers.ts";
import { onFifoQueue } from "./fifo.ts";

const expired = (handle: string) => ({
  code: "InvalidParameterValue",
  status: 400,
  message: `Value ${handle} for parameter ReceiptHandle is invalid. Reason: The receipt handle has expired.`,
});

onFifoQueue("the latest handle deletes while the message is in flight, and again when it is gone", async (scene) => {
  covers("sqs/5.2-latest-delete-fifo", "sqs/5.2-deleted-delete-fifo");
  const { sent, received, deleted, counts } = scene;
  await sent("g1-m1");
  await received();
  await deleted("g1-m1");
  await deleted("g1-m1");
  assert.equal(await counts(), "0/0/0");
});

onFifoQueue("an expired handle is refused, and the message stays", async ({ clock, call, refusal, QueueUrl, sent, received, handle }) => {
  covers("sqs/5.2-expired-delete-fifo", "sqs/5.2-expired-delete-fifo-stays", "sqs/5.2-superseded-delete-fifo");
  await sent("g1-m1");
  await received();
  const ReceiptHandle = handle("g1-m1");
  clock.advance(30_000);
  assert.deepEqual(await refusal("DeleteMessage", { QueueUrl, ReceiptHandle }), expired(ReceiptHandle));
  assert.deepEqual(await refusal("ChangeMessageVisibility", { QueueUrl, ReceiptHandle, VisibilityTimeout: 5 }), expired(ReceiptHandle));
  assert.equal(await received(), "g1-m1");
  for (const VisibilityTimeout of [0, 5]) {
    const refused = await refusal("ChangeMessageVisibility", { QueueUrl, ReceiptHandle, VisibilityTimeout });
    assert.deepEqual(refused, expired(ReceiptHandle), "superseded");
  }
  assert.deepEqual(await refusal("DeleteMessage", { QueueUrl, ReceiptHandle }), expired(ReceiptHandle), "superseded");
  const { Failed } = await call("DeleteMessageBatch", { QueueUrl, Entries: [{ Id: "a", ReceiptHandle }] });
  assert.deepEqual(Failed, [{ Id: "a", SenderFault: true, Code: "ReceiptHandleIsInvalid", Message: "The receipt handle has expired" }]);
});

onFifoQueue("a receive with a timeout of 0 gives a handle that has expired", async ({ refusal, QueueUrl, sent, received, handle }) => {
  await sent("g1-m1");
  await received({ VisibilityTimeout: 0 });
  assert.equal((await refusal("DeleteMessage", { QueueUrl, ReceiptHandle: handle("g1-m1") })).code, "InvalidParameterValue");
});

onFifoQueue("a handle whose visibility was extended deletes after its first time is over", async (scene) => {
  covers("sqs/5.2-extended-fifo");
  const { clock, sent, received, hidden, deleted, counts } = scene;
  await sent("g1-m1");
  await received();
  await hidden("g1-m1", 60);
  clock.advance(45_000);
  await deleted("g1-m1");
  assert.equal(await counts(), "0/0/0");
});

onFifoQueue("a waiting receive is woken by whatever frees a group", async ({ clock, sent, received, deleted, hidden, counts }) => {
  covers("sqs/5.1-wake-group-freed");
  await sent("g1-m1", "g1-m2");
  await received({ max: 1 });
  const afterDelete = received({ WaitTimeSeconds: 20 });
  await counts();
  await deleted("g1-m1");
  assert.equal(await afterDelete, "g1-m2");
  const afterChange = received({ WaitTimeSeconds: 20 });
  await counts();
  await hidden("g1-m2", 0);
  assert.equal(await afterChange, "g1-m2");
  const afterTimeout = received({ WaitTimeSeconds: 20 });
  await counts();
  await hidden("g1-m2", 5);
  clock.advance(5000);
  assert.equal(await afterTimeout, "g1-m2");
});
