import assert from "node:assert/strict";
import { onBothProtocols } from "./harness.ts";
import { covers } from "../../contract/covers.ts";

const IPV = { code: "InvalidParameterValue", status: 400 };

onBothProtocols("an empty receive has no Messages at all", async ({ call, queue }) => {
  covers("sqs/1.1-empty-left-out");
  assert.deepEqual(await call("ReceiveMessage", { QueueUrl: await queue() }), {});
});

onBothProtocols("a receive gives one message, or up to ten, oldest first", async ({ call, queue, send, bodies }) => {
  covers("sqs/5.1-max-range", "sqs/10-ten", "sqs/5.1-misses-nothing");
  const QueueUrl = await queue();
  await send(QueueUrl, "1", "2", "3", "4", "5", "6", "7", "8", "9", "10", "11", "12");
  assert.deepEqual(
    (await call("ReceiveMessage", { QueueUrl })).Messages?.map(({ Body }) => Body),
    ["1"],
  );
  assert.deepEqual(await bodies(QueueUrl), ["2", "3", "4", "5", "6", "7", "8", "9", "10", "11"]);
  assert.deepEqual(await bodies(QueueUrl), ["12"]);
});

onBothProtocols("a message shows only what it is asked for", async ({ call, queue }) => {
  covers(
    "sqs/5.1-members",
    "sqs/5.1-filter-all",
    "sqs/5.1-filter-prefix",
    "sqs/5.1-filter-illegal",
    "sqs/5.1-filter-none",
    "sqs/5.1-inapplicable",
    "sqs/1.2-in-receive",
  );
  const QueueUrl = await queue({ VisibilityTimeout: "0" });
  const MessageAttributes = Object.fromEntries(
    ["Hello", "Help.Me", "General"].map((name) => [name, { DataType: "String", StringValue: "x" }]),
  );
  await call("SendMessage", { QueueUrl, MessageBody: "b", MessageAttributes });
  const shown = async (input: object) => (await call("ReceiveMessage", { QueueUrl, ...input })).Messages?.[0];

  assert.deepEqual(Object.keys((await shown({})) ?? {}).sort(), ["Body", "MD5OfBody", "MessageId", "ReceiptHandle"]);
  const names = async (...filters: string[]) => Object.keys((await shown({ MessageAttributeNames: filters }))?.MessageAttributes ?? {});
  assert.deepEqual(await names("All"), ["General", "Hello", "Help.Me"]);
  assert.deepEqual(await names(".*"), ["General", "Hello", "Help.Me"]);
  assert.deepEqual(await names("Hel.*"), ["Hello", "Help.Me"]);
  assert.deepEqual(await names("Help"), []);
  assert.deepEqual(await names("AWS."), []);
  assert.equal((await shown({ MessageAttributeNames: ["Nothing"] }))?.MD5OfMessageAttributes, undefined);

  const system = async (input: object) => Object.keys((await shown(input))?.Attributes ?? {}).sort();
  const all = ["ApproximateFirstReceiveTimestamp", "ApproximateReceiveCount", "SenderId", "SentTimestamp"];
  assert.deepEqual(await system({ MessageSystemAttributeNames: ["All"] }), all);
  assert.deepEqual(await system({ AttributeNames: ["All"] }), all);
  assert.deepEqual(await system({ AttributeNames: ["SenderId"] }), ["SenderId"]);
  assert.deepEqual(await system({ MessageSystemAttributeNames: ["SequenceNumber", "SentTimestamp"] }), ["SentTimestamp"]);
});

onBothProtocols("the digest of attributes covers those that are shown", async ({ call, queue, receive }) => {
  covers("sqs/5.1-subset-digest", "sqs/4.2-digest-three", "sqs/4.2-digest-prefix", "sqs/4.2-digest-hello");
  const QueueUrl = await queue({ VisibilityTimeout: "0" });
  const text = (StringValue: string) => ({ DataType: "String", StringValue });
  await call("SendMessage", {
    QueueUrl,
    MessageBody: "b",
    MessageAttributes: { Hello: text("There"), General: text("Kenobi"), "Help.Me": text("Me") },
  });
  const digest = async (...MessageAttributeNames: string[]) =>
    (await receive(QueueUrl, { MessageAttributeNames }))[0]?.MD5OfMessageAttributes;
  assert.equal(await digest("All"), "4c360f3fdafd970e05fae2f149d997f5");
  assert.equal(await digest("Hel.*"), "83fee93c1bcd8b9a5a923ffacdc636c7");
  assert.equal(await digest("Hello"), "a311262e065454b75da111d535b8dacd");
});

onBothProtocols("both lists of system attributes count together", async ({ call, queue, send, protocol }) => {
  covers("sqs/5.1-both-lists");
  const QueueUrl = await queue();
  await send(QueueUrl, "b");
  // In Query both lists travel under one name, so there is only one.
  const both =
    protocol === "JSON"
      ? { AttributeNames: ["All" as const], MessageSystemAttributeNames: ["SenderId" as const] }
      : { AttributeNames: ["All" as const] };
  const { Messages } = await call("ReceiveMessage", { QueueUrl, ...both });
  assert.equal(Object.keys(Messages?.[0]?.Attributes ?? {}).length, 4);
});

