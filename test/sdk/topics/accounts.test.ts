import assert from "node:assert/strict";
import { test } from "node:test";
import { S3 } from "@aws-sdk/client-s3";
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

const allowed = (from: string) => ({
  Effect: "Allow",
  Principal: { Service: "sns.amazonaws.com" },
  Action: "sqs:SendMessage",
  Resource: queueArn("inbox"),
  Condition: { ArnEquals: { "aws:SourceArn": from }, StringEquals: { "aws:SourceAccount": OWNER.accountId } },
});

test("with credentials a queue's policy decides what a topic brings, and a refusal is told and counted", () =>
  guarded(async ({ server, as, queue }) => {
    covers("sns/7-policy", "sns/7-lenient", "sns/7-counted");
    const owner = as(OWNER);
    await owner.subscribe({ TopicArn, Protocol: "sqs", Endpoint: queueArn("inbox"), Attributes: RAW });
    const publish = (Message: string) => owner.publish({ TopicArn, Message });
    await publish("without a policy");
    await queue.policy(allowed(TopicArn));
    await publish("allowed");
    assert.deepEqual([await queue.bodies(), server.logged], [["without a policy", "allowed"], []]);
    const refusing = [
      [allowed(topicArn("other"))],
      [allowed(TopicArn), { ...allowed(TopicArn), Effect: "Deny" }],
      [{ ...allowed(TopicArn), Principal: { Service: "s3.amazonaws.com" } }],
      [{ ...allowed(TopicArn), Condition: { StringEquals: { "aws:SourceAccount": STRANGER.accountId } } }],
    ];
    for (const statements of refusing) {
      await queue.policy(...statements);
      await publish("refused");
    }
    assert.deepEqual(await queue.bodies(), []);
    assert.equal(server.logged.length, 1, "one line a minute of what is refused again and again");
    assert.match(
      server.logged[0] ?? "",
      /^warn notification not delivered .*reason=denied hint=its policy must allow sqs:SendMessage to sns.amazonaws.com$/,
    );
    server.clock.advance(60_000);
    await publish("refused");
    assert.match(server.logged[1] ?? "", /heldBack=3$/);
    const { text } = await server.page(OWNER, "/metrics");
    assert.match(text, /^millrace_deliveries_total\{service="topics",outcome="denied"\} 5$/m);
    const counted = (name: string) =>
      new RegExp(`^millrace_topic_notifications_${name}_total{.*topic="news"} (\\d+)$`, "m").exec(text)?.[1];
    assert.deepEqual([counted("delivered"), counted("failed"), counted("redriven")], ["2", "5", "0"]);
    assert.doesNotMatch((await server.page(STRANGER, "/metrics")).text, /news/);
  }));

test("what a queue's policy refuses goes to the subscription's dead-letter queue, if that one's policy lets it", () =>
  guarded(async ({ server, as, queue }) => {
    covers("sns/7-refused");
    const owner = as(OWNER);
    await queue.policy(allowed(topicArn("other")));
    const { QueueUrl } = await server.output(OWNER, "CreateQueue", { QueueName: "dead" });
    const dead = new Queue(server, String(QueueUrl));
    const RedrivePolicy = JSON.stringify({ deadLetterTargetArn: queueArn("dead") });
    await owner.subscribe({ TopicArn, Protocol: "sqs", Endpoint: queueArn("inbox"), Attributes: { ...RAW, RedrivePolicy } });
    await owner.publish({ TopicArn, Message: "one" });
    assert.deepEqual([await queue.bodies(), await dead.bodies()], [[], ["one"]]);
    await dead.policy({ ...allowed(topicArn("other")), Resource: queueArn("dead") });
    await owner.publish({ TopicArn, Message: "two" });
    assert.deepEqual([await queue.bodies(), await dead.bodies()], [[], []]);
    assert.match(
      server.logged.join("\n"),
      /sent to its dead-letter queue .*reason=denied.*\n.*not delivered .*reason=denied deadLetter=denied/,
    );
    const { text } = await server.page(OWNER, "/metrics");
    assert.match(text, /^millrace_topic_notifications_redriven_total\{.*topic="news"\} 1$/m);
  }));

test("a queue of another account takes what its policy allows", () =>
  guarded(async ({ as, queue }) => {
    covers("sns/7-policy");
    const stranger = as(STRANGER);
    const foreign = present((await stranger.createTopic({ Name: "news" })).TopicArn);
    await stranger.subscribe({ TopicArn: foreign, Protocol: "sqs", Endpoint: queueArn("inbox"), Attributes: RAW });
    await stranger.publish({ TopicArn: foreign, Message: "one" });
    assert.deepEqual(await queue.bodies(), []);
    await queue.policy({ ...allowed(foreign), Condition: { ArnLike: { "aws:SourceArn": foreign } } });
    await stranger.publish({ TopicArn: foreign, Message: "two" });
    assert.deepEqual(await queue.bodies(), ["two"]);
  }));

test("events of another account's bucket come to a topic whose policy lets them, and no longer", () =>
  guarded(async ({ server, as, queue }) => {
    covers("sns/3.7-asked");
    const owner = as(OWNER);
    await owner.subscribe({ TopicArn, Protocol: "sqs", Endpoint: queueArn("inbox"), Attributes: RAW });
    const s3 = new S3({ endpoint: server.endpoint, region: "us-east-1", credentials: STRANGER, forcePathStyle: true, maxAttempts: 1 });
    const Bucket = "photos";
    const TopicConfigurations = [{ TopicArn, Events: ["s3:ObjectCreated:*" as const] }];
    const notify = () => s3.putBucketNotificationConfiguration({ Bucket, NotificationConfiguration: { TopicConfigurations } });
    const policy = (...Statement: object[]) =>
      owner.setTopicAttributes({ TopicArn, AttributeName: "Policy", AttributeValue: JSON.stringify({ Statement }) });
    const fromBucket = (name: string) => ({
      Effect: "Allow",
      Principal: { Service: "s3.amazonaws.com" },
      Action: "sns:Publish",
      Resource: TopicArn,
      Condition: { ArnLike: { "aws:SourceArn": `arn:aws:s3:*:*:${name}` }, StringEquals: { "aws:SourceAccount": STRANGER.accountId } },
    });
    try {
      await s3.createBucket({ Bucket });
      await assert.rejects(notify(), { name: "InvalidArgument" });
      await policy(fromBucket("photos"));
      await notify();
      await s3.putObject({ Bucket, Key: "a", Body: "x" });
      assert.equal((await queue.bodies()).length, 2, "the test message and the event");
      await policy(fromBucket("videos"));
      await s3.putObject({ Bucket, Key: "b", Body: "x" });
      assert.deepEqual(await queue.bodies(), []);
    } finally {
      s3.destroy();
    }
    assert.match(
      server.logged.join(),
      /^warn event not delivered topicArn=.* outcome=denied hint=its policy must allow sns:Publish to s3.amazonaws.com$/,
    );
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
