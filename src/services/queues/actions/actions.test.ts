import assert from "node:assert/strict";
import { test } from "node:test";
import { seededRandom } from "../../../kernel/random.ts";
import type { Storage, StoreCall } from "../../../storage/storage.ts";
import type { Call } from "../../../wire/api.ts";
import { createQueues } from "../index.ts";
import { queueDoesNotExist } from "../rules/errors.ts";
import { encodeReceipt } from "../rules/receipt.ts";
import { queueFirst } from "./context.ts";
import { covers } from "../../../../test/contract/covers.ts";

const ACCOUNT = "111111111111";
const URL = `http://localhost:4566/${ACCOUNT}/orders`;
const QUEUE = { account: ACCOUNT, region: "eu-west-1", name: "orders" };
const RECEIPT = { queueId: 1, sequence: 2, hiddenUntilMs: 3000, receivedMs: 1000, receiveCount: 1 };
const MESSAGE = {
  id: "m1",
  body: "b",
  bodyMd5: "92eb5ffee6ae2fec3ad71c777531578f",
  attributes: null,
  traceHeader: null,
  groupId: null,
  deduplicationId: null,
  senderId: "AIDA1",
  sentMs: 500,
  firstReceivedMs: 1000,
  receiveCount: 1,
  receipt: RECEIPT,
};

function callBy(options: Partial<Call> & { accountId?: string } = {}): Call {
  const { accountId = ACCOUNT, ...rest } = options;
  return {
    requestId: "r",
    region: "eu-west-1",
    baseUrl: "http://localhost:4566",
    target: "/",
    headers: {},
    remoteAddress: "127.0.0.1",
    action: "none",
    secure: false,
    principal: {
      accountId,
      arn: `arn:aws:iam::${accountId}:root`,
      uniqueId: "AIDA1",
      accessKeyId: "AKIA1",
      authenticated: true,
      verified: false,
    },
    signal: new AbortController().signal,
    ...rest,
  };
}

/** The service over a storage that answers by a table and remembers what it was asked. */
function serviceWith(answers: Record<string, (args: never) => unknown>) {
  const asked: StoreCall[] = [];
  const storage: Storage = {
    async unit(calls) {
      asked.push(...calls);
      return calls.map(({ operation, args }) => answers[operation.replace("queues.", "")]?.(args as never));
    },
    report: new Map(),
    stop: () => Promise.resolve(),
  };
  const queues = createQueues({ storage, random: seededRandom(1), ownAccountAsked: false });
  const actions = queues.api.actions as unknown as Readonly<Record<string, { handle(input: object, call: Call): Promise<unknown> }>>;
  const run = async (action: string, input: object, call = callBy()) => actions[action]?.handle(input, { ...call, action });
  return { queues, asked, run };
}

test("the queue is looked for before anything else is said", async () => {
  covers("sqs/4.3-no-queue", "sqs/1.3-queue-before-handle");
  const missing = serviceWith({
    listTags: () => {
      throw queueDoesNotExist();
    },
  });
  const present = serviceWith({ listTags: () => ({}) });
  const table: [action: string, input: object, code: string][] = [
    ["SendMessage", { MessageBody: "" }, "MissingRequiredParameterException"],
    ["SendMessageBatch", { Entries: [] }, "EmptyBatchRequest"],
    ["ReceiveMessage", { MaxNumberOfMessages: 11 }, "InvalidParameterValueException"],
    ["ReceiveMessage", { ReceiveRequestAttemptId: "a" }, "InvalidParameterValueException"],
    ["DeleteMessage", { ReceiptHandle: "garbage" }, "ReceiptHandleIsInvalid"],
    ["DeleteMessageBatch", { Entries: [] }, "EmptyBatchRequest"],
    ["ChangeMessageVisibility", { ReceiptHandle: "garbage", VisibilityTimeout: 1 }, "ReceiptHandleIsInvalid"],
    ["ChangeMessageVisibilityBatch", { Entries: [] }, "EmptyBatchRequest"],
    ["GetQueueAttributes", { AttributeNames: ["Foo"] }, "InvalidAttributeName"],
    ["SetQueueAttributes", { Attributes: { Foo: "1" } }, "InvalidAttributeName"],
    ["TagQueue", { Tags: {} }, "MissingRequiredParameterException"],
    ["UntagQueue", { TagKeys: [] }, "MissingRequiredParameterException"],
  ];
  for (const [action, input, code] of table) {
    await assert.rejects(missing.run(action, { QueueUrl: URL, ...input }), { code: "QueueDoesNotExist" }, action);
    await assert.rejects(present.run(action, { QueueUrl: URL, ...input }), { code }, action);
  }
});

