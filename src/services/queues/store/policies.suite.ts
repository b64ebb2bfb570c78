import assert from "node:assert/strict";
import { describe, test } from "node:test";
import type { Asker } from "../../../access/asker.ts";
import { EVERY_MESSAGE } from "../rules/message-search.ts";
import type { StoreUnderTest } from "./timeline.suite.ts";
import type { NewMessage, QueueRef } from "./store.ts";

const QUEUE: QueueRef = { account: "000000000000", region: "us-east-1", name: "jobs" };
const STRANGER = "111111111111";
const DENIED = { code: "AccessDeniedException" };
const GONE = { code: "QueueDoesNotExist" };

const MESSAGE: NewMessage = {
  id: "id-1",
  body: "m1",
  bodyMd5: "md5",
  attributes: null,
  traceHeader: null,
  groupId: null,
  delayMs: undefined,
  sizeBytes: 2,
  senderId: "AIDA",
};

/** The queue, asked for by an account. */
function asked(action: string, accountId = STRANGER, name = "jobs"): QueueRef {
  const arn = `arn:aws:iam::${accountId}:root`;
  const asker: Asker = { kind: "caller", action, accountId, arn, uniqueId: accountId, sourceIp: "203.0.113.9", secure: false };
  return { ...QUEUE, name, asker };
}

function deliveredBy(accountId: string): QueueRef {
  const service = { service: "s3.amazonaws.com", sourceArn: "arn:aws:s3:::photos" };
  return { ...QUEUE, asker: { kind: "service", action: "SendMessage", accountId, ...service } };
}

const EVERYTHING = { Effect: "Allow", Principal: "*", Action: "sqs:*", Resource: "*" };
const policyOf = (...statements: object[]) => JSON.stringify({ Statement: statements.map((changes) => ({ ...EVERYTHING, ...changes })) });

const send = ({ store }: StoreUnderTest, queue: QueueRef) => store.send({ queue, messages: [MESSAGE] });
const setPolicy = ({ store }: StoreUnderTest, Policy: string) => store.setAttributes({ queue: QUEUE, attributes: { Policy } });

/** Who may use a queue: the part of the store's meaning that is about policies. */
export function queuePoliciesSuite(engine: string, open: () => Promise<StoreUnderTest>): void {
  const withQueue = (attributes: Record<string, string>, body: (subject: StoreUnderTest) => Promise<void>) => async () => {
    const subject = await open();
    try {
      await subject.store.createQueue({ queue: QUEUE, attributes, tags: {} });
      await body(subject);
    } finally {
      await subject.close();
    }
  };
  const policed = (name: string, attributes: Record<string, string>, body: (subject: StoreUnderTest) => Promise<void>): void => {
    test(name, withQueue(attributes, body));
  };

  describe(`queue store on ${engine}: policies`, () => {
    policed(
      "another account is refused until the policy allows it, and again when it no longer does; at once each time",
      {},
      opensAndCloses,
    );
    policed("every operation on a queue asks who asks", {}, asksAlways);
    policed(
      "an account that asks for its own queue is denied by a Deny alone, and the server itself by nothing",
      { Policy: policyOf({ Effect: "Deny", Action: "sqs:SendMessage" }) },
      async (t) => {
        await assert.rejects(send(t, asked("SendMessage", QUEUE.account)), DENIED);
        await t.store.purge({ queue: asked("PurgeQueue", QUEUE.account) });
        await send(t, QUEUE);
      },
    );
    policed("a queue that does not exist is denied to others, and told to be missing to its own account", {}, async (t) => {
      await assert.rejects(send(t, asked("SendMessage", STRANGER, "nowhere")), DENIED);
      await assert.rejects(send(t, asked("SendMessage", QUEUE.account, "nowhere")), GONE);
    });
    policed("a receive that waits is refused when the policy that let it in is taken away", { Policy: policyOf({}) }, async (t) => {
      const receive = { messagesMax: 1, waitMs: 20_000, visibilityMs: undefined };
      const waiting = assert.rejects(t.store.receive({ queue: asked("ReceiveMessage"), ...receive }), DENIED);
      await t.store.listTags({ queue: QUEUE });
      await setPolicy(t, "");
      await waiting;
    });
    policed("a condition sees the engine's time", {}, async (t) => {
      const until = new Date(t.clock.nowMs() + 60_000).toISOString();
      await setPolicy(t, policyOf({ Condition: { DateLessThan: { "aws:CurrentTime": until } } }));
      t.clock.advance(59_000);
      await send(t, asked("SendMessage"));
      t.clock.advance(1000);
      await assert.rejects(send(t, asked("SendMessage")), DENIED);
    });
    policed("permissions are added and taken out, survive a restart, and leave everything else alone", { DelaySeconds: "5" }, permits);
    policed("a delivery is answered with what became of it, and what is not taken is not written", {}, delivers);
    policed("a digest that a delivery comes without is made when its message is read, by whoever reads it", {}, digests);
  });
}

