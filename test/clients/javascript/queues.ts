import {
  ChangeMessageVisibilityBatchCommand,
  ChangeMessageVisibilityCommand,
  CreateQueueCommand,
  DeleteMessageBatchCommand,
  DeleteMessageCommand,
  DeleteQueueCommand,
  GetQueueAttributesCommand,
  GetQueueUrlCommand,
  ListQueuesCommand,
  ListQueueTagsCommand,
  PurgeQueueCommand,
  ReceiveMessageCommand,
  SendMessageBatchCommand,
  SendMessageCommand,
  SetQueueAttributesCommand,
  SQSClient,
  TagQueueCommand,
  UntagQueueCommand,
  type Message,
  type MessageAttributeValue,
  type SQSClientConfig,
} from "@aws-sdk/client-sqs";
import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { setTimeout as pause } from "node:timers/promises";
import { refusalOf, type Tally } from "./tally.ts";

const UNICODE = 'żółw 🐢 \t\n\r & <"quoted">';
const BYTES = Uint8Array.from({ length: 256 }, (_, byte) => byte);
const LARGEST_BYTES = 1024 * 1024;
const ATTRIBUTES: Record<string, MessageAttributeValue> = {
  text: { DataType: "String", StringValue: UNICODE },
  "trace.number": { DataType: "Number.float", StringValue: "-1.50" },
  "trace.bytes": { DataType: "Binary", BinaryValue: BYTES },
};

/** The scenario of queues. Each step builds on those before it. */
export async function queueScenario(tally: Tally, config: SQSClientConfig): Promise<void> {
  const sqs = new SQSClient(config);
  const prefix = `javascript-${process.pid}-`;
  const QueueName = `${prefix}orders`;
  const QueueUrl = (
    await sqs.send(new CreateQueueCommand({ QueueName, Attributes: { VisibilityTimeout: "30" }, tags: { team: "photos" } }))
  ).QueueUrl!;
  const of = { sqs, QueueUrl, QueueName, prefix, step: tally.step.bind(tally) };
  await queueSteps(of);
  await messageSteps(of);
  await visibilitySteps(of);
  await batchSteps(of);
  await refusalSteps(of);
  sqs.destroy();
}

interface Of {
  readonly sqs: SQSClient;
  readonly QueueUrl: string;
  readonly QueueName: string;
  readonly prefix: string;
  readonly step: Tally["step"];
}

async function queueSteps({ sqs, QueueUrl, QueueName, prefix, step }: Of): Promise<void> {
  await step("a queue is found by its name, and created again as it is", async () => {
    assert.equal((await sqs.send(new GetQueueUrlCommand({ QueueName }))).QueueUrl, QueueUrl);
    assert.equal((await sqs.send(new CreateQueueCommand({ QueueName, Attributes: { VisibilityTimeout: "30" } }))).QueueUrl, QueueUrl);
  });
  await step("attributes are read and set", async () => {
    await sqs.send(new SetQueueAttributesCommand({ QueueUrl, Attributes: { MessageRetentionPeriod: "3600" } }));
    const { Attributes } = await sqs.send(new GetQueueAttributesCommand({ QueueUrl, AttributeNames: ["All"] }));
    assert.equal(Attributes?.["VisibilityTimeout"], "30");
    assert.equal(Attributes?.["MessageRetentionPeriod"], "3600");
    assert.match(Attributes?.["QueueArn"] ?? "", new RegExp(`^arn:aws:sqs:us-east-1:\\d{12}:${QueueName}$`));
  });
  await step("tags are read, added and removed", async () => {
    await sqs.send(new TagQueueCommand({ QueueUrl, Tags: { größe: "groß" } }));
    assert.deepEqual((await sqs.send(new ListQueueTagsCommand({ QueueUrl }))).Tags, { team: "photos", größe: "groß" });
    await sqs.send(new UntagQueueCommand({ QueueUrl, TagKeys: ["team"] }));
    assert.deepEqual((await sqs.send(new ListQueueTagsCommand({ QueueUrl }))).Tags, { größe: "groß" });
  });
  await step("queues are listed by prefix, page by page", async () => {
    const names = Array.from({ length: 5 }, (_, number) => `${prefix}listed-${number}`);
    const urls = await Promise.all(names.map(async (name) => (await sqs.send(new CreateQueueCommand({ QueueName: name }))).QueueUrl));
    const listed: (string | undefined)[] = [];
    let NextToken: string | undefined;
    do {
      const page = await sqs.send(new ListQueuesCommand({ QueueNamePrefix: `${prefix}listed-`, MaxResults: 2, NextToken }));
      listed.push(...(page.QueueUrls ?? []));
      NextToken = page.NextToken;
    } while (NextToken !== undefined);
    assert.deepEqual(new Set(listed), new Set(urls));
  });
  await step("a deleted queue does not exist", async () => {
    const deleted = (await sqs.send(new CreateQueueCommand({ QueueName: `${prefix}deleted` }))).QueueUrl;
    await sqs.send(new DeleteQueueCommand({ QueueUrl: deleted }));
    assert.equal(await refusalOf(sqs.send(new SendMessageCommand({ QueueUrl: deleted, MessageBody: "late" }))), "QueueDoesNotExist");
  });
}

