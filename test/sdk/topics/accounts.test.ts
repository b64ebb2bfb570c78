import assert from "node:assert/strict";
import { test } from "node:test";
import { SNS } from "@aws-sdk/client-sns";
import { manualClock, systemClock } from "../../../src/kernel/clock.ts";
import { covers } from "../../contract/covers.ts";
import { GuardedServer, OWNER, OWN_USER, STRANGER, type Caller } from "../queues/callers.ts";
import { onTopics, present, queueArn, refusal, topicArn } from "./harness.ts";

/** A server with credentials, a topic of the owner and a queue that is subscribed to it. */
async function guarded(run: (scene: { server: GuardedServer; as: (caller: Caller) => SNS; queue: Queue }) => Promise<void>): Promise<void> {
  await using server = await GuardedServer.start(manualClock(systemClock().nowMs()));
  const clients: SNS[] = [];
  const as = (credentials: Caller) => {
    const client = new SNS({ endpoint: server.endpoint, region: "us-east-1", credentials, maxAttempts: 1 });
    clients.push(client);
    return client;
  };
  const { QueueUrl } = await server.output(OWNER, "CreateQueue", { QueueName: "inbox" });
  try {
    await as(OWNER).createTopic({ Name: "news" });
    await run({ server, as, queue: new Queue(server, String(QueueUrl)) });
  } finally {
    for (const client of clients) client.destroy();
  }
}

class Queue {
  readonly #server: GuardedServer;
  readonly #url: string;

  constructor(server: GuardedServer, url: string) {
    this.#server = server;
    this.#url = url;
  }

  async policy(...statements: object[]): Promise<void> {
    const Policy = statements.length === 0 ? "" : JSON.stringify({ Version: "2012-10-17", Statement: statements });
    await this.#server.output(OWNER, "SetQueueAttributes", { QueueUrl: this.#url, Attributes: { Policy } });
  }

  async bodies(): Promise<string[]> {
    const { Messages = [] } = await this.#server.output(OWNER, "ReceiveMessage", { QueueUrl: this.#url, MaxNumberOfMessages: 10 });
    return (Messages as { Body: string }[]).map(({ Body }) => Body);
  }
}

const TopicArn = topicArn("news");
const RAW = { RawMessageDelivery: "true" };

test("with credentials a queue's policy decides what a topic brings, and a refusal is told", () =>
  guarded(async ({ server, as, queue }) => {
    covers("sns/7-policy", "sns/7-lenient", "sns/7-counted");
    const owner = as(OWNER);
    await owner.subscribe({ TopicArn, Protocol: "sqs", Endpoint: queueArn("inbox"), Attributes: RAW });
    const publish = (Message: string) => owner.publish({ TopicArn, Message });
    const denied = (arn: string) => ({
      Effect: "Deny",
      Principal: { Service: "sns.amazonaws.com" },
      Action: "sqs:SendMessage",
      Resource: queueArn("inbox"),
      Condition: { ArnEquals: { "aws:SourceArn": arn } },
    });
    await publish("one");
    await queue.policy(denied(topicArn("other")));
    await publish("two");
    assert.deepEqual(await queue.bodies(), ["one", "two"]);
    await queue.policy(denied(TopicArn));
    await publish("three");
    assert.deepEqual(await queue.bodies(), []);
    assert.match(server.logged.join(), /notification not delivered .*reason=denied/);
    assert.ok(
      (await (await fetch(`${server.endpoint}/metrics`)).text()).includes('millrace_deliveries_total{service="topics",outcome="denied"} 1'),
    );
  }));

