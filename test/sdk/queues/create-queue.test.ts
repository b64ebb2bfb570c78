import assert from "node:assert/strict";
import { onBothProtocols } from "./harness.ts";
import { covers } from "../../contract/covers.ts";

onBothProtocols("a new queue has a URL on the server it was asked of", async ({ call, endpoint }) => {
  covers("sqs/1.3-queue-url", "sqs/1.1-queue-url-reachable", "sqs/3.1-usable-at-once");
  assert.deepEqual(await call("CreateQueue", { QueueName: "orders" }), { QueueUrl: `${endpoint}/000000000000/orders` });
});

onBothProtocols("creating a queue again gives the same queue while nothing differs", async ({ call, queue, send, bodies }) => {
  covers("sqs/3.1-idempotent", "sqs/3.1-idempotent-defaults");
  const QueueUrl = await queue({ VisibilityTimeout: "60", DelaySeconds: "0" });
  await send(QueueUrl, "kept");
  for (const Attributes of [undefined, {}, { VisibilityTimeout: "60" }, { MaximumMessageSize: "1048576" }, { VisibilityTimeout: "060" }]) {
    assert.deepEqual(await call("CreateQueue", { QueueName: "orders", Attributes }), { QueueUrl });
  }
  assert.deepEqual(await bodies(QueueUrl), ["kept"]);
});

onBothProtocols(
  "creating a queue again with another value is refused; what counts is the value in force",
  async ({ call, queue, refusal }) => {
    covers("sqs/3.1-exists-and-differs", "sqs/3.1-idempotent-current-values");
    const QueueUrl = await queue({ VisibilityTimeout: "60" });
    const again = (Attributes: Record<string, string>) => refusal("CreateQueue", { QueueName: "orders", Attributes });
    const text = (name: string) => `A queue already exists with the same name and a different value for attribute ${name}`;
    assert.deepEqual(await again({ VisibilityTimeout: "30" }), {
      code: "QueueAlreadyExists",
      status: 400,
      message: text("VisibilityTimeout"),
    });
    assert.equal((await again({ DelaySeconds: "1" })).message, text("DelaySeconds"));
    await call("SetQueueAttributes", { QueueUrl, Attributes: { VisibilityTimeout: "30" } });
    await queue({ VisibilityTimeout: "30" });
    assert.equal((await again({ VisibilityTimeout: "60" })).message, text("VisibilityTimeout"));
  },
);

onBothProtocols("tags are set on a new queue and ignored on one that exists", async ({ call }) => {
  covers("sqs/3.1-tags-of-existing", "sqs/11-tags-of-existing");
  const { QueueUrl } = await call("CreateQueue", { QueueName: "orders", tags: { Team: "a", empty: "" } });
  assert.deepEqual(await call("ListQueueTags", { QueueUrl }), { Tags: { Team: "a", empty: "" } });
  await call("CreateQueue", { QueueName: "orders", tags: { Team: "b" } });
  assert.deepEqual((await call("ListQueueTags", { QueueUrl })).Tags, { Team: "a", empty: "" });
});

onBothProtocols("names and attributes that cannot be are refused in the words of AWS", async ({ call, refusal }) => {
  covers(
    "sqs/3.1-bad-name",
    "sqs/3.1-name-empty",
    "sqs/3.1-name-missing",
    "sqs/3.1-number-out-of-range",
    "sqs/3.1-unknown-attribute",
    "sqs/3.1-fifo-false",
  );
  const create = (QueueName: string | undefined, Attributes?: Record<string, string>) => refusal("CreateQueue", { QueueName, Attributes });
  const badName = {
    code: "InvalidParameterValue",
    status: 400,
    message: "Can only include alphanumeric characters, hyphens, or underscores. 1 to 80 in length",
  };
  for (const name of ["a b", "a/b", "x".repeat(81), "orders.fifo"]) assert.deepEqual(await create(name), badName);
  assert.equal((await create("")).message, "Queue name cannot be empty");
  assert.equal((await create(undefined)).code, "MissingParameter");
  assert.deepEqual(await create("q", { VisibilityTimeout: "43201" }), {
    code: "InvalidAttributeValue",
    status: 400,
    message: "Invalid value for the parameter VisibilityTimeout.",
  });
  assert.deepEqual(await create("q", { Foo: "1" }), { code: "InvalidAttributeName", status: 400, message: "Unknown Attribute Foo." });
  assert.equal((await create("q", { FifoQueue: "false" })).message, "Unknown Attribute FifoQueue.");
  assert.equal((await create("q", { KmsMasterKeyId: "k", SqsManagedSseEnabled: "true" })).code, "InvalidAttributeName");
  assert.deepEqual(await call("ListQueues", {}), {});
});
