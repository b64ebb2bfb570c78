import assert from "node:assert/strict";
import { covers } from "../../contract/covers.ts";
import { onTopics, present, refusal, topicArn } from "./harness.ts";

const message = async (call: Promise<unknown>) => (await refusal(call)).message;

onTopics("a message reaches every queue that is subscribed by then", async ({ sns, topic, queue, subscribe, bodies }) => {
  covers("sns/5.1-answer", "sns/5.1-before", "sns/5.1-durable");
  const TopicArn = await topic();
  const [one, two, three] = [await queue("one"), await queue("two"), await queue("three")];
  await sns.publish({ TopicArn, Message: "before" });
  await subscribe(TopicArn, one);
  await subscribe(TopicArn, two);
  const { MessageId, SequenceNumber } = await sns.publish({ TopicArn, Message: "hello" });
  assert.match(present(MessageId), /^[0-9a-f-]{36}$/);
  assert.equal(SequenceNumber, undefined);
  assert.deepEqual([await bodies(one), await bodies(two), await bodies(three)], [["hello"], ["hello"], []]);
});

onTopics("the topic stands in TopicArn or in TargetArn", async ({ sns, topic, queue, subscribe, bodies }) => {
  covers("sns/5.1-target", "sns/5.1-no-topic");
  const TargetArn = await topic();
  const inbox = await queue();
  await subscribe(TargetArn, inbox);
  await sns.publish({ TargetArn, Message: "hello" });
  assert.deepEqual(await bodies(inbox), ["hello"]);
  assert.equal((await refusal(sns.publish({ Message: "hello" }))).code, "InvalidParameter");
  assert.equal((await refusal(sns.publish({ PhoneNumber: "+15550100", Message: "hello" }))).code, "InvalidParameter");
});

onTopics("a message without text, or with a subject that is none, is refused", async ({ sns, topic, queue, subscribe, bodies }) => {
  covers("sns/5.1-empty-message", "sns/5.1-empty-subject", "sns/5.1-subject");
  const TopicArn = await topic();
  const inbox = await queue();
  await subscribe(TopicArn, inbox);
  assert.equal(await message(sns.publish({ TopicArn, Message: "" })), "Invalid parameter: Empty message");
  for (const Subject of ["", "x".repeat(100), "a\nb"])
    assert.equal(await message(sns.publish({ TopicArn, Message: "x", Subject })), "Invalid parameter: Subject");
  await sns.publish({ TopicArn, Message: " ", Subject: "x".repeat(99) });
  assert.deepEqual(await bodies(inbox), [" "]);
});

onTopics("a message of as many bytes as the topic takes is taken, attributes counted", async ({ sns, topic }) => {
  covers("sns/5.1-size", "sns/5.1-own-size");
  const TopicArn = await topic();
  const attribute = { ab: { DataType: "String", StringValue: "é" } }; // 2 + 6 + 2 bytes.
  const publish = (characters: number, MessageAttributes = {}) =>
    sns.publish({ TopicArn, Message: "x".repeat(characters), MessageAttributes });
  await publish(262_144);
  await publish(262_134, attribute);
  assert.equal(await message(publish(262_145)), "Invalid parameter: Message too long");
  assert.equal(await message(publish(262_135, attribute)), "Invalid parameter: Message too long");
  await sns.setTopicAttributes({ TopicArn, AttributeName: "MaximumMessageSize", AttributeValue: "1024" });
  await publish(1024);
  assert.equal(await message(publish(1025)), "Invalid parameter: Message too long");
});

onTopics("a message structure has a text for each protocol that wants its own", async ({ sns, topic, queue, subscribe, bodies }) => {
  covers("sns/5.1-structure", "sns/5.1-structure-json", "sns/5.1-structure-default", "sns/5.1-structure-twice");
  const TopicArn = await topic();
  const inbox = await queue();
  await subscribe(TopicArn, inbox);
  const publish = (Message: string) => sns.publish({ TopicArn, Message, MessageStructure: "json" });
  await publish('{"default":"d","sqs":"q","pigeon":"p"}');
  await publish('{"default":"d","http":"h"}');
  await publish('{"default":"d","sqs":{"a":1}}');
  await publish('{"default":"first","default":"last"}');
  assert.deepEqual(await bodies(inbox), ["q", "d", "d", "last"]);
  assert.equal(await message(publish("{")), "Invalid parameter: Message Structure - JSON message body failed to parse");
  for (const text of ['{"sqs":"q"}', '{"default":1}', "[]", "null", '"x"'])
    assert.equal(await message(publish(text)), "Invalid parameter: Message Structure - No default entry in JSON message body");
});