test("a queue of another account takes what its policy allows", () =>
  guarded(async ({ as, queue }) => {
    covers("sns/7-policy");
    const stranger = as(STRANGER);
    const foreign = present((await stranger.createTopic({ Name: "news" })).TopicArn);
    await stranger.subscribe({ TopicArn: foreign, Protocol: "sqs", Endpoint: queueArn("inbox"), Attributes: RAW });
    await stranger.publish({ TopicArn: foreign, Message: "one" });
    assert.deepEqual(await queue.bodies(), []);
    const Principal = { Service: "sns.amazonaws.com" };
    const Condition = { ArnLike: { "aws:SourceArn": foreign } };
    await queue.policy({ Effect: "Allow", Principal, Action: "sqs:SendMessage", Resource: queueArn("inbox"), Condition });
    await stranger.publish({ TopicArn: foreign, Message: "two" });
    assert.deepEqual(await queue.bodies(), ["two"]);
  }));

test("a topic is its account's, and every request is signed", () =>
  guarded(async ({ server, as }) => {
    covers("sns/1-bad-signature");
    await as(OWN_USER).publish({ TopicArn, Message: "x" });
    const denied = await refusal(as(STRANGER).publish({ TopicArn, Message: "x" }));
    assert.deepEqual([denied.name, denied.status], ["AuthorizationErrorException", 403]);
    assert.equal(
      denied.message,
      `User: arn:aws:iam::111111111111:root is not authorized to perform: SNS:Publish on resource: ${TopicArn} because no resource-based policy allows the SNS:Publish action`,
    );
    const forged = await refusal(as({ ...OWNER, secretAccessKey: "another" }).publish({ TopicArn, Message: "x" }));
    assert.deepEqual([forged.code, forged.status], ["SignatureDoesNotMatch", 403]);
    const unknown = await refusal(as({ ...OWNER, accessKeyId: "AKIANOBODY" }).publish({ TopicArn, Message: "x" }));
    assert.equal(unknown.status, 403);
    const unsigned = await fetch(`${server.endpoint}/?Action=Publish&TopicArn=${TopicArn}&Message=x`);
    assert.equal(unsigned.status, 403);
  }));

test("an endpoint ends its subscription by a plain GET, though every other request is signed", () =>
  guarded(async ({ server, as }) => {
    covers("sns/1-unsigned-get");
    const owner = as(OWNER);
    const { SubscriptionArn } = await owner.subscribe({ TopicArn, Protocol: "sqs", Endpoint: queueArn("inbox") });
    const ended = await fetch(`${server.endpoint}/?Action=Unsubscribe&SubscriptionArn=${SubscriptionArn}`);
    assert.equal(ended.status, 200);
    assert.deepEqual((await owner.listSubscriptions({})).Subscriptions, []);
    const disguised = await fetch(`${server.endpoint}/?Action=DeleteTopic&Action=Unsubscribe&TopicArn=${TopicArn}`);
    assert.equal(disguised.status, 403);
  }));

onTopics("a policy that is not understood is not taken, and the old one stays", async ({ sns, topic }) => {
  covers("sns/3.7-understood");
  const of = { TopicArn: await topic(), AttributeName: "Policy" };
  const policy = (changes: object) =>
    JSON.stringify({ Statement: [{ Effect: "Deny", Principal: "*", Action: "SNS:Publish", Resource: of.TopicArn, ...changes }] });
  const told = async (changes: object) => (await refusal(sns.setTopicAttributes({ ...of, AttributeValue: policy(changes) }))).message;
  await sns.setTopicAttributes({ ...of, AttributeValue: policy({}) });
  assert.equal(
    await told({ Condition: { StringFits: { "aws:username": "a" } } }),
    'Invalid parameter: Policy Reason: statement 1: the condition operator "StringFits" is not known here.',
  );
  assert.match(await told({ Action: "SNS:Fly" }), /"SNS:Fly" cannot be taken; there is no such action\.$/);
  assert.equal((await sns.getTopicAttributes({ TopicArn: of.TopicArn })).Attributes?.["Policy"], policy({}));
  await sns.publish({ TopicArn: of.TopicArn, Message: "whose word alone says who it is is believed" });
});