async function messageSteps({ sqs, QueueUrl, step }: Of): Promise<void> {
  await step("a message arrives as it was sent, with attributes of all types and their digests", async () => {
    const sent = await sqs.send(new SendMessageCommand({ QueueUrl, MessageBody: UNICODE, MessageAttributes: ATTRIBUTES }));
    assert.equal(sent.MD5OfMessageAttributes, attributesMd5(ATTRIBUTES));
    const [message] = await receive(sqs, QueueUrl, { MessageAttributeNames: ["All"], MessageSystemAttributeNames: ["All"] });
    assert.equal(message?.MessageId, sent.MessageId);
    assert.equal(message?.Body, UNICODE);
    assert.equal(message?.MD5OfMessageAttributes, sent.MD5OfMessageAttributes);
    assert.deepEqual(new Uint8Array(message?.MessageAttributes?.["trace.bytes"]?.BinaryValue ?? []), BYTES);
    assert.equal(message?.MessageAttributes?.["trace.number"]?.DataType, "Number.float");
    assert.equal(message?.MessageAttributes?.["text"]?.StringValue, UNICODE);
    assert.equal(message?.Attributes?.ApproximateReceiveCount, "1");
    assert.ok(Number(message?.Attributes?.SentTimestamp) > 0);
    await remove(sqs, QueueUrl, message);
  });
  await step("only the attributes that are asked for come", async () => {
    await sqs.send(new SendMessageCommand({ QueueUrl, MessageBody: "filtered", MessageAttributes: ATTRIBUTES }));
    const [message] = await receive(sqs, QueueUrl, { MessageAttributeNames: ["trace.*"], MessageSystemAttributeNames: ["SentTimestamp"] });
    assert.deepEqual(Object.keys(message?.MessageAttributes ?? {}).sort(), ["trace.bytes", "trace.number"]);
    assert.deepEqual(Object.keys(message?.Attributes ?? {}), ["SentTimestamp"]);
    await remove(sqs, QueueUrl, message);
  });
  await step("the largest message arrives whole, however the client escapes it", async () => {
    const body = "<".repeat(LARGEST_BYTES);
    await sqs.send(new SendMessageCommand({ QueueUrl, MessageBody: body }));
    const [message] = await receive(sqs, QueueUrl);
    assert.ok(message?.Body === body);
    await remove(sqs, QueueUrl, message);
  });
  await step("a message of a standard queue may have a group", async () => {
    await sqs.send(new SendMessageCommand({ QueueUrl, MessageBody: "grouped", MessageGroupId: "tenant" }));
    const [message] = await receive(sqs, QueueUrl, { MessageSystemAttributeNames: ["MessageGroupId"] });
    assert.deepEqual(message?.Attributes, { MessageGroupId: "tenant" });
    await remove(sqs, QueueUrl, message);
  });
  await step("a long poll is answered when a message comes, or empty at its end", async () => {
    const waiting = receive(sqs, QueueUrl, { WaitTimeSeconds: 10 });
    await pause(300);
    await sqs.send(new SendMessageCommand({ QueueUrl, MessageBody: "awaited" }));
    const sentMs = performance.now();
    const [message] = await waiting;
    assert.equal(message?.Body, "awaited");
    assert.ok(performance.now() - sentMs < 5000);
    await remove(sqs, QueueUrl, message);
    assert.deepEqual(await receive(sqs, QueueUrl, { WaitTimeSeconds: 1 }), []);
  });
  await step("a delayed message comes after its delay", async () => {
    await sqs.send(new SendMessageCommand({ QueueUrl, MessageBody: "delayed", DelaySeconds: 1 }));
    assert.deepEqual(await receive(sqs, QueueUrl), []);
    const [message] = await receive(sqs, QueueUrl, { WaitTimeSeconds: 10 });
    assert.equal(message?.Body, "delayed");
    await remove(sqs, QueueUrl, message);
  });
}

