import assert from "node:assert/strict";
import { covers } from "../../contract/covers.ts";
import { onFifoQueue } from "./fifo.ts";
import { onBothProtocols } from "./harness.ts";

const IPV = { code: "InvalidParameterValue", status: 400 };

onBothProtocols("a FIFO queue is created by its suffix and its attribute together", async ({ call, endpoint, refusal }) => {
  covers("sqs/3.1-fifo-name", "sqs/3.1-fifo-without-suffix", "sqs/3.1-fifo-attributes-on-standard", "sqs/3.1-fifo-false");
  const create = (QueueName: string, Attributes: Record<string, string>) => refusal("CreateQueue", { QueueName, Attributes });
  const longest = `${"x".repeat(75)}.fifo`;
  const { QueueUrl } = await call("CreateQueue", { QueueName: longest, Attributes: { FifoQueue: "True" } });
  assert.equal(QueueUrl, `${endpoint}/000000000000/${longest}`);
  assert.deepEqual(await call("GetQueueUrl", { QueueName: longest }), { QueueUrl });
  assert.deepEqual((await call("ListQueues", {})).QueueUrls, [QueueUrl]);
  const badName =
    "The name of a FIFO queue can only include alphanumeric characters, hyphens, or underscores, must end with .fifo suffix and be 1 to 80 in length.";
  for (const name of ["orders", `x${longest}`, "a b.fifo"])
    assert.deepEqual(await create(name, { FifoQueue: "true" }), { ...IPV, message: badName });
  assert.equal((await create("orders.fifo", { FifoQueue: "false" })).code, "InvalidParameterValue");
  const name = "InvalidAttributeName";
  assert.deepEqual(await create("orders", { FifoQueue: "false" }), { code: name, status: 400, message: "Unknown Attribute FifoQueue." });
  assert.equal((await create("orders", { ContentBasedDeduplication: "true" })).message, "Unknown Attribute ContentBasedDeduplication.");
  for (const attribute of ["DeduplicationScope", "FifoThroughputLimit"]) {
    const message = `You can specify the ${attribute} only when FifoQueue is set to true.`;
    assert.deepEqual(await create("orders", { [attribute]: "queue" }), { code: name, status: 400, message });
  }
});

onBothProtocols("a FIFO queue shows its attributes, defaults too, and is found again by them", async ({ call, queue, refusal }) => {
  covers("sqs/3.6-all-fifo", "sqs/3.7-fifo-queue", "sqs/3.7-content-dedup", "sqs/3.7-dedup-scope", "sqs/3.7-throughput-limit");
  const QueueUrl = await queue({ FifoQueue: "true" }, "orders.fifo");
  const fifo = ["FifoQueue", "ContentBasedDeduplication", "DeduplicationScope", "FifoThroughputLimit"] as const;
  const shown = async () => {
    const all = (await call("GetQueueAttributes", { QueueUrl, AttributeNames: ["All"] })).Attributes;
    return fifo.map((attribute) => all?.[attribute]);
  };
  assert.deepEqual(await shown(), ["true", "false", "queue", "perQueue"]);
  await queue({ FifoQueue: "true", ContentBasedDeduplication: "False", DeduplicationScope: "queue" }, "orders.fifo");
  await call("SetQueueAttributes", {
    QueueUrl,
    Attributes: { ContentBasedDeduplication: "TRUE", DeduplicationScope: "messageGroup", FifoThroughputLimit: "perMessageGroupId" },
  });
  assert.deepEqual(await shown(), ["true", "true", "messageGroup", "perMessageGroupId"]);
  const again = await refusal("CreateQueue", {
    QueueName: "orders.fifo",
    Attributes: { FifoQueue: "true", DeduplicationScope: "queue" },
  });
  assert.equal(again.code, "QueueAlreadyExists");
  for (const [attribute, value] of [
    ["ContentBasedDeduplication", "yes"],
    ["DeduplicationScope", "group"],
    ["FifoThroughputLimit", "perqueue"],
    ["FifoQueue", "x"],
  ] as const) {
    const refused = await refusal("SetQueueAttributes", { QueueUrl, Attributes: { [attribute]: value } });
    assert.deepEqual(refused, { code: "InvalidAttributeValue", status: 400, message: `Invalid value for the parameter ${attribute}.` });
  }
});

