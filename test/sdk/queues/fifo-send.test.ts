import assert from "node:assert/strict";
import { covers } from "../../contract/covers.ts";
import { onFifoQueue } from "./fifo.ts";
import { onBothProtocols } from "./harness.ts";

const IPV = { code: "InvalidParameterValue", status: 400 };
const NO_GROUP = "The request must contain the parameter MessageGroupId.";
const NO_ID = "The queue should either have ContentBasedDeduplication enabled or MessageDeduplicationId provided explicitly";
const badIdentifier = (parameter: string, value: string) =>
  `Value ${value} for parameter ${parameter} is invalid. Reason: ${parameter} can only include alphanumeric and punctuation characters. 1 to 128 in length.`;

onFifoQueue("sequence numbers rise and stay when a message is received again", async ({ call, clock, QueueUrl, sent, receive }) => {
  covers("sqs/6-sequence-number", "sqs/5.1-sequence-number", "sqs/4.1-sequence-number", "sqs/5.1-group-id");
  const answers: string[] = [];
  for (const MessageBody of ["1", "2", "3"]) {
    const { SequenceNumber } = await call("SendMessage", { QueueUrl, MessageBody, MessageGroupId: "g" });
    answers.push(SequenceNumber ?? "");
  }
  assert.ok(answers.every((number) => /^\d{20}$/.test(number)));
  assert.deepEqual(answers.toSorted(), answers);
  for (let receives = 0; receives < 2; receives += 1) {
    const attributes = (await receive(QueueUrl)).map(({ Attributes }) => Attributes);
    assert.deepEqual(
      attributes.map((shown) => [shown?.SequenceNumber, shown?.MessageGroupId]),
      answers.map((number) => [number, "g"]),
    );
    clock.advance(30_000);
  }
  await sent("g-4");
});

onFifoQueue("a message needs a group", async ({ call, QueueUrl, refusal }) => {
  covers("sqs/4.1-fifo-without-group", "sqs/6-group-required", "sqs/4.3-fifo-whole");
  assert.deepEqual(await refusal("SendMessage", { QueueUrl, MessageBody: "b" }), {
    code: "MissingParameter",
    status: 400,
    message: NO_GROUP,
  });
  const Entries = [
    { Id: "a", MessageBody: "1", MessageGroupId: "g" },
    { Id: "b", MessageBody: "2" },
  ];
  assert.deepEqual(await refusal("SendMessageBatch", { QueueUrl, Entries }), { ...IPV, message: NO_GROUP });
  assert.deepEqual(await call("ReceiveMessage", { QueueUrl }), {}, "nothing of the batch was sent");
});

onBothProtocols("a message needs something to be told from others by", async ({ call, queue, refusal }) => {
  covers("sqs/4.1-fifo-without-dedup-id", "sqs/4.3-fifo-whole");
  const QueueUrl = await queue({ FifoQueue: "true" }, "orders.fifo");
  const message = { MessageBody: "b", MessageGroupId: "g" };
  assert.deepEqual(await refusal("SendMessage", { QueueUrl, ...message }), { ...IPV, message: NO_ID });
  const Entries = [
    { Id: "a", ...message, MessageDeduplicationId: "id" },
    { Id: "b", ...message },
  ];
  assert.deepEqual(await refusal("SendMessageBatch", { QueueUrl, Entries }), { ...IPV, message: NO_ID });
  assert.deepEqual(await call("ReceiveMessage", { QueueUrl }), {});
  const { SequenceNumber } = await call("SendMessage", { QueueUrl, ...message, MessageDeduplicationId: "id" });
  assert.ok(SequenceNumber !== undefined, "the refused batch has left no memory of its ids");
  assert.equal((await call("ReceiveMessage", { QueueUrl })).Messages?.length, 1);
});

onFifoQueue("group and deduplication ids have 1 to 128 letters, digits and punctuation characters", async ({ call, QueueUrl, refusal }) => {
  covers("sqs/4.1-dedup-id-form", "sqs/4.1-group-id-form", "sqs/4.1-id-characters", "sqs/10-ids");
  const message = { QueueUrl, MessageBody: "b", MessageGroupId: "g" };
  for (const value of ["", "a b", "ä", "a\tb", "x".repeat(129)]) {
    for (const parameter of ["MessageGroupId", "MessageDeduplicationId"]) {
      assert.deepEqual(await refusal("SendMessage", { ...message, [parameter]: value }), {
        ...IPV,
        message: badIdentifier(parameter, value),
      });
    }
  }
  const every = "!\"#$%&'()*+,-./:;<=>?@[\\]^_`{|}~";
  for (const value of ["x".repeat(128), every])
    await call("SendMessage", { ...message, MessageGroupId: value, MessageDeduplicationId: value });
});

onFifoQueue(
  "a message has no delay of its own",
  async ({ call, QueueUrl, refusal, counts }) => {
    covers("sqs/4.1-fifo-delay", "sqs/4.3-fifo-entry-delay", "sqs/11-fifo-entry-delay");
    const message = { MessageBody: "b", MessageGroupId: "g" };
    const refused = {
      ...IPV,
      message:
        "Value 5 for parameter DelaySeconds is invalid. Reason: The request include parameter that is not valid for this queue type.",
    };
    assert.deepEqual(await refusal("SendMessage", { QueueUrl, ...message, DelaySeconds: 5 }), refused);
    await call("SendMessage", { QueueUrl, ...message, DelaySeconds: 0 });
    assert.equal(await counts(), "0/0/1", "the queue's delay holds");
    const { Successful, Failed } = await call("SendMessageBatch", {
      QueueUrl,
      Entries: [
        { Id: "a", ...message, MessageBody: "c", DelaySeconds: 5 },
        { Id: "b", ...message, MessageBody: "d" },
      ],
    });
    assert.deepEqual(Failed, [{ Id: "a", SenderFault: true, Code: refused.code, Message: refused.message }]);
    assert.deepEqual(
      Successful?.map(({ Id }) => Id),
      ["b"],
    );
  },
  { DelaySeconds: "10" },
);

onFifoQueue("the entries of a batch stand in their order, each with a number", async ({ call, QueueUrl, received }) => {
  covers("sqs/4.3-fifo-order");
  const Entries = ["3", "1", "2"].map((MessageBody, index) => ({ Id: `e${index}`, MessageBody, MessageGroupId: "g" }));
  const { Successful = [] } = await call("SendMessageBatch", { QueueUrl, Entries });
  const numbers = Successful.map(({ SequenceNumber }) => SequenceNumber ?? "");
  assert.deepEqual(numbers.toSorted(), numbers);
  assert.equal(await received(), "3 1 2");
});

onFifoQueue("a message over the queue's size is refused and not remembered", async ({ call, QueueUrl, refusal, received }) => {
  await call("SetQueueAttributes", { QueueUrl, Attributes: { MaximumMessageSize: "1024" } });
  const message = { QueueUrl, MessageGroupId: "g", MessageDeduplicationId: "id" };
  assert.equal((await refusal("SendMessage", { ...message, MessageBody: "x".repeat(1025) })).code, "InvalidParameterValue");
  await call("SendMessage", { ...message, MessageBody: "fits" });
  assert.equal(await received(), "fits");
});
