import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { onBothProtocols } from "./harness.ts";
import { covers } from "../../contract/covers.ts";

const md5 = (text: string) => createHash("md5").update(text).digest("hex");
const IPV = { code: "InvalidParameterValue", status: 400 };

onBothProtocols("a message is answered with its id and the digests of what it holds", async ({ call, queue }) => {
  covers("sqs/4.1-answer", "sqs/4.2-digest-two", "sqs/4.2-digest-system", "sqs/4.2-digest-without-system");
  const QueueUrl = await queue();
  const plain = await call("SendMessage", { QueueUrl, MessageBody: "message" });
  assert.deepEqual(Object.keys(plain).sort(), ["MD5OfMessageBody", "MessageId"]);
  assert.equal(plain.MD5OfMessageBody, "78e731027d8fd50ed642340b7c9a63b3");
  assert.match(plain.MessageId ?? "", /^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/);

  const full = await call("SendMessage", {
    QueueUrl,
    MessageBody: "message",
    MessageAttributes: { Hello: { DataType: "String", StringValue: "There" }, General: { DataType: "String", StringValue: "Kenobi" } },
    MessageSystemAttributes: {
      AWSTraceHeader: { DataType: "String", StringValue: "Root=1-5759e988-bd862e3fe1be46a994272793;Parent=53995c3f42cd8ad8;Sampled=1" },
    },
  });
  assert.equal(full.MD5OfMessageAttributes, "fca026605781cb4126a1e9044df24232");
  assert.equal(full.MD5OfMessageSystemAttributes, "5ae4d5d7636402d80f4eb6d213245a88");
  assert.notEqual(full.MessageId, plain.MessageId);
});

onBothProtocols("a body comes out as it went in, to the character", async ({ call, queue, receive }) => {
  const QueueUrl = await queue();
  const bodies = [
    '{"a":"<b>&amp;\'\\"</b>"}',
    "tab\tnewline\ncarriage return\r\n",
    " spaces  ",
    "é € 😀 \u{10FFFF} \uFFFD \uE000 \u0085\u2028",
    "]]>",
    "%41+%2B",
    "x".repeat(100_000),
  ];
  for (const MessageBody of bodies) {
    const { MD5OfMessageBody } = await call("SendMessage", { QueueUrl, MessageBody });
    assert.equal(MD5OfMessageBody, md5(MessageBody));
    const [message] = await receive(QueueUrl);
    assert.equal(message?.Body, MessageBody);
    assert.equal(message?.MD5OfBody, md5(MessageBody));
  }
});

onBothProtocols("attributes of every type come out as they went in", async ({ call, queue, receive }) => {
  covers("sqs/4.2-as-sent", "sqs/4.2-name", "sqs/1.1-blobs", "sqs/1.2-in-message-attributes");
  const QueueUrl = await queue();
  const MessageAttributes = {
    text: { DataType: "String", StringValue: 'a "quoted" <text> & €' },
    number: { DataType: "Number", StringValue: "007.50" },
    labelled: { DataType: "Number.price-in.€", StringValue: "-1e10" },
    bytes: { DataType: "Binary.gif", BinaryValue: Uint8Array.of(0, 1, 127, 128, 255) },
    "attr.1øßä": { DataType: "String", StringValue: "x" },
  };
  const sent = await call("SendMessage", { QueueUrl, MessageBody: "b", MessageAttributes });
  const [message] = await receive(QueueUrl);
  const received = Object.fromEntries(
    Object.entries(message?.MessageAttributes ?? {}).map(([name, value]) => [
      name,
      { ...value, ...(value.BinaryValue && { BinaryValue: Uint8Array.from(value.BinaryValue) }) },
    ]),
  );
  assert.deepEqual(received, MessageAttributes);
  assert.equal(message?.MD5OfMessageAttributes, sent.MD5OfMessageAttributes);
});

