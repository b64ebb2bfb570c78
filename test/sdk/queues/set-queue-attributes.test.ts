import assert from "node:assert/strict";
import { onBothProtocols } from "./harness.ts";
import { covers } from "../../contract/covers.ts";

onBothProtocols("a change applies at once, is dated, and leaves the rest as it was", async ({ call, clock, queue, send, bodies }) => {
  covers("sqs/3.7-last-modified", "sqs/3.7-at-once", "sqs/3.7-retention-of-existing");
  const QueueUrl = await queue({ VisibilityTimeout: "60" });
  await send(QueueUrl, "b");
  clock.advance(5000);
  assert.deepEqual(await call("SetQueueAttributes", { QueueUrl, Attributes: { MessageRetentionPeriod: "60", DelaySeconds: "7" } }), {});
  const { Attributes } = await call("GetQueueAttributes", { QueueUrl, AttributeNames: ["All"] });
  assert.deepEqual([Attributes?.VisibilityTimeout, Attributes?.DelaySeconds, Attributes?.MessageRetentionPeriod], ["60", "7", "60"]);
  assert.equal(Number(Attributes?.LastModifiedTimestamp) - Number(Attributes?.CreatedTimestamp), 5);
  clock.advance(55_000);
  assert.deepEqual(await bodies(QueueUrl), [], "the new retention applies to what was sent before");
});

onBothProtocols("a change is made whole or not at all", async ({ call, queue, refusal }) => {
  covers("sqs/3.7-all-or-nothing", "sqs/3.7-read-only", "sqs/3.7-fifo-on-standard");
  const QueueUrl = await queue();
  const change = (Attributes: Record<string, string>) => refusal("SetQueueAttributes", { QueueUrl, Attributes });
  assert.deepEqual(await change({ DelaySeconds: "5", VisibilityTimeout: "x" }), {
    code: "InvalidAttributeValue",
    status: 400,
    message: "Invalid value for the parameter VisibilityTimeout.",
  });
  assert.equal((await change({ DelaySeconds: "5", QueueArn: "x" })).message, "Unknown Attribute QueueArn.");
  assert.equal((await change({ DelaySeconds: "5", FifoQueue: "true" })).message, "Unknown Attribute FifoQueue.");
  assert.deepEqual((await call("GetQueueAttributes", { QueueUrl, AttributeNames: ["DelaySeconds"] })).Attributes, { DelaySeconds: "0" });
});

onBothProtocols("encryption settings read back as AWS shows them", async ({ call, queue, refusal }) => {
  covers("sqs/3.7-kms-key", "sqs/3.7-kms-made-up", "sqs/3.7-kms-removed", "sqs/3.7-kms-and-sse", "sqs/3.7-booleans");
  const QueueUrl = await queue();
  const names = ["KmsMasterKeyId", "KmsDataKeyReusePeriodSeconds", "SqsManagedSseEnabled"] as const;
  const shown = async () => (await call("GetQueueAttributes", { QueueUrl, AttributeNames: [...names] })).Attributes;
  await call("SetQueueAttributes", {
    QueueUrl,
    Attributes: { KmsMasterKeyId: "alias/made-up", KmsDataKeyReusePeriodSeconds: "6000", SqsManagedSseEnabled: "False" },
  });
  assert.deepEqual(await shown(), { KmsMasterKeyId: "alias/made-up", KmsDataKeyReusePeriodSeconds: "6000", SqsManagedSseEnabled: "false" });
  assert.match(
    (await refusal("SetQueueAttributes", { QueueUrl, Attributes: { SqsManagedSseEnabled: "true" } })).message,
    /^You can use one type/,
  );
  await call("SetQueueAttributes", { QueueUrl, Attributes: { KmsMasterKeyId: "", KmsDataKeyReusePeriodSeconds: "300" } });
  assert.deepEqual(await shown(), { SqsManagedSseEnabled: "false" });
});