onTopics("message attributes are refused in words of their own", async ({ sns, topic }) => {
  covers("sns/5.3-type", "sns/5.3-type-missing", "sns/5.3-empty", "sns/5.3-field", "sns/5.3-name", "sns/5.3-name-length");
  const TopicArn = await topic();
  const text = (name: string, DataType: string | undefined, StringValue?: string) => ({ [name]: { DataType, StringValue } });
  const bytes = (DataType: string) => ({ attr1: { DataType, BinaryValue: Uint8Array.of(1) } });
  const publish = (MessageAttributes: object) => sns.publish({ TopicArn, Message: "x", MessageAttributes: MessageAttributes as never });
  const refusals: [attributes: object, text: string][] = [
    ...["String.", "Stringx", "Text"].map((type): [object, string] => [
      text("attr1", type, "v"),
      "The message attribute 'attr1' has an invalid message attribute type, the set of supported type prefixes is Binary, Number, and String.",
    ]),
    [
      text("attr1", "String"),
      "The message attribute 'attr1' must contain non-empty message attribute value for message attribute type 'String'.",
    ],
    [
      text("attr1", "String", ""),
      "The message attribute 'attr1' must contain non-empty message attribute value for message attribute type 'String'.",
    ],
    [bytes("Number"), "The message attribute 'attr1' with type 'Number' must use field 'String'."],
    [text("attr1", "Binary", "v"), "The message attribute 'attr1' with type 'Binary' must use field 'Binary'."],
    [
      text("a^b", "String", "v"),
      "Invalid non-alphanumeric character '#x5E' was found in the message attribute name. Can only include alphanumeric characters, hyphens, underscores, or dots.",
    ],
    [text(".a", "String", "v"), "Invalid message attribute name starting with character '.' was found."],
    [text("a.", "String", "v"), "Invalid message attribute name ending with character '.' was found."],
    [text("a..b", "String", "v"), "Message attribute name can not have successive '.' character."],
    [text("x".repeat(257), "String", "v"), "Length of message attribute name must be less than 256 bytes."],
  ];
  for (const [attributes, told] of refusals) {
    const { code, status, message } = await refusal(publish(attributes));
    assert.deepEqual([code, status, message], ["ParameterValueInvalid", 400, told]);
  }
  const { code, message: missing } = await refusal(publish(text("attr1", undefined, "v")));
  const at = "'messageAttributes.attr1.member.dataType' failed to satisfy constraint: Member must not be null";
  assert.deepEqual([code, missing], ["ValidationError", `1 validation error detected: Value null at ${at}`]);
  for (const type of ["String.Array", "String.  x.", "Number.int"]) await publish(text("a-b.c_d", type, "1"));
});

onTopics("a batch is published whole, or refused whole", async ({ sns, topic, queue, subscribe, bodies }) => {
  covers("sns/5.2-count", "sns/5.2-empty", "sns/5.2-ids", "sns/5.2-id-form", "sns/5.2-size", "sns/5.2-all", "sns/5.2-answer");
  const TopicArn = await topic();
  const inbox = await queue();
  await subscribe(TopicArn, inbox);
  const publish = (...PublishBatchRequestEntries: { Id: string; Message: string; MessageAttributes?: never }[]) =>
    sns.publishBatch({ TopicArn, PublishBatchRequestEntries });
  const entry = (Id: string, Message = Id) => ({ Id, Message });
  const told = async (call: Promise<unknown>) => Object.values(await refusal(call)).slice(1);
  const eleven = Array.from({ length: 11 }, (_, index) => entry(String(index)));
  assert.deepEqual(await told(publish(...eleven)), [
    "TooManyEntriesInBatchRequest",
    400,
    "The batch request contains more entries than permissible.",
  ]);
  assert.equal((await refusal(publish())).code, "EmptyBatchRequest");
  assert.deepEqual(await told(publish(entry("a"), entry("a"))), [
    "BatchEntryIdsNotDistinct",
    400,
    "Two or more batch entries in the request have the same Id.",
  ]);
  const id = "The Id of a batch entry in the batch request";
  assert.deepEqual(await told(publish(entry("a b"))), ["InvalidBatchEntryId", 400, `${id} contains an impermissible character: a b`]);
  assert.deepEqual(await told(publish(entry("x".repeat(81), "m"))), ["InvalidBatchEntryId", 400, `${id} is too long: ${"x".repeat(81)}`]);
  assert.deepEqual(await told(publish(entry("a", "x".repeat(200_000)), entry("b", "x".repeat(62_145)))), [
    "BatchRequestTooLong",
    400,
    "The length of all the messages put together is more than the limit.",
  ]);
  const untyped = { attr1: { StringValue: "v" } } as never;
  assert.match(
    await message(publish({ ...entry("a"), MessageAttributes: untyped })),
    /'publishBatchRequestEntries\.1\.member\.messageAttributes\.attr1\./,
  );
  assert.equal(await message(publish(entry("a"), entry("b", ""))), "Invalid parameter: Empty message");
  assert.deepEqual(await bodies(inbox), []);
  const { Successful, Failed } = await publish(entry("b"), entry("a"), entry("x".repeat(80), "c"));
  assert.deepEqual(
    Successful?.map(({ Id }) => Id),
    ["b", "a", "x".repeat(80)],
  );
  assert.deepEqual(Failed, []);
  assert.deepEqual(await bodies(inbox), ["b", "a", "c"]);
  const entries = { TopicArn: topicArn("nowhere"), PublishBatchRequestEntries: [entry("a")] };
  assert.equal((await refusal(sns.publishBatch(entries))).code, "NotFound");
});

onTopics("a group is allowed on a standard topic, a deduplication id is not", async ({ sns, topic, queue, subscribe, receive }) => {
  covers("sns/5.1-group-on-standard", "sns/5.1-dedup-on-standard", "sns/8-fair", "sns/5.1-id-form");
  const TopicArn = await topic();
  const inbox = await queue();
  await subscribe(TopicArn, inbox);
  await sns.publish({ TopicArn, Message: "x", MessageGroupId: "tenant" });
  const [received] = await receive(inbox);
  assert.equal(received?.Attributes?.MessageGroupId, "tenant");
  assert.equal(
    await message(sns.publish({ TopicArn, Message: "x", MessageDeduplicationId: "d" })),
    "Invalid parameter: MessageDeduplicationId Reason: The request includes MessageDeduplicationId parameter that is not valid for this topic type",
  );
  for (const MessageGroupId of ["", "a b", "x".repeat(129)])
    assert.equal((await refusal(sns.publish({ TopicArn, Message: "x", MessageGroupId }))).code, "InvalidParameter");
});
