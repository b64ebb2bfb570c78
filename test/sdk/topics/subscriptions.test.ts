import assert from "node:assert/strict";
import { covers } from "../../contract/covers.ts";
import { ACCOUNT, onTopics, present, queueArn, refusal, topicArn, type Scene } from "./harness.ts";

const message = async (call: Promise<unknown>) => (await refusal(call)).message;

function subscribing({ sns }: Scene, TopicArn: string) {
  return (Protocol: string, Endpoint: string, Attributes: Record<string, string> = {}) =>
    sns.subscribe({ TopicArn, Protocol, Endpoint, Attributes });
}

onTopics("what cannot be an endpoint is refused", async (scene) => {
  covers("sns/4.1-protocol", "sns/4.1-not-offered", "sns/4.1-queue-arn", "sns/4.1-fifo-queue", "sns/2-absent");
  const subscribe = subscribing(scene, await scene.topic());
  assert.equal(await message(subscribe("pigeon", "x")), "Invalid parameter: Amazon SNS does not support this protocol string: pigeon");
  for (const protocol of ["email", "email-json", "sms", "application", "lambda", "firehose"])
    assert.match(await message(subscribe(protocol, "x")), new RegExp(`^Invalid parameter: Protocol Reason: .* over ${protocol};`));
  for (const endpoint of ["http://localhost:4566/000000000000/inbox", "inbox", "", "arn:aws:s3:::photos"])
    assert.equal(await message(subscribe("sqs", endpoint)), "Invalid parameter: SQS endpoint ARN");
  assert.equal(
    await message(subscribe("sqs", queueArn("a.fifo"))),
    "Invalid parameter: Invalid parameter: Endpoint Reason: FIFO SQS Queues can not be subscribed to standard SNS topics",
  );
  assert.equal(await message(subscribing(scene, topicArn("nowhere"))("sqs", queueArn("a"))), "Topic does not exist");
});

onTopics("a queue is confirmed at once, whether or not it is there", async (scene) => {
  covers("sns/4.1-absent-queue", "sns/4.1-confirmed", "sns/4.3-shown", "sns/4.1-standard-queue");
  const { sns, topic } = scene;
  const TopicArn = await topic();
  const SubscriptionArn = present((await subscribing(scene, TopicArn)("sqs", queueArn("inbox"))).SubscriptionArn);
  assert.match(SubscriptionArn, new RegExp(`^${TopicArn}:[0-9a-f-]{36}$`));
  assert.deepEqual((await sns.getSubscriptionAttributes({ SubscriptionArn })).Attributes, {
    SubscriptionArn,
    TopicArn,
    Owner: ACCOUNT,
    Protocol: "sqs",
    Endpoint: queueArn("inbox"),
    PendingConfirmation: "false",
    ConfirmationWasAuthenticated: "true",
    SubscriptionPrincipal: `arn:aws:iam::${ACCOUNT}:root`,
    RawMessageDelivery: "false",
  });
  const listed = [{ SubscriptionArn, Owner: ACCOUNT, Protocol: "sqs", Endpoint: queueArn("inbox"), TopicArn }];
  assert.deepEqual((await sns.listSubscriptions({})).Subscriptions, listed);
  assert.deepEqual((await sns.listSubscriptionsByTopic({ TopicArn })).Subscriptions, listed);
  const ordered = subscribing(scene, await topic("news.fifo"));
  await ordered("sqs", queueArn("a.fifo"));
  await ordered("sqs", queueArn("a"));
});

onTopics("the same subscription is found again, defaults counted", async (scene) => {
  covers("sns/4.1-again", "sns/4.1-different", "sns/4.1-reason");
  const subscribe = subscribing(scene, await scene.topic());
  const arn = queueArn("inbox");
  const first = (await subscribe("sqs", arn)).SubscriptionArn;
  const same = [{}, { RawMessageDelivery: "False" }, { FilterPolicyScope: "MessageAttributes" }];
  for (const attributes of same) assert.equal((await subscribe("sqs", arn, attributes)).SubscriptionArn, first);
  assert.equal(
    await message(subscribe("sqs", arn, { RawMessageDelivery: "true" })),
    "Invalid parameter: Attributes Reason: Subscription already exists with different attributes",
  );
});