onBothProtocols("a queue stays of its type", async ({ call, queue, refusal }) => {
  covers("sqs/3.7-fifo-true-again", "sqs/3.7-fifo-to-false", "sqs/3.7-fifo-on-standard");
  const fifo = await queue({ FifoQueue: "true" }, "orders.fifo");
  await call("SetQueueAttributes", { QueueUrl: fifo, Attributes: { FifoQueue: "true" } });
  assert.deepEqual(await refusal("SetQueueAttributes", { QueueUrl: fifo, Attributes: { FifoQueue: "False" } }), {
    code: "InvalidAttributeValue",
    status: 400,
    message: "Invalid value for the parameter FifoQueue. Reason: Modifying queue type is not supported.",
  });
  const standard = await queue();
  for (const FifoQueue of ["true", "false"]) {
    const refused = await refusal("SetQueueAttributes", { QueueUrl: standard, Attributes: { FifoQueue } });
    assert.deepEqual(refused, { code: "InvalidAttributeName", status: 400, message: "Unknown Attribute FifoQueue." });
  }
});

onBothProtocols("a throughput limit per group needs deduplication per group", async ({ queue, refusal, call }) => {
  covers("sqs/3.7-throughput-needs-scope");
  const message = "The perMessageGroupId value is allowed only when the value for DeduplicationScope is messageGroup";
  const limit = { FifoThroughputLimit: "perMessageGroupId" };
  const create = await refusal("CreateQueue", { QueueName: "orders.fifo", Attributes: { FifoQueue: "true", ...limit } });
  assert.deepEqual(create, { ...IPV, message });
  const QueueUrl = await queue({ FifoQueue: "true" }, "orders.fifo");
  assert.deepEqual(await refusal("SetQueueAttributes", { QueueUrl, Attributes: limit }), { ...IPV, message });
  await call("SetQueueAttributes", { QueueUrl, Attributes: { ...limit, DeduplicationScope: "messageGroup" } });
  assert.deepEqual(await refusal("SetQueueAttributes", { QueueUrl, Attributes: { DeduplicationScope: "queue" } }), { ...IPV, message });
});

onFifoQueue(
  "a new delay holds for the messages that wait",
  async ({ clock, call, QueueUrl, sent, received, counts }) => {
    covers("sqs/3.7-delay-of-existing");
    await sent("g1-m1", "g2-m1");
    await received();
    await sent("g3-m1");
    const set = (DelaySeconds: string) => call("SetQueueAttributes", { QueueUrl, Attributes: { DelaySeconds } });
    clock.advance(10_000);
    await set("30");
    clock.advance(19_999);
    assert.deepEqual([await received(), await counts()], ["", "0/0/3"]);
    clock.advance(1);
    assert.equal(await received({ VisibilityTimeout: 100 }), "g1-m1 g2-m1 g3-m1");
    await sent("g4-m1");
    clock.advance(5000);
    await set("5");
    assert.equal(await received(), "g4-m1");
    await sent("g5-m1");
    await set("0");
    assert.equal(await received(), "g5-m1");
  },
  { DelaySeconds: "20" },
);

onFifoQueue("a FIFO queue takes as many calls in one second as come", async ({ call, QueueUrl, counts }) => {
  covers("sqs/6-throughput");
  const sends = Array.from({ length: 310 }, (_, index) => index);
  while (sends.length > 0)
    await Promise.all(
      sends.splice(0, 31).map((index) => call("SendMessage", { QueueUrl, MessageBody: `${index}`, MessageGroupId: `g${index % 7}` })),
    );
  assert.equal(await counts(), "310/0/0");
});
