import assert from "node:assert/strict";
import { onBothProtocols } from "./harness.ts";
import { covers } from "../../contract/covers.ts";

const IPV = { code: "InvalidParameterValue", status: 400 };

onBothProtocols("a new timeout counts from now and for this receive only", async ({ call, clock, queue, send, receive, bodies }) => {
  covers("sqs/5.4-from-now", "sqs/5.4-this-receive", "sqs/5.2-latest-change");
  const QueueUrl = await queue();
  await send(QueueUrl, "b");
  const [message] = await receive(QueueUrl);
  clock.advance(20_000);
  assert.deepEqual(await call("ChangeMessageVisibility", { QueueUrl, ReceiptHandle: message?.ReceiptHandle, VisibilityTimeout: 60 }), {});
  clock.advance(59_999);
  assert.deepEqual(await bodies(QueueUrl), []);
  clock.advance(1);
  assert.deepEqual(await bodies(QueueUrl), ["b"]);
  clock.advance(30_000);
  assert.deepEqual(await bodies(QueueUrl), ["b"], "the next receive has the queue's timeout again");
});

onBothProtocols("a timeout can be shortened, and 0 shows the message at once", async ({ call, clock, queue, send, receive, bodies }) => {
  covers("sqs/5.4-zero");
  const QueueUrl = await queue();
  await send(QueueUrl, "b");
  const [first] = await receive(QueueUrl);
  await call("ChangeMessageVisibility", { QueueUrl, ReceiptHandle: first?.ReceiptHandle, VisibilityTimeout: 0 });
  const [second] = await receive(QueueUrl);
  assert.equal(second?.Attributes?.ApproximateReceiveCount, "2");
  await call("ChangeMessageVisibility", { QueueUrl, ReceiptHandle: second?.ReceiptHandle, VisibilityTimeout: 1 });
  clock.advance(1000);
  assert.deepEqual(await bodies(QueueUrl), ["b"]);
});

onBothProtocols(
  "0 with the handle of an older receive shows a message that a newer one holds",
  async ({ call, clock, queue, send, receive, bodies }) => {
    covers("sqs/5.2-superseded-change");
    const QueueUrl = await queue();
    await send(QueueUrl, "b");
    const [older] = await receive(QueueUrl);
    clock.advance(30_000);
    await receive(QueueUrl);
    await call("ChangeMessageVisibility", { QueueUrl, ReceiptHandle: older?.ReceiptHandle, VisibilityTimeout: 0 });
    assert.deepEqual(await bodies(QueueUrl), ["b"]);
  },
);

onBothProtocols(
  "a worker that lost a message cannot move the deadline of the one that holds it",
  async ({ call, clock, queue, send, receive, bodies }) => {
    covers("sqs/11-expired-change");
    const QueueUrl = await queue();
    await send(QueueUrl, "b");
    const [lost] = await receive(QueueUrl);
    clock.advance(30_000);
    await receive(QueueUrl, { VisibilityTimeout: 100 });
    for (const VisibilityTimeout of [1, 1000])
      await call("ChangeMessageVisibility", { QueueUrl, ReceiptHandle: lost?.ReceiptHandle, VisibilityTimeout });
    clock.advance(99_999);
    assert.deepEqual(await bodies(QueueUrl), []);
    clock.advance(1);
    assert.deepEqual(await bodies(QueueUrl), ["b"]);
  },
);

onBothProtocols(
  "a message that is visible again can be hidden with its last handle",
  async ({ call, clock, queue, send, receive, bodies }) => {
    covers("sqs/5.2-expired-change", "sqs/11-expired-change");
    const QueueUrl = await queue();
    await send(QueueUrl, "b");
    const [message] = await receive(QueueUrl);
    clock.advance(31_000);
    await call("ChangeMessageVisibility", { QueueUrl, ReceiptHandle: message?.ReceiptHandle, VisibilityTimeout: 10 });
    assert.deepEqual(await bodies(QueueUrl), []);
    clock.advance(10_000);
    assert.deepEqual(await bodies(QueueUrl), ["b"]);
  },
);

onBothProtocols("a message that is gone cannot be hidden", async ({ call, clock, queue, send, receive, refusal }) => {
  covers("sqs/5.2-deleted-change", "sqs/5.2-retention-change", "sqs/5.4-not-in-flight", "sqs/11-message-not-inflight");
  const QueueUrl = await queue({ MessageRetentionPeriod: "60" });
  await send(QueueUrl, "deleted", "expired");
  const [deleted, expired] = await receive(QueueUrl);
  await call("DeleteMessage", { QueueUrl, ReceiptHandle: deleted?.ReceiptHandle });
  clock.advance(61_000);
  for (const message of [deleted, expired]) {
    const ReceiptHandle = message?.ReceiptHandle;
    assert.deepEqual(await refusal("ChangeMessageVisibility", { QueueUrl, ReceiptHandle, VisibilityTimeout: 5 }), {
      ...IPV,
      message: `Value ${ReceiptHandle} for parameter ReceiptHandle is invalid. Reason: Message does not exist or is not available for visibility timeout change.`,
    });
  }
});

onBothProtocols("all timeouts of a receive together are at most twelve hours", async ({ call, clock, queue, send, receive, refusal }) => {
  covers("sqs/5.4-twelve-hours", "sqs/11-twelve-hours");
  const QueueUrl = await queue();
  await send(QueueUrl, "b");
  const [message] = await receive(QueueUrl);
  const change = { QueueUrl, ReceiptHandle: message?.ReceiptHandle };
  await call("ChangeMessageVisibility", { ...change, VisibilityTimeout: 43_200 });
  clock.advance(2000);
  assert.deepEqual(await refusal("ChangeMessageVisibility", { ...change, VisibilityTimeout: 43_199 }), {
    ...IPV,
    message:
      "Value 43199 for parameter VisibilityTimeout is invalid. Reason: Total VisibilityTimeout for the message is beyond the limit [43200 seconds].",
  });
  await call("ChangeMessageVisibility", { ...change, VisibilityTimeout: 43_198 });
});

onBothProtocols("a wrong timeout, a wrong handle and what is missing are refused", async ({ queue, send, receive, refusal }) => {
  covers("sqs/5.4-range", "sqs/5.2-garbage", "sqs/5.4-missing");
  const QueueUrl = await queue();
  await send(QueueUrl, "b");
  const [message] = await receive(QueueUrl);
  const ReceiptHandle = message?.ReceiptHandle;
  for (const VisibilityTimeout of [-1, 43_201]) {
    const text = `Value ${VisibilityTimeout} for parameter VisibilityTimeout is invalid. Reason: Must be between 0 and 43200.`;
    assert.deepEqual(await refusal("ChangeMessageVisibility", { QueueUrl, ReceiptHandle, VisibilityTimeout }), { ...IPV, message: text });
  }
  assert.equal(
    (await refusal("ChangeMessageVisibility", { QueueUrl, ReceiptHandle: "garbage", VisibilityTimeout: 1 })).code,
    "ReceiptHandleIsInvalid",
  );
  assert.equal(
    (await refusal("ChangeMessageVisibility", { QueueUrl, ReceiptHandle, VisibilityTimeout: undefined })).code,
    "MissingParameter",
  );
});
