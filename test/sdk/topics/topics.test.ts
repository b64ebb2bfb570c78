import assert from "node:assert/strict";
import { covers } from "../../contract/covers.ts";
import { ACCOUNT, onTopics, present, refusal, REGION, topicArn } from "./harness.ts";

const badName = { name: "InvalidParameterException", code: "InvalidParameter", status: 400, message: "Invalid parameter: Topic Name" };
const different = (what: string, Reason: string) => `Invalid parameter: ${Reason} Reason: Topic already exists with different ${what}`;

onTopics("a topic's name says what it is", async ({ sns, topic }) => {
  covers("sns/3.1-name", "sns/3.1-fifo-name");
  for (const Name of ["", "a b", "a.b", "a/b", "x".repeat(257), ".fifo"])
    assert.deepEqual(await refusal(sns.createTopic({ Name })), badName);
  assert.deepEqual(await refusal(sns.createTopic({ Name: "a.fifo" })), badName);
  assert.deepEqual(await refusal(sns.createTopic({ Name: "a", Attributes: { FifoTopic: "true" } })), badName);
  assert.equal(await topic("A-z_0"), topicArn("A-z_0"));
  assert.equal(await topic(`${"x".repeat(251)}.fifo`), topicArn(`${"x".repeat(251)}.fifo`));
});

onTopics("a topic that is there is found again, unless something else is asked of it", async ({ sns, topic }) => {
  covers("sns/3.1-again", "sns/3.1-same-attributes", "sns/3.1-same-tags", "sns/3.1-fifo-false", "sns/3.1-fifo-of-plain");
  const Tags = [
    { Key: "a", Value: "1" },
    { Key: "b", Value: "2" },
  ];
  const TopicArn = await topic("news", { DisplayName: "one", FifoTopic: "false" });
  await sns.tagResource({ ResourceArn: TopicArn, Tags });
  await sns.setTopicAttributes({ TopicArn, AttributeName: "DisplayName", AttributeValue: "two" });
  assert.equal(await topic("news"), TopicArn);
  assert.equal(await topic("news", { DisplayName: "two" }), TopicArn);
  assert.equal((await refusal(topic("news", { DisplayName: "one" }))).message, different("attributes", "Attributes"));
  assert.equal((await refusal(topic("news", { SignatureVersion: "2" }))).message, different("attributes", "Attributes"));
  assert.deepEqual(await refusal(topic("news", { FifoTopic: "true" })), badName);
  const { Attributes } = await sns.getTopicAttributes({ TopicArn });
  assert.deepEqual([Attributes?.["DisplayName"], Attributes?.["FifoTopic"]], ["two", undefined]);
  for (const subset of [[], Tags.slice(0, 1), Tags])
    assert.equal((await sns.createTopic({ Name: "news", Tags: subset })).TopicArn, TopicArn);
  for (const more of [[{ Key: "c", Value: "3" }], [{ Key: "a", Value: "2" }]])
    assert.equal((await refusal(sns.createTopic({ Name: "news", Tags: more }))).message, different("tags", "Tags"));
});

onTopics("a deleted topic is gone with all that it had, at once", async ({ sns, topic, queue, subscribe }) => {
  covers("sns/3.2-always", "sns/3.2-subscriptions", "sns/3.2-at-once", "sns/2-absent");
  const TopicArn = await topic();
  const SubscriptionArn = await subscribe(TopicArn, await queue());
  await sns.tagResource({ ResourceArn: TopicArn, Tags: [{ Key: "a", Value: "1" }] });
  await sns.deleteTopic({ TopicArn });
  await sns.deleteTopic({ TopicArn });
  const absent = { name: "NotFoundException", code: "NotFound", status: 404, message: "Topic does not exist" };
  assert.deepEqual(await refusal(sns.getTopicAttributes({ TopicArn })), absent);
  assert.deepEqual(await refusal(sns.publish({ TopicArn, Message: "x" })), absent);
  assert.equal((await refusal(sns.getSubscriptionAttributes({ SubscriptionArn }))).status, 404);
  assert.deepEqual((await sns.listSubscriptions({})).Subscriptions, []);
  await topic();
  assert.deepEqual((await sns.listTagsForResource({ ResourceArn: TopicArn })).Tags, []);
  assert.deepEqual((await sns.listSubscriptionsByTopic({ TopicArn })).Subscriptions, []);
});