onBothProtocols("a message may have exactly as many bytes as its queue allows, attributes included", async ({ call, queue, refusal }) => {
  covers("sqs/4.1-too-long", "sqs/4.1-size", "sqs/4.1-size-system-attributes");
  const QueueUrl = await queue({ MaximumMessageSize: "1024" });
  const tooLong = { ...IPV, message: "One or more parameters are invalid. Reason: Message must be shorter than 1024 bytes." };
  await call("SendMessage", { QueueUrl, MessageBody: "x".repeat(1024) });
  assert.deepEqual(await refusal("SendMessage", { QueueUrl, MessageBody: "x".repeat(1025) }), tooLong);
  await call("SendMessage", { QueueUrl, MessageBody: "é".repeat(512) });
  assert.deepEqual(await refusal("SendMessage", { QueueUrl, MessageBody: `x${"é".repeat(512)}` }), tooLong);

  const MessageAttributes = { ab: { DataType: "String", StringValue: "cd" } }; // 2 + 6 + 2 bytes
  await call("SendMessage", { QueueUrl, MessageBody: "x".repeat(1014), MessageAttributes });
  assert.deepEqual(await refusal("SendMessage", { QueueUrl, MessageBody: "x".repeat(1015), MessageAttributes }), tooLong);
  const MessageSystemAttributes = { AWSTraceHeader: { DataType: "String", StringValue: "x".repeat(100) } };
  await call("SendMessage", { QueueUrl, MessageBody: "x".repeat(1014), MessageAttributes, MessageSystemAttributes });
});

onBothProtocols("a message of one mebibyte is accepted, and no larger one", async ({ call, queue, refusal, receive }) => {
  covers("sqs/10-message-size", "sqs/3.7-maximum-message-size");
  const QueueUrl = await queue();
  await call("SendMessage", { QueueUrl, MessageBody: "x".repeat(1_048_576) });
  assert.equal((await receive(QueueUrl))[0]?.Body?.length, 1_048_576);
  assert.deepEqual(await refusal("SendMessage", { QueueUrl, MessageBody: "x".repeat(1_048_577) }), {
    ...IPV,
    message: "One or more parameters are invalid. Reason: Message must be shorter than 1048576 bytes.",
  });
});

onBothProtocols("parameters out of range are refused in the words of AWS", async ({ call, queue, refusal, receive }) => {
  covers(
    "sqs/4.1-body-missing",
    "sqs/4.1-forbidden-in-body",
    "sqs/4.1-forbidden-in-attribute",
    "sqs/4.1-delay-range",
    "sqs/4.1-group-id-form",
    "sqs/4.1-dedup-id-on-standard",
    "sqs/4.1-list-values",
    "sqs/4.1-other-system-attribute",
    "sqs/4.2-value-empty",
    "sqs/4.2-ten",
    "sqs/5.1-group-id",
  );
  const QueueUrl = await queue();
  const send = (input: object) => refusal("SendMessage", { QueueUrl, MessageBody: "b", ...input });
  assert.deepEqual(await send({ MessageBody: "" }), {
    code: "MissingParameter",
    status: 400,
    message: "The request must contain the parameter MessageBody.",
  });
  assert.equal((await send({ MessageBody: "a\u0001" })).code, "InvalidMessageContents");
  assert.equal((await send({ MessageBody: "a\uFFFE" })).code, "InvalidMessageContents");
  assert.deepEqual(await send({ DelaySeconds: 901 }), {
    ...IPV,
    message: "Value 901 for parameter DelaySeconds is invalid. Reason: DelaySeconds must be >= 0 and <= 900.",
  });
  assert.equal((await send({ DelaySeconds: -1 })).code, "InvalidParameterValue");
  const groupReason = "Reason: MessageGroupId can only include alphanumeric and punctuation characters. 1 to 128 in length.";
  assert.deepEqual(await send({ MessageGroupId: "a b" }), {
    ...IPV,
    message: `Value a b for parameter MessageGroupId is invalid. ${groupReason}`,
  });
  assert.deepEqual(await send({ MessageGroupId: "" }), {
    ...IPV,
    message: `Value  for parameter MessageGroupId is invalid. ${groupReason}`,
  });
  assert.deepEqual(await send({ MessageDeduplicationId: "d" }), {
    ...IPV,
    message:
      "Value d for parameter MessageDeduplicationId is invalid. Reason: The request includes a parameter that is not valid for this queue type.",
  });
  const attribute = (value: object) => send({ MessageAttributes: { n: value } });
  assert.equal((await attribute({ DataType: "String", StringValue: "a\u0001" })).code, "InvalidParameterValue");
  assert.equal((await attribute({ DataType: "Text", StringValue: "a" })).code, "InvalidParameterValue");
  assert.match((await attribute({ DataType: "String" })).message, /must contain a non-empty value of type 'String'/);
  assert.equal((await attribute({ DataType: "String", StringListValues: ["a"] })).code, "AWS.SimpleQueueService.UnsupportedOperation");
  const eleven = Object.fromEntries(Array.from({ length: 11 }, (_, index) => [`n${index}`, { DataType: "String", StringValue: "x" }]));
  assert.match((await send({ MessageAttributes: eleven })).message, /\[11\] exceeds the allowed maximum \[10\]/);
  assert.deepEqual(await send({ MessageSystemAttributes: { Foo: { DataType: "String", StringValue: "x" } } }), {
    ...IPV,
    message: "Message system attribute name 'Foo' is invalid.",
  });
  assert.deepEqual(await receive(QueueUrl), [], "what was refused was not stored");
  await call("SendMessage", { QueueUrl, MessageBody: "b", MessageGroupId: "g" });
  assert.equal((await receive(QueueUrl))[0]?.Attributes?.MessageGroupId, "g");
});

