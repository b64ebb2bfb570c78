import assert from "node:assert/strict";
import { covers } from "../../contract/covers.ts";
import { onTopics, queueArn, refusal } from "./harness.ts";

const RAW = { RawMessageDelivery: "true" };
const BODY = { ...RAW, FilterPolicyScope: "MessageBody" };

onTopics("a subscription gets the messages whose attributes its policy matches", async ({ sns, topic, queue, subscribe, bodies }) => {
  const TopicArn = await topic();
  const [red, rest] = [await queue("red"), await queue("rest")];
  await subscribe(TopicArn, red, { ...RAW, FilterPolicy: '{"colour":["red"],"price":[{"numeric":["<",100]}]}' });
  await subscribe(TopicArn, rest, { ...RAW, FilterPolicy: '{"colour":[{"anything-but":"red"},{"exists":false}]}' });
  const publish = (Message: string, colour: string, price: string) =>
    sns.publish({
      TopicArn,
      Message,
      MessageAttributes: { colour: { DataType: "String", StringValue: colour }, price: { DataType: "Number", StringValue: price } },
    });
  await publish("cheap", "red", "99.5");
  await publish("dear", "red", "1e2");
  await publish("other", "blue", "1");
  await sns.publish({ TopicArn, Message: "none" });
  assert.deepEqual([await bodies(red), await bodies(rest)], [["cheap"], ["other"]]);
});

onTopics("a subscription gets the messages whose body its policy matches", async ({ sns, topic, queue, subscribe, bodies }) => {
  const TopicArn = await topic();
  const inbox = await queue();
  await subscribe(TopicArn, inbox, { ...BODY, FilterPolicy: '{"Records":{"s3":{"object":{"key":[{"suffix":".png"}]}}}}' });
  const event = (key: string) => JSON.stringify({ Records: [{ s3: { object: { key } } }] });
  for (const Message of [event("a.png"), event("a.gif"), "not JSON"]) await sns.publish({ TopicArn, Message });
  assert.deepEqual(await bodies(inbox), [event("a.png")]);
});

onTopics("of a message with a text for each protocol a policy sees the queue's", async ({ sns, topic, queue, subscribe, bodies }) => {
  covers("sns/10.4-structure");
  const TopicArn = await topic();
  const inbox = await queue();
  await subscribe(TopicArn, inbox, { ...BODY, FilterPolicy: '{"k":["x"]}' });
  const Message = JSON.stringify({ default: "none", sqs: '{"k":"x"}' });
  await sns.publish({ TopicArn, Message, MessageStructure: "json" });
  assert.deepEqual(await bodies(inbox), ['{"k":"x"}']);
});

onTopics("a changed policy holds from the next message on", async ({ sns, topic, queue, subscribe, bodies }) => {
  covers("sns/10.2-at-once", "sns/4.2-filter-policy");
  const TopicArn = await topic();
  const inbox = await queue();
  const SubscriptionArn = await subscribe(TopicArn, inbox, BODY);
  const set = (AttributeName: string, AttributeValue: string) =>
    sns.setSubscriptionAttributes({ SubscriptionArn, AttributeName, AttributeValue });
  const publish = () => sns.publish({ TopicArn, Message: '{"k":"x"}' });
  await publish();
  await set("FilterPolicy", '{"k":["y"]}');
  await publish();
  await set("FilterPolicy", "");
  await publish();
  assert.equal((await bodies(inbox)).length, 2);
});

onTopics("a policy is read by its scope, whichever of the two is set last", async ({ sns, topic, queue, subscribe }) => {
  covers("sns/4.2-nested", "sns/4.2-scope-of-nested");
  const TopicArn = await topic();
  const nested = '{"a":{"b":["x"]}}';
  const told = "Filter policy scope MessageAttributes does not support nested filter policy";
  const subscribing = await refusal(subscribe(TopicArn, await queue("one"), { FilterPolicy: nested }));
  assert.deepEqual([subscribing.code, subscribing.message], ["InvalidParameter", `Invalid parameter: Attributes Reason: ${told}`]);
  const SubscriptionArn = await subscribe(TopicArn, await queue("two"), { ...BODY, FilterPolicy: nested });
  const scope = { SubscriptionArn, AttributeName: "FilterPolicyScope", AttributeValue: "MessageAttributes" };
  assert.equal((await refusal(sns.setSubscriptionAttributes(scope))).message, `Invalid parameter: ${told}`);
  const policy = { SubscriptionArn, AttributeName: "FilterPolicy", AttributeValue: '{"a":[]}' };
  const empty = await refusal(sns.setSubscriptionAttributes(policy));
  assert.equal(empty.message, "Invalid parameter: FilterPolicy: Empty arrays are not allowed");
});

onTopics("the scope is kept from before there is a policy, and shown beside one alone", async ({ sns, topic, queue, subscribe }) => {
  covers("sns/4.2-scope-shown");
  const SubscriptionArn = await subscribe(await topic(), await queue(), BODY);
  const set = (AttributeName: string, AttributeValue: string) =>
    sns.setSubscriptionAttributes({ SubscriptionArn, AttributeName, AttributeValue });
  const shown = async () => (await sns.getSubscriptionAttributes({ SubscriptionArn })).Attributes?.["FilterPolicyScope"];
  assert.equal(await shown(), undefined);
  await set("FilterPolicy", '{"a":{"b":["x"]}}');
  assert.equal(await shown(), "MessageBody");
  await set("FilterPolicy", "");
  assert.equal(await shown(), undefined);
});

onTopics("a topic has at most 200 filter policies", async ({ sns, topic, subscribe }) => {
  covers("sns/10.2-quota");
  const TopicArn = await topic();
  const FilterPolicy = '{"k":["x"]}';
  for (let number = 0; number < 200; number += 1) await subscribe(TopicArn, queueArn(`q${number}`), { FilterPolicy });
  assert.equal((await refusal(subscribe(TopicArn, queueArn("more"), { FilterPolicy }))).code, "FilterPolicyLimitExceeded");
  const SubscriptionArn = await subscribe(TopicArn, queueArn("plain"), {});
  const late = await refusal(
    sns.setSubscriptionAttributes({ SubscriptionArn, AttributeName: "FilterPolicy", AttributeValue: FilterPolicy }),
  );
  assert.equal(late.code, "FilterPolicyLimitExceeded");
});