onTopics("a topic shows all that it is", async ({ sns, topic, queue, subscribe }) => {
  covers("sns/3.3-always", "sns/3.3-default-policy", "sns/3.3-default-delivery", "sns/3.3-counts", "sns/3.3-only-set");
  const TopicArn = await topic();
  await subscribe(TopicArn, await queue("a"));
  await sns.unsubscribe({ SubscriptionArn: await subscribe(TopicArn, await queue("b")) });
  const { Policy, EffectiveDeliveryPolicy, ...others } = present((await sns.getTopicAttributes({ TopicArn })).Attributes);
  assert.deepEqual(others, {
    TopicArn,
    Owner: ACCOUNT,
    DisplayName: "",
    SubscriptionsConfirmed: "1",
    SubscriptionsPending: "0",
    SubscriptionsDeleted: "1",
  });
  const actions =
    "GetTopicAttributes SetTopicAttributes AddPermission RemovePermission DeleteTopic Subscribe ListSubscriptionsByTopic Publish";
  assert.deepEqual(JSON.parse(present(Policy)), {
    Version: "2008-10-17",
    Id: "__default_policy_ID",
    Statement: [
      {
        Sid: "__default_statement_ID",
        Effect: "Allow",
        Principal: { AWS: "*" },
        Action: actions.split(" ").map((action) => `SNS:${action}`),
        Resource: TopicArn,
        Condition: { StringEquals: { "AWS:SourceOwner": ACCOUNT } },
      },
    ],
  });
  const { http } = JSON.parse(present(EffectiveDeliveryPolicy)) as { http: Record<string, Record<string, unknown>> };
  assert.deepEqual([http["defaultHealthyRetryPolicy"]?.["numRetries"], http["disableSubscriptionOverrides"]], [3, false]);
  assert.equal(http["defaultRequestPolicy"]?.["headerContentType"], "text/plain; charset=UTF-8");
});

onTopics("a FIFO topic shows what makes it one, whether or not it was set", async ({ sns, topic }) => {
  covers("sns/3.3-fifo", "sns/3.3-throughput-scope");
  const { Attributes } = await sns.getTopicAttributes({ TopicArn: await topic("news.fifo") });
  const { FifoTopic, ContentBasedDeduplication, FifoThroughputScope } = present(Attributes);
  assert.deepEqual([FifoTopic, ContentBasedDeduplication, FifoThroughputScope], ["true", "false", "Topic"]);
});

onTopics("attributes are set by their names, and shown as they were set", async ({ sns, topic }) => {
  covers("sns/3.4-names", "sns/3.4-known", "sns/3.4-message-size", "sns/11-policy");
  const TopicArn = await topic();
  const set = (AttributeName: string, AttributeValue: string) => sns.setTopicAttributes({ TopicArn, AttributeName, AttributeValue });
  for (const name of ["FifoTopic", "Colour", "ContentBasedDeduplication"])
    assert.equal((await refusal(set(name, "true"))).message, "Invalid parameter: AttributeName");
  const values = {
    DisplayName: "News",
    SignatureVersion: "2",
    MaximumMessageSize: "1024",
    KmsMasterKeyId: "alias/key",
    TracingConfig: "Active",
    SQSSuccessFeedbackRoleArn: "arn:aws:iam::000000000000:role/feedback",
    SQSSuccessFeedbackSampleRate: "10",
  };
  for (const [name, value] of Object.entries(values)) await set(name, value);
  const { Attributes } = await sns.getTopicAttributes({ TopicArn });
  for (const [name, value] of Object.entries(values)) assert.equal(Attributes?.[name], value, name);
  for (const size of ["1023", "1048577", "x"]) assert.equal((await refusal(set("MaximumMessageSize", size))).code, "InvalidParameter");
  assert.equal((await refusal(set("Policy", JSON.stringify({ Statement: [], Id: "x".repeat(30_720) })))).code, "InvalidParameter");
});

onTopics("topics are listed in pages of a hundred", async ({ sns, topic }) => {
  covers("sns/11-page", "sns/3.5-pages");
  const names = Array.from({ length: 101 }, (_, index) => `t${String(index).padStart(3, "0")}`);
  for (const name of names) await topic(name);
  const first = await sns.listTopics({});
  assert.equal(first.Topics?.length, 100);
  const { NextToken } = first;
  const second = await sns.listTopics({ NextToken });
  assert.deepEqual(second.Topics, [{ TopicArn: topicArn("t100") }]);
  assert.equal(second.NextToken, undefined);
  assert.equal((await refusal(sns.listTopics({ NextToken: "nonsense!" }))).code, "InvalidParameter");
});

