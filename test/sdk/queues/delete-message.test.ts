import assert from "node:assert/strict";
import { onBothProtocols } from "./harness.ts";
import { covers } from "../../contract/covers.ts";

onBothProtocols(
  "a deleted message never comes back, and deleting it again succeeds",
  async ({ call, clock, queue, send, receive, bodies }) => {
    covers("sqs/5.2-latest-delete", "sqs/5.2-deleted-delete", "sqs/1.1-without-output");
    const QueueUrl = await queue();
    await send(QueueUrl, "1", "2");
    const [message] = await receive(QueueUrl);
    const ReceiptHandle = message?.ReceiptHandle;
    assert.deepEqual(await call("DeleteMessage", { QueueUrl, ReceiptHandle }), {});
    await call("DeleteMessage", { QueueUrl, ReceiptHandle });
    clock.advance(30_000);
    assert.deepEqual(await bodies(QueueUrl), ["2"]);
  },
);

onBothProtocols("the handle of a receive whose timeout is over deletes", async ({ call, clock, queue, send, receive, bodies }) => {
  covers("sqs/5.2-expired-delete");
  const QueueUrl = await queue();
  await send(QueueUrl, "b");
  const [message] = await receive(QueueUrl);
  clock.advance(31_000);
  await call("DeleteMessage", { QueueUrl, ReceiptHandle: message?.ReceiptHandle });
  assert.deepEqual(await bodies(QueueUrl), []);
});

onBothProtocols("a handle that a newer receive has replaced deletes", async ({ call, clock, queue, send, receive, bodies }) => {
  covers("sqs/5.2-superseded-delete", "sqs/11-superseded-delete");
  const QueueUrl = await queue();
  await send(QueueUrl, "b");
  const [older] = await receive(QueueUrl);
  clock.advance(31_000);
  const [newer] = await receive(QueueUrl);
  await call("DeleteMessage", { QueueUrl, ReceiptHandle: older?.ReceiptHandle });
  await call("DeleteMessage", { QueueUrl, ReceiptHandle: newer?.ReceiptHandle });
  clock.advance(31_000);
  assert.deepEqual(await bodies(QueueUrl), []);
});

onBothProtocols(
  "a message whose timeout was extended is deleted with the handle of its receive",
  async ({ call, clock, queue, send, receive, bodies }) => {
    covers("sqs/5.2-extended");
    const QueueUrl = await queue();
    await send(QueueUrl, "b");
    const [message] = await receive(QueueUrl);
    const ReceiptHandle = message?.ReceiptHandle;
    await call("ChangeMessageVisibility", { QueueUrl, ReceiptHandle, VisibilityTimeout: 100 });
    clock.advance(50_000);
    await call("DeleteMessage", { QueueUrl, ReceiptHandle });
    clock.advance(100_000);
    assert.deepEqual(await bodies(QueueUrl), []);
  },
);

onBothProtocols("a handle that is garbage, or of another queue, is refused with 404", async ({ call, queue, send, receive, refusal }) => {
  covers("sqs/5.2-garbage", "sqs/5.2-other-queue", "sqs/2-text-bad-handle");
  const QueueUrl = await queue();
  const other = await queue({}, "other");
  await send(other, "b");
  const [foreign] = await receive(other);
  const cut = foreign?.ReceiptHandle?.slice(0, -1);
  for (const ReceiptHandle of ["garbage", cut, foreign?.ReceiptHandle]) {
    const message = `The input receipt handle "${ReceiptHandle}" is not a valid receipt handle.`;
    assert.deepEqual(await refusal("DeleteMessage", { QueueUrl, ReceiptHandle }), { code: "ReceiptHandleIsInvalid", status: 404, message });
  }
  await call("DeleteMessage", { QueueUrl: other, ReceiptHandle: foreign?.ReceiptHandle });
});

onBothProtocols(
  "the handle of a queue that was deleted means nothing in its successor",
  async ({ call, clock, queue, send, receive, refusal, bodies }) => {
    const QueueUrl = await queue();
    await send(QueueUrl, "old");
    const [old] = await receive(QueueUrl);
    await call("DeleteQueue", { QueueUrl });
    clock.advance(60_000);
    await queue();
    await send(QueueUrl, "new");
    assert.equal((await refusal("DeleteMessage", { QueueUrl, ReceiptHandle: old?.ReceiptHandle })).code, "ReceiptHandleIsInvalid");
    assert.deepEqual(await bodies(QueueUrl), ["new"]);
  },
);

onBothProtocols("the queue is looked for before the handle, and a missing handle is missed", async ({ queue, refusal }) => {
  covers("sqs/1.3-queue-before-handle", "sqs/5.3-missing-handle");
  const QueueUrl = await queue();
  assert.equal(
    (await refusal("DeleteMessage", { QueueUrl: "nowhere", ReceiptHandle: "garbage" })).code,
    "AWS.SimpleQueueService.NonExistentQueue",
  );
  assert.deepEqual(await refusal("DeleteMessage", { QueueUrl, ReceiptHandle: undefined }), {
    code: "MissingParameter",
    status: 400,
    message: "The request must contain the parameter ReceiptHandle.",
  });
});