test("a bug in a rule is told as what it is, also where the queue does not exist", () => {
  const { queues, asked } = serviceWith({
    listTags: () => {
      throw queueDoesNotExist();
    },
  });
  const bug = new TypeError("a bug");
  const broken = () => {
    throw bug;
  };
  assert.throws(() => queueFirst({ store: queues.store, random: seededRandom(1) }, QUEUE, broken), bug);
  assert.deepEqual(asked, [], "nobody is asked whether there is such a queue");
});

test("who asks for what goes along to the store, but for an owner whose word alone says who it is", async () => {
  const { run, asked } = serviceWith({ purge: () => undefined, listTags: () => ({}), send: () => [{ sent: true }] });
  const stranger = callBy({ accountId: "222222222222", remoteAddress: "203.0.113.9", secure: true });
  const owner = callBy();
  const verified = callBy({ principal: { ...owner.principal, verified: true } });
  await run("PurgeQueue", { QueueUrl: URL }, owner);
  await run("PurgeQueue", { QueueUrl: URL }, verified);
  await run("SendMessageBatch", { QueueUrl: URL, Entries: [{ Id: "a", MessageBody: "b" }] }, stranger);
  await run("GetQueueUrl", { QueueName: "orders", QueueOwnerAWSAccountId: ACCOUNT }, stranger);
  const asker = (accountId: string, action: string) => ({
    kind: "caller",
    action,
    accountId,
    arn: `arn:aws:iam::${accountId}:root`,
    uniqueId: "AIDA1",
    sourceIp: accountId === ACCOUNT ? "127.0.0.1" : "203.0.113.9",
    secure: accountId !== ACCOUNT,
  });
  assert.deepEqual(
    asked.map(({ args }) => (args as { queue: object }).queue),
    [
      QUEUE,
      { ...QUEUE, asker: asker(ACCOUNT, "PurgeQueue") },
      { ...QUEUE, asker: asker("222222222222", "SendMessage") },
      { ...QUEUE, asker: asker("222222222222", "GetQueueUrl") },
    ],
  );
});

test("the region is the caller's, whatever the URL says", async () => {
  const { run, asked } = serviceWith({ purge: () => undefined });
  await run("PurgeQueue", { QueueUrl: `https://sqs.us-west-2.amazonaws.com/${ACCOUNT}/orders` });
  await run("PurgeQueue", { QueueUrl: "orders" });
  assert.deepEqual(
    asked.map(({ args }) => args),
    [{ queue: QUEUE }, { queue: QUEUE }],
  );
});

test("a receive whose caller has gone is taken back", async () => {
  covers("sqs/5.1-caller-gone");
  const gone = new AbortController();
  const { run, asked } = serviceWith({
    receive() {
      gone.abort();
      return [MESSAGE];
    },
  });
  assert.deepEqual(await run("ReceiveMessage", { QueueUrl: URL }, callBy({ signal: gone.signal })), {});
  assert.deepEqual(asked.at(-1), { operation: "queues.undoReceive", args: { queue: QUEUE, receipts: [RECEIPT] } });
});

test("a receive that is answered is not taken back", async () => {
  const { run, asked } = serviceWith({ receive: () => [MESSAGE] });
  await run("ReceiveMessage", { QueueUrl: URL });
  assert.deepEqual(
    asked.map(({ operation }) => operation),
    ["queues.receive"],
  );
});

test("an attribute whose name has a meaning in JavaScript is shown like any other", async () => {
  const { run } = serviceWith({ receive: () => [{ ...MESSAGE, attributes: '[["__proto__","String","x"],["constructor","Number","1"]]' }] });
  const { Messages } = (await run("ReceiveMessage", { QueueUrl: URL, MessageAttributeNames: ["All"] })) as {
    Messages: { MessageAttributes: object }[];
  };
  assert.deepEqual(Object.entries(Messages[0]?.MessageAttributes ?? {}), [
    ["__proto__", { DataType: "String", StringValue: "x" }],
    ["constructor", { DataType: "Number", StringValue: "1" }],
  ]);
});