onTopics("tags are set, overwritten, removed and limited", async ({ sns, topic }) => {
  covers("sns/3.6-duplicates", "sns/3.6-overwrite", "sns/3.6-fifty", "sns/3.6-absent");
  const ResourceArn = await topic();
  const tag = (...pairs: string[]) =>
    sns.tagResource({ ResourceArn, Tags: pairs.map((pair) => ({ Key: pair.slice(0, -1), Value: pair.slice(-1) })) });
  assert.equal((await refusal(tag("a1", "a2"))).message, "Invalid parameter: Duplicated keys are not allowed.");
  await tag("a1", "b1");
  await tag("a2");
  await sns.untagResource({ ResourceArn, TagKeys: ["b"] });
  assert.deepEqual((await sns.listTagsForResource({ ResourceArn })).Tags, [{ Key: "a", Value: "2" }]);
  await tag(...Array.from({ length: 49 }, (_, index) => `k${index}-1`));
  assert.equal((await refusal(tag("one-more1"))).code, "TagLimitExceeded");
  const nowhere = topicArn("nowhere");
  const absent = await refusal(sns.listTagsForResource({ ResourceArn: nowhere }));
  assert.deepEqual([absent.name, absent.code, absent.status], ["ResourceNotFoundException", "ResourceNotFound", 404]);
  assert.equal((await refusal(sns.untagResource({ ResourceArn: nowhere, TagKeys: ["a"] }))).code, "ResourceNotFound");
});

onTopics("permissions are statements of the policy", async ({ sns, topic }) => {
  covers("sns/3.7-statement", "sns/3.7-label", "sns/3.7-action", "sns/3.7-absent", "sns/3.7-remove");
  const TopicArn = await topic();
  const one = { TopicArn, Label: "one", AWSAccountId: ["111111111111"], ActionName: ["Publish"] };
  const several = { TopicArn, Label: "several", AWSAccountId: ["111111111111", "222222222222"], ActionName: ["Publish", "Subscribe"] };
  const statements = async () =>
    (JSON.parse(present((await sns.getTopicAttributes({ TopicArn })).Attributes?.["Policy"])) as { Statement: unknown[] }).Statement.slice(
      1,
    );
  await sns.addPermission(one);
  await sns.addPermission(several);
  const root = (account: string) => `arn:aws:iam::${account}:root`;
  const statement = { Sid: "one", Effect: "Allow", Principal: { AWS: root("111111111111") }, Action: "SNS:Publish", Resource: TopicArn };
  const Principal = { AWS: [root("111111111111"), root("222222222222")] };
  assert.deepEqual(await statements(), [statement, { ...statement, Sid: "several", Principal, Action: ["SNS:Publish", "SNS:Subscribe"] }]);
  const message = async (change: Partial<typeof one>) => (await refusal(sns.addPermission({ ...one, Label: "new", ...change }))).message;
  assert.equal(await message({ Label: "one" }), "Invalid parameter: Statement already exists");
  assert.equal(await message({ ActionName: ["Fly"] }), "Invalid parameter: Policy statement action out of service scope!");
  assert.equal(await message({ TopicArn: topicArn("nowhere") }), "Topic does not exist");
  await sns.removePermission({ TopicArn, Label: "several" });
  assert.deepEqual(await statements(), [statement]);
});

onTopics("an ARN that cannot be is told what it lacks", async ({ sns, topic }) => {
  covers("sns/2-elements", "sns/2-region", "sns/2-unsubscribe-topic", "sns/2-unsubscribe-pending");
  const TopicArn = await topic();
  const elements = (name: string, count: number) => `Invalid parameter: ${name} Reason: An ARN must have at least 6 elements, not ${count}`;
  assert.equal((await refusal(sns.getTopicAttributes({ TopicArn: "x" }))).message, elements("TopicArn", 1));
  assert.equal((await refusal(sns.getTopicAttributes({ TopicArn: "" }))).message, elements("TopicArn", 1));
  assert.equal((await refusal(sns.publish({ TopicArn: "arn:aws:sns", Message: "x" }))).message, elements("TopicArn", 3));
  assert.equal((await refusal(sns.unsubscribe({ SubscriptionArn: "PendingConfirmation" }))).message, elements("SubscriptionArn", 1));
  const elsewhere = TopicArn.replace(REGION, "eu-west-1");
  const entries = [{ Id: "a", Message: "x" }];
  const asked = [
    sns.publish({ TopicArn: elsewhere, Message: "x" }),
    sns.publishBatch({ TopicArn: elsewhere, PublishBatchRequestEntries: entries }),
    sns.deleteTopic({ TopicArn: elsewhere }),
    sns.getTopicAttributes({ TopicArn: elsewhere }),
  ];
  for (const one of asked) assert.equal((await refusal(one)).message, "Invalid parameter: TopicArn");
  assert.equal((await refusal(sns.unsubscribe({ SubscriptionArn: TopicArn }))).message, "Invalid parameter: SubscriptionId");
});