async function visibilitySteps({ sqs, QueueUrl, step }: Of): Promise<void> {
  await step("a message that is given back comes again, counted", async () => {
    await sqs.send(new SendMessageCommand({ QueueUrl, MessageBody: "again" }));
    const [first] = await receive(sqs, QueueUrl);
    assert.deepEqual(await receive(sqs, QueueUrl), []);
    await sqs.send(new ChangeMessageVisibilityCommand({ QueueUrl, ReceiptHandle: first?.ReceiptHandle, VisibilityTimeout: 0 }));
    const [second] = await receive(sqs, QueueUrl, { MessageSystemAttributeNames: ["ApproximateReceiveCount"] });
    assert.equal(second?.MessageId, first?.MessageId);
    assert.equal(second?.Attributes?.ApproximateReceiveCount, "2");
    await remove(sqs, QueueUrl, second);
  });
  await step("a message comes again when its visibility timeout is over", async () => {
    await sqs.send(new SendMessageCommand({ QueueUrl, MessageBody: "late" }));
    const [first] = await receive(sqs, QueueUrl, { VisibilityTimeout: 1 });
    const [second] = await receive(sqs, QueueUrl, { WaitTimeSeconds: 10 });
    assert.equal(second?.MessageId, first?.MessageId);
    await remove(sqs, QueueUrl, second);
  });
  await step("several are given back at once, and one that cannot be is named", async () => {
    await sqs.send(new SendMessageCommand({ QueueUrl, MessageBody: "one" }));
    const [message] = await receive(sqs, QueueUrl);
    const Entries = [
      { Id: "good", ReceiptHandle: message?.ReceiptHandle, VisibilityTimeout: 0 },
      { Id: "bad", ReceiptHandle: "made up", VisibilityTimeout: 0 },
    ];
    const { Successful, Failed } = await sqs.send(new ChangeMessageVisibilityBatchCommand({ QueueUrl, Entries }));
    assert.deepEqual(
      Successful?.map(({ Id }) => Id),
      ["good"],
    );
    assert.deepEqual(
      Failed?.map(({ Id, Code, SenderFault }) => [Id, Code, SenderFault]),
      [["bad", "ReceiptHandleIsInvalid", true]],
    );
    await remove(sqs, QueueUrl, (await receive(sqs, QueueUrl))[0]);
  });
}

async function batchSteps({ sqs, QueueUrl, step }: Of): Promise<void> {
  await step("ten messages are sent, received and deleted at once", async () => {
    const Entries = Array.from({ length: 10 }, (_, number) => ({
      Id: `${number}`,
      MessageBody: `${UNICODE} ${number}`,
      MessageAttributes: ATTRIBUTES,
    }));
    const { Successful, Failed } = await sqs.send(new SendMessageBatchCommand({ QueueUrl, Entries }));
    assert.equal(Successful?.length, 10);
    assert.equal(Failed, undefined);
    const messages = await receive(sqs, QueueUrl, { MaxNumberOfMessages: 10, MessageAttributeNames: ["All"] });
    assert.deepEqual(new Set(messages.map(({ Body }) => Body)), new Set(Entries.map(({ MessageBody }) => MessageBody)));
    assert.equal(messages.length, 10);
    const handles = messages.map(({ ReceiptHandle }, number) => ({ Id: `${number}`, ReceiptHandle }));
    assert.equal((await sqs.send(new DeleteMessageBatchCommand({ QueueUrl, Entries: handles }))).Successful?.length, 10);
  });
  await step("of a batch, what is wrong fails and the rest is sent", async () => {
    const Entries = [
      { Id: "good", MessageBody: "good" },
      { Id: "forbidden", MessageBody: "no \u0000 in XML" },
      { Id: "delayed", MessageBody: "too long", DelaySeconds: 901 },
    ];
    const { Successful, Failed } = await sqs.send(new SendMessageBatchCommand({ QueueUrl, Entries }));
    assert.deepEqual(
      Successful?.map(({ Id }) => Id),
      ["good"],
    );
    assert.deepEqual(Failed?.map(({ Id, Code, SenderFault }) => `${Id} ${Code} ${SenderFault}`).sort(), [
      "delayed InvalidParameterValue true",
      "forbidden InvalidMessageContents true",
    ]);
  });
  await step("a purge empties the queue, and another must wait", async () => {
    await sqs.send(new PurgeQueueCommand({ QueueUrl }));
    assert.deepEqual(await receive(sqs, QueueUrl), []);
    const { Attributes } = await sqs.send(new GetQueueAttributesCommand({ QueueUrl, AttributeNames: ["ApproximateNumberOfMessages"] }));
    assert.deepEqual(Attributes, { ApproximateNumberOfMessages: "0" });
    assert.equal(await refusalOf(sqs.send(new PurgeQueueCommand({ QueueUrl }))), "PurgeQueueInProgress");
  });
}