onTopics("attributes are set one by one, and their errors say where they were given", async (scene) => {
  covers("sns/4.2-names", "sns/4.2-raw", "sns/4.2-scope", "sns/4.2-redrive", "sns/4.1-reason");
  const { sns, topic } = scene;
  const TopicArn = await topic();
  const SubscriptionArn = present((await subscribing(scene, TopicArn)("sqs", queueArn("inbox"))).SubscriptionArn);
  const set = (AttributeName: string, AttributeValue: string) =>
    sns.setSubscriptionAttributes({ SubscriptionArn, AttributeName, AttributeValue });
  const refused: [name: string, value: string, reason: string][] = [
    ["Colour", "red", "AttributeName"],
    ["RawMessageDelivery", "yes", "RawMessageDelivery: Invalid value [yes]. Must be true or false."],
    ["FilterPolicyScope", "x", "FilterPolicyScope: Invalid value [x]. Please use either MessageBody or MessageAttributes"],
    ["RedrivePolicy", '{"deadLetterTargetArn":"x"}', "RedrivePolicy: deadLetterTargetArn is an invalid arn"],
    ["RedrivePolicy", "{}", "RedrivePolicy: deadLetterTargetArn is an invalid arn"],
  ];
  for (const [name, value, reason] of refused) {
    assert.equal(await message(set(name, value)), `Invalid parameter: ${reason}`);
    const given = subscribing(scene, TopicArn)("sqs", queueArn("other"), { [name]: value });
    assert.equal(await message(given), `Invalid parameter: Attributes Reason: ${reason}`);
  }
  const RedrivePolicy = JSON.stringify({ deadLetterTargetArn: queueArn("dead") });
  await set("RawMessageDelivery", "TRUE");
  await set("RedrivePolicy", RedrivePolicy);
  const { Attributes } = await sns.getSubscriptionAttributes({ SubscriptionArn });
  assert.deepEqual([Attributes?.["RawMessageDelivery"], Attributes?.["RedrivePolicy"]], ["true", RedrivePolicy]);
  await set("RedrivePolicy", "");
  assert.equal((await sns.getSubscriptionAttributes({ SubscriptionArn })).Attributes?.["RedrivePolicy"], undefined);
});

onTopics("a FIFO queue on a FIFO topic has a FIFO dead-letter queue, a standard queue a standard one", async (scene) => {
  covers("sns/4.2-redrive-fifo");
  const subscribe = subscribing(scene, await scene.topic("news.fifo"));
  const redrive = (name: string) => ({ RedrivePolicy: JSON.stringify({ deadLetterTargetArn: queueArn(name) }) });
  assert.equal(
    await message(subscribe("sqs", queueArn("a.fifo"), redrive("dead"))),
    "Invalid parameter: Attributes Reason: RedrivePolicy: must use a FIFO queue as DLQ for a FIFO Subscription to a FIFO Topic.",
  );
  await subscribe("sqs", queueArn("a.fifo"), redrive("dead.fifo"));
  await subscribe("sqs", queueArn("a"), redrive("dead"));
});

onTopics("an end can be asked for twice, and then there is no subscription", async ({ sns, topic, queue, subscribe }) => {
  covers("sns/4.3-unsubscribe-twice", "sns/4.3-absent", "sns/1-empty-lists");
  const SubscriptionArn = await subscribe(await topic(), await queue());
  await sns.unsubscribe({ SubscriptionArn });
  await sns.unsubscribe({ SubscriptionArn });
  const absent = { name: "NotFoundException", code: "NotFound", status: 404, message: "Subscription does not exist" };
  assert.deepEqual(await refusal(sns.getSubscriptionAttributes({ SubscriptionArn })), absent);
  const set = { SubscriptionArn, AttributeName: "RawMessageDelivery", AttributeValue: "true" };
  assert.deepEqual(await refusal(sns.setSubscriptionAttributes(set)), absent);
  assert.deepEqual((await sns.listSubscriptions({})).Subscriptions, []);
});

onTopics("a FIFO topic has at most a hundred subscriptions", async (scene) => {
  covers("sns/11-subscriptions");
  const subscribe = subscribing(scene, await scene.topic("news.fifo"));
  for (let count = 0; count < 100; count += 1) await subscribe("sqs", queueArn(`q${count}`));
  assert.equal((await refusal(subscribe("sqs", queueArn("one-more")))).code, "SubscriptionLimitExceeded");
  await subscribe("sqs", queueArn("q0"));
});