test("entries of a batch are judged one by one, in whatever order good and bad ones stand", async () => {
  const handle = encodeReceipt(RECEIPT);
  const { run } = serviceWith({
    delete: ({ receipts }: { receipts: unknown[] }) => receipts.map((_, index) => (index === 0 ? "deleted" : "foreign")),
  });
  const Entries = [
    ["a", "garbage"],
    ["b", handle],
    ["c", "garbage"],
    ["d", handle],
  ].map(([Id, ReceiptHandle]) => ({ Id, ReceiptHandle }));
  const { Successful, Failed } = (await run("DeleteMessageBatch", { QueueUrl: URL, Entries })) as {
    Successful: { Id: string }[];
    Failed: { Id: string; Code: string }[];
  };
  assert.deepEqual(Successful, [{ Id: "b" }]);
  assert.deepEqual(
    Failed.map(({ Id, Code }) => `${Id} ${Code}`),
    ["a ReceiptHandleIsInvalid", "c ReceiptHandleIsInvalid", "d ReceiptHandleIsInvalid"],
  );
});

test("each change of a batch is answered by its own result", async () => {
  const handle = encodeReceipt(RECEIPT);
  const { run } = serviceWith({ changeVisibility: () => ["changed", "gone", "over-limit", "foreign"] });
  const Entries = [
    { Id: "none", ReceiptHandle: handle },
    { Id: "changed", ReceiptHandle: handle, VisibilityTimeout: 1 },
    { Id: "range", ReceiptHandle: handle, VisibilityTimeout: 43_201 },
    { Id: "gone", ReceiptHandle: handle, VisibilityTimeout: 0 },
    { Id: "over", ReceiptHandle: handle, VisibilityTimeout: 43_200 },
    { Id: "foreign", ReceiptHandle: handle, VisibilityTimeout: 1 },
  ];
  const { Successful, Failed } = (await run("ChangeMessageVisibilityBatch", { QueueUrl: URL, Entries })) as {
    Successful: { Id: string }[];
    Failed: { Id: string; Code: string }[];
  };
  assert.deepEqual(Successful, [{ Id: "changed" }]);
  assert.deepEqual(
    Failed.map(({ Id, Code }) => `${Id} ${Code}`),
    [
      "none MissingParameter",
      "range InvalidParameterValue",
      "gone InvalidParameterValue",
      "over InvalidParameterValue",
      "foreign ReceiptHandleIsInvalid",
    ],
  );
});

test("another service's message says for whom it is delivered, but for the owner's own where owners are not asked", () => {
  const { queues } = serviceWith({});
  const source = { service: "s3.amazonaws.com", arn: "arn:aws:s3:::photos", accountId: ACCOUNT };
  const message = { body: "event", source, senderId: "objects" };
  const call = queues.delivery({ ...message, queueArn: `arn:aws:sqs:eu-west-1:${ACCOUNT}:orders` });
  assert.ok(call !== undefined);
  assert.equal(call.operation, "queues.deliver");
  const { queue, message: stored } = call.args as { queue: object; message: Record<string, unknown> };
  assert.deepEqual(queue, QUEUE);
  // The digest is made when the message is read.
  assert.deepEqual([stored["body"], stored["bodyMd5"], stored["sizeBytes"], stored["senderId"]], ["event", "", 5, "objects"]);
  const across = queues.delivery({ ...message, queueArn: "arn:aws:sqs:eu-west-1:222222222222:orders" });
  const asker = {
    kind: "service",
    action: "SendMessage",
    accountId: ACCOUNT,
    service: "s3.amazonaws.com",
    sourceArn: "arn:aws:s3:::photos",
  };
  assert.ok(across !== undefined);
  assert.deepEqual((across.args as { queue: object }).queue, { ...QUEUE, account: "222222222222", asker });
  assert.equal(queues.delivery({ ...message, queueArn: `arn:aws:sns:eu-west-1:${ACCOUNT}:orders` }), undefined);
});