async function refusalSteps({ sqs, QueueUrl, QueueName, step }: Of): Promise<void> {
  const refused = (name: string, call: () => Promise<unknown>) =>
    step(`refused with ${name}`, async () => assert.equal(await refusalOf(call()), name));
  const entry = (Id: string) => ({ Id, MessageBody: "body" });
  await refused("QueueDoesNotExist", () => sqs.send(new GetQueueUrlCommand({ QueueName: "nobody-made-it" })));
  await refused("QueueNameExists", () => sqs.send(new CreateQueueCommand({ QueueName, Attributes: { VisibilityTimeout: "31" } })));
  await refused("ReceiptHandleIsInvalid", () => sqs.send(new DeleteMessageCommand({ QueueUrl, ReceiptHandle: "made up" })));
  await refused("InvalidAttributeName", () =>
    sqs.send(new SetQueueAttributesCommand({ QueueUrl, Attributes: { Colour: "red" } as Record<string, string> })),
  );
  await refused("InvalidAttributeValue", () =>
    sqs.send(new SetQueueAttributesCommand({ QueueUrl, Attributes: { VisibilityTimeout: "-1" } })),
  );
  await refused("InvalidMessageContents", () => sqs.send(new SendMessageCommand({ QueueUrl, MessageBody: "\u0001" })));
  await refused("InvalidParameterValue", () => sqs.send(new ReceiveMessageCommand({ QueueUrl, MaxNumberOfMessages: 11 })));
  await refused("EmptyBatchRequest", () => sqs.send(new SendMessageBatchCommand({ QueueUrl, Entries: [] })));
  await refused("BatchEntryIdsNotDistinct", () => sqs.send(new SendMessageBatchCommand({ QueueUrl, Entries: [entry("a"), entry("a")] })));
  const eleven = Array.from({ length: 11 }, (_, number) => entry(`${number}`));
  await refused("TooManyEntriesInBatchRequest", () => sqs.send(new SendMessageBatchCommand({ QueueUrl, Entries: eleven })));
}

async function receive(sqs: SQSClient, QueueUrl: string, options: Partial<ReceiveMessageCommand["input"]> = {}): Promise<Message[]> {
  return (await sqs.send(new ReceiveMessageCommand({ QueueUrl, ...options }))).Messages ?? [];
}

async function remove(sqs: SQSClient, QueueUrl: string, message: Message | undefined): Promise<void> {
  await sqs.send(new DeleteMessageCommand({ QueueUrl, ReceiptHandle: message?.ReceiptHandle }));
}

/** Names in order, each part with its length before it; as the SQS developer guide writes it down. */
function attributesMd5(attributes: Record<string, MessageAttributeValue>): string {
  const digest = createHash("md5");
  const part = (bytes: Uint8Array) => {
    const length = Buffer.alloc(4);
    length.writeUInt32BE(bytes.length);
    digest.update(length).update(bytes);
  };
  for (const name of Object.keys(attributes).sort()) {
    const { DataType = "", StringValue, BinaryValue } = attributes[name]!;
    part(Buffer.from(name));
    part(Buffer.from(DataType));
    digest.update(Uint8Array.of(BinaryValue === undefined ? 1 : 2));
    part(BinaryValue ?? Buffer.from(StringValue ?? ""));
  }
  return digest.digest("hex");
}