onBothProtocols("a message tells who sent it, when, and how often it was received since", async ({ clock, queue, send, receive }) => {
  covers("sqs/5.1-sent-timestamp", "sqs/5.1-receive-count", "sqs/5.1-first-receive-timestamp");
  const queueUrl = await queue();
  const sentMs = clock.nowMs();
  await send(queueUrl, "b");
  for (let count = 1; count <= 3; count += 1) {
    clock.advance(30_000);
    const [message] = await receive(queueUrl);
    assert.deepEqual(message?.Attributes, {
      SenderId: message?.Attributes?.SenderId,
      SentTimestamp: String(sentMs),
      ApproximateReceiveCount: String(count),
      ApproximateFirstReceiveTimestamp: String(sentMs + 30_000),
    });
    assert.match(message?.Attributes?.SenderId ?? "", /^\w+$/);
  }
});

onBothProtocols(
  "a received message is hidden for its timeout and then comes back in its old place",
  async ({ clock, queue, send, bodies, receive }) => {
    covers("sqs/5.5-old-position", "sqs/3.7-visibility-timeout");
    const queueUrl = await queue();
    await send(queueUrl, "1", "2", "3");
    assert.deepEqual(await bodies(queueUrl, { MaxNumberOfMessages: 1 }), ["1"]);
    assert.deepEqual(await bodies(queueUrl, { MaxNumberOfMessages: 1, VisibilityTimeout: 5 }), ["2"]);
    clock.advance(4999);
    assert.deepEqual(await bodies(queueUrl, { VisibilityTimeout: 100 }), ["3"]);
    clock.advance(1);
    assert.deepEqual(await bodies(queueUrl, { VisibilityTimeout: 100 }), ["2"]);
    clock.advance(25_000);
    const [first] = await receive(queueUrl);
    assert.deepEqual([first?.Body, first?.Attributes?.ApproximateReceiveCount], ["1", "2"]);
  },
);

onBothProtocols(
  "a timeout of 0 leaves the message visible, counts the receive, and its handle deletes",
  async ({ call, queue, send, receive }) => {
    covers("sqs/5.1-visibility-zero", "sqs/5.2-message-id");
    const QueueUrl = await queue();
    await send(QueueUrl, "b");
    const [first] = await receive(QueueUrl, { VisibilityTimeout: 0 });
    const [second] = await receive(QueueUrl, { VisibilityTimeout: 0 });
    assert.deepEqual([first?.Attributes?.ApproximateReceiveCount, second?.Attributes?.ApproximateReceiveCount], ["1", "2"]);
    assert.notEqual(first?.ReceiptHandle, second?.ReceiptHandle);
    assert.equal(first?.MessageId, second?.MessageId);
    await call("DeleteMessage", { QueueUrl, ReceiptHandle: second?.ReceiptHandle });
    assert.deepEqual(await receive(QueueUrl), []);
  },
);

onBothProtocols("parameters out of range are refused in the words of AWS", async ({ queue, refusal }) => {
  covers(
    "sqs/5.1-max-range",
    "sqs/5.1-wait-range",
    "sqs/5.1-visibility-range",
    "sqs/5.1-unknown-system-attribute",
    "sqs/5.1-attempt-id-on-standard",
  );
  const QueueUrl = await queue();
  const receive = (input: object) => refusal("ReceiveMessage", { QueueUrl, ...input });
  for (const MaxNumberOfMessages of [0, 11]) {
    const message = `Value ${MaxNumberOfMessages} for parameter MaxNumberOfMessages is invalid. Reason: Must be between 1 and 10, if provided.`;
    assert.deepEqual(await receive({ MaxNumberOfMessages }), { ...IPV, message });
  }
  for (const WaitTimeSeconds of [-1, 21]) {
    const message = `Value ${WaitTimeSeconds} for parameter WaitTimeSeconds is invalid. Reason: Must be >= 0 and <= 20, if provided.`;
    assert.deepEqual(await receive({ WaitTimeSeconds }), { ...IPV, message });
  }
  const message = "Value 43201 for parameter VisibilityTimeout is invalid. Reason: Must be >= 0 and <= 43200, if provided.";
  assert.deepEqual(await receive({ VisibilityTimeout: 43_201 }), { ...IPV, message });
  assert.deepEqual(await receive({ AttributeNames: ["Foo"] }), {
    code: "InvalidAttributeName",
    status: 400,
    message: "Unknown Attribute Foo.",
  });
  assert.equal((await receive({ ReceiveRequestAttemptId: "a" })).code, "InvalidParameterValue");
});

onBothProtocols(
  "a message is gone when its retention ends, whether it waits or is in flight",
  async ({ call, clock, queue, send, receive, bodies }) => {
    covers("sqs/5.5-retention", "sqs/5.2-retention-delete", "sqs/3.7-retention");
    const QueueUrl = await queue({ MessageRetentionPeriod: "60" });
    await send(QueueUrl, "in flight", "waiting");
    const [inFlight] = await receive(QueueUrl, { MaxNumberOfMessages: 1, VisibilityTimeout: 10 });
    clock.advance(59_999);
    assert.deepEqual(await bodies(QueueUrl, { VisibilityTimeout: 0 }), ["in flight", "waiting"]);
    clock.advance(1);
    assert.deepEqual(await bodies(QueueUrl), []);
    await call("DeleteMessage", { QueueUrl, ReceiptHandle: inFlight?.ReceiptHandle });
  },
);

onBothProtocols("a message that was received three times keeps its old place", async ({ clock, queue, send, bodies }) => {
  covers("sqs/5.5-three-receives");
  const queueUrl = await queue({ VisibilityTimeout: "1" });
  await send(queueUrl, "older", "newer");
  for (let count = 0; count < 4; count += 1) {
    assert.deepEqual(await bodies(queueUrl, { MaxNumberOfMessages: 1 }), ["older"]);
    clock.advance(1000);
  }
});