onBothProtocols("a delayed message appears when its delay is over", async ({ call, clock, queue, send, bodies }) => {
  covers("sqs/4.1-own-delay", "sqs/3.7-delay-seconds");
  const QueueUrl = await queue({ DelaySeconds: "10" });
  await send(QueueUrl, "queue's delay");
  await call("SendMessage", { QueueUrl, MessageBody: "own delay", DelaySeconds: 20 });
  await call("SendMessage", { QueueUrl, MessageBody: "no delay", DelaySeconds: 0 });
  assert.deepEqual(await bodies(QueueUrl), ["no delay"]);
  clock.advance(9999);
  assert.deepEqual(await bodies(QueueUrl), []);
  clock.advance(1);
  assert.deepEqual(await bodies(QueueUrl), ["queue's delay"]);
  clock.advance(10_000);
  assert.deepEqual(await bodies(QueueUrl), ["own delay"]);
});

onBothProtocols("a message to a queue that does not exist is refused", async ({ refusal, queue, protocol, endpoint }) => {
  covers("sqs/1.3-unknown-url", "sqs/2-text-no-queue");
  await queue();
  const message = protocol === "JSON" ? "The specified queue does not exist." : "The specified queue does not exist for this wsdl version.";
  for (const QueueUrl of [`${endpoint}/000000000000/nowhere`, "nowhere", "http://whatever.example/"]) {
    assert.deepEqual(await refusal("SendMessage", { QueueUrl, MessageBody: "b" }), {
      code: "AWS.SimpleQueueService.NonExistentQueue",
      status: 400,
      message,
    });
  }
  // The queue is looked for before the rest is looked at.
  assert.equal(
    (await refusal("SendMessage", { QueueUrl: "nowhere", MessageBody: "b", DelaySeconds: 901 })).code,
    "AWS.SimpleQueueService.NonExistentQueue",
  );
});

onBothProtocols("a bare name and any host in the URL reach the queue", async ({ call, queue, bodies }) => {
  covers("sqs/1.1-bare-name", "sqs/1.1-queue-url-decides");
  const QueueUrl = await queue();
  for (const url of ["orders", "https://sqs.us-east-1.amazonaws.com/000000000000/orders", QueueUrl])
    await call("SendMessage", { QueueUrl: url, MessageBody: url });
  assert.equal((await bodies(QueueUrl)).length, 3);
});