async function opensAndCloses(t: StoreUnderTest): Promise<void> {
  await assert.rejects(send(t, asked("SendMessage")), DENIED);
  await setPolicy(t, policyOf({ Action: "sqs:SendMessage" }));
  await send(t, asked("SendMessage"));
  await assert.rejects(t.store.purge({ queue: asked("PurgeQueue") }), DENIED);
  await setPolicy(t, "");
  await assert.rejects(send(t, asked("SendMessage")), DENIED);
  assert.equal((await t.store.describeQueue({ queue: QUEUE })).visible, 1);
}

async function asksAlways({ store }: StoreUnderTest): Promise<void> {
  const queue = asked("GetQueueAttributes");
  const permission = { label: "l", accountIds: [STRANGER], actions: ["*"] };
  const operations: (() => Promise<unknown>)[] = [
    () => store.createQueue({ queue, attributes: {}, tags: {} }),
    () => store.deleteQueue({ queue }),
    () => store.describeQueue({ queue }),
    () => store.setAttributes({ queue, attributes: {} }),
    () => store.addPermission({ queue, permission }),
    () => store.removePermission({ queue, label: "l" }),
    () => store.purge({ queue }),
    () => store.addTags({ queue, tags: {} }),
    () => store.removeTags({ queue, keys: [] }),
    () => store.listTags({ queue }),
    () => store.send({ queue, messages: [] }),
    () => store.receive({ queue, messagesMax: 1, waitMs: 0, visibilityMs: undefined }),
    () => store.peek({ queue, search: EVERY_MESSAGE, messagesMax: 1, scanMax: 1, after: undefined }),
    () => store.undoReceive({ queue, receipts: [] }),
    () => store.delete({ queue, receipts: [] }),
    () => store.changeVisibility({ queue, changes: [] }),
  ];
  for (const operation of operations) await assert.rejects(operation, DENIED, String(operation));
}

async function permits(t: StoreUnderTest): Promise<void> {
  const permission = { label: "partner", accountIds: [STRANGER], actions: ["SendMessage"] };
  await t.store.addPermission({ queue: QUEUE, permission });
  await assert.rejects(t.store.addPermission({ queue: QUEUE, permission }), { message: /Already exists/ });
  await t.reopen();
  await send(t, asked("SendMessage"));
  await t.store.removePermission({ queue: QUEUE, label: "partner" });
  await assert.rejects(send(t, asked("SendMessage")), DENIED);
  assert.deepEqual((await t.store.describeQueue({ queue: QUEUE })).attributes, { DelaySeconds: "5" });
}

async function delivers(t: StoreUnderTest): Promise<void> {
  const deliver = (queue: QueueRef) => t.store.deliver({ queue, message: MESSAGE });
  assert.equal(await deliver(QUEUE), "delivered");
  assert.equal(await deliver(deliveredBy(QUEUE.account)), "delivered");
  assert.equal(await deliver(deliveredBy(STRANGER)), "denied");
  await setPolicy(t, policyOf({ Principal: { Service: "s3.amazonaws.com" } }));
  assert.equal(await deliver(deliveredBy(STRANGER)), "delivered");
  await setPolicy(t, policyOf({ Effect: "Deny" }));
  assert.equal(await deliver(deliveredBy(QUEUE.account)), "denied");
  assert.equal(await deliver({ ...QUEUE, name: "nowhere" }), "gone");
  await t.store.setAttributes({ queue: QUEUE, attributes: { MaximumMessageSize: "1024", Policy: "" } });
  assert.equal(await t.store.deliver({ queue: QUEUE, message: { ...MESSAGE, sizeBytes: 1025 } }), "too-long");
  assert.equal((await t.store.describeQueue({ queue: QUEUE })).visible, 3);
}

async function digests(t: StoreUnderTest): Promise<void> {
  const md5 = "0cc175b9c0f1b6a831c399e269772661"; // Of "a".
  const { end } = await t.store.tail({ queue: QUEUE, after: undefined, search: EVERY_MESSAGE, waitMs: 0 });
  await t.store.deliver({ queue: QUEUE, message: { ...MESSAGE, body: "a", bodyMd5: "" } });
  const { messages: tailed } = await t.store.tail({ queue: QUEUE, after: end, search: EVERY_MESSAGE, waitMs: 0 });
  const { messages: peeked } = await t.store.peek({ queue: QUEUE, after: undefined, messagesMax: 1, scanMax: 1, search: EVERY_MESSAGE });
  const received = await t.store.receive({ queue: QUEUE, messagesMax: 1, visibilityMs: 1000, waitMs: 0 });
  assert.deepEqual(
    [...tailed, ...peeked, ...received].map(({ bodyMd5 }) => bodyMd5),
    [md5, md5, md5],
  );
}
