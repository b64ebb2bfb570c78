import assert from "node:assert/strict";
import { verify } from "node:crypto";
import type { ServerResponse } from "node:http";
import { covers } from "../../contract/covers.ts";
import { endpoint, type Endpoint } from "./endpoint.ts";
import { onTopics, present, refusal, type Scene } from "./harness.ts";

const NEAR = { deliverTo: ["127.0.0.0/8"] };
const status = (code: number) => (response: ServerResponse) => void response.writeHead(code).end();

/** Subscribes an endpoint and confirms it as endpoints do, by a bare GET. */
async function subscribed(
  { sns }: Scene,
  { url, nextMessage }: Endpoint,
  of: { TopicArn: string; Attributes?: Record<string, string> },
): Promise<string> {
  await sns.subscribe({ Protocol: "http", Endpoint: url, ...of });
  const answer = await fetch(present((await nextMessage())["SubscribeURL"]));
  assert.equal(answer.status, 200);
  return present(/<SubscriptionArn>(.*)<\/SubscriptionArn>/.exec(await answer.text())?.[1]);
}

/** Lets the time pass until something comes to pass: what is sent needs turns of the event loop, and none of the clock. */
async function until(what: () => Promise<boolean> | boolean): Promise<void> {
  while (!(await what())) await new Promise((resolve) => setImmediate(resolve));
}

onTopics(
  "an endpoint is asked, gets nothing before it has said yes, and everything from then on",
  async (scene) => {
    covers("sns/4.1-pending", "sns/6.1-handshake", "sns/6.1-headers", "sns/6.1-nothing-before", "sns/6.2-success");
    const { sns, topic, context } = scene;
    const TopicArn = await topic();
    const subscriber = await endpoint(context);
    const { SubscriptionArn } = await sns.subscribe({ TopicArn, Protocol: "http", Endpoint: subscriber.url });
    assert.equal(SubscriptionArn, "pending confirmation");
    const asked = await subscriber.next();
    assert.equal(asked.headers["content-type"], "text/plain; charset=UTF-8");
    assert.equal(asked.headers["user-agent"], "Amazon Simple Notification Service Agent");
    assert.equal(asked.headers["x-amz-sns-message-type"], "SubscriptionConfirmation");
    assert.equal(asked.headers["x-amz-sns-topic-arn"], TopicArn);
    assert.equal("x-amz-sns-subscription-arn" in asked.headers, false);
    const question = JSON.parse(asked.body) as Record<string, string>;
    const members = ["Type", "MessageId", "Token", "TopicArn", "Message", "SubscribeURL", "Timestamp"];
    assert.deepEqual(Object.keys(question), [...members, "SignatureVersion", "Signature", "SigningCertURL"]);
    assert.equal(asked.headers["x-amz-sns-message-id"], question["MessageId"]);
    assert.match(present(question["Message"]), /^You have chosen to subscribe to the topic .*\.\nTo confirm the subscription, visit/);

    await sns.publish({ TopicArn, Message: "too early" });
    const confirmed = await (await fetch(present(question["SubscribeURL"]))).text();
    assert.match(confirmed, /<ConfirmSubscriptionResponse/);
    await sns.publish({ TopicArn, Subject: "s", Message: "hello" });
    const told = await subscriber.next();
    const message = JSON.parse(told.body) as Record<string, string>;
    assert.deepEqual([message["Type"], message["Subject"], message["Message"]], ["Notification", "s", "hello"]);
    assert.equal(told.headers["x-amz-sns-message-type"], "Notification");
    assert.match(String(told.headers["x-amz-sns-subscription-arn"]), new RegExp(`^${TopicArn}:`));
    assert.equal(subscriber.waiting(), 0);
  },
  NEAR,
);

onTopics(
  "raw delivery posts the message as it is, with the content type that is asked for",
  async (scene) => {
    covers("sns/5.6-http", "sns/6.1-content-type");
    const TopicArn = await scene.topic();
    const subscriber = await endpoint(scene.context);
    const DeliveryPolicy = JSON.stringify({ requestPolicy: { headerContentType: "application/json" } });
    await subscribed(scene, subscriber, { TopicArn, Attributes: { RawMessageDelivery: "true", DeliveryPolicy } });
    await scene.sns.publish({ TopicArn, Message: '{"a":1}', MessageAttributes: { k: { DataType: "String", StringValue: "v" } } });
    const { headers, body } = await subscriber.next();
    assert.equal(body, '{"a":1}');
    assert.deepEqual([headers["content-type"], headers["x-amz-sns-rawdelivery"]], ["application/json", "true"]);
  },
  NEAR,
);

onTopics(
  "what an endpoint cannot take now is sent again by its delivery policy, and at last goes to the dead-letter queue",
  async (scene) => {
    covers("sns/6.2-retried");
    const { sns, topic, queue, bodies, clock } = scene;
    const TopicArn = await topic();
    const subscriber = await endpoint(scene.context);
    const dead = await queue("dead");
    const RedrivePolicy = JSON.stringify({ deadLetterTargetArn: dead.arn });
    const retry = { minDelayTarget: 10, maxDelayTarget: 20, numRetries: 3, numNoDelayRetries: 1 };
    const DeliveryPolicy = JSON.stringify({ healthyRetryPolicy: retry });
    await subscribed(scene, subscriber, { TopicArn, Attributes: { RedrivePolicy, DeliveryPolicy, RawMessageDelivery: "true" } });
    subscriber.answer(status(503));
    await sns.publish({ TopicArn, Message: "hello" });
    const tries = [await subscriber.next(), await subscriber.next()];
    assert.equal(subscriber.waiting(), 0);
    for (const delayMs of [10_000, 20_000]) {
      // The answer is noted before the next try is due.
      await until(() => {
        clock.advance(delayMs / 20);
        return subscriber.waiting() > 0;
      });
      tries.push(await subscriber.next());
    }
    assert.deepEqual(
      tries.map(({ body }) => body),
      ["hello", "hello", "hello", "hello"],
    );
    let found: string[] = [];
    await until(async () => (found = await bodies(dead)).length > 0);
    assert.deepEqual(found, ["hello"]);
  },
  NEAR,
);

onTopics(
  "an endpoint that refuses a message, or sends it elsewhere, is not asked again",
  async (scene) => {
    covers("sns/6.2-permanent", "sns/6.2-redirect");
    const { sns, topic, queue, bodies } = scene;
    const TopicArn = await topic();
    const [subscriber, elsewhere] = [await endpoint(scene.context), await endpoint(scene.context)];
    const dead = await queue("dead");
    await subscribed(scene, subscriber, { TopicArn, Attributes: { RedrivePolicy: JSON.stringify({ deadLetterTargetArn: dead.arn }) } });
    for (const answer of [status(403), (response: ServerResponse) => void response.writeHead(302, { location: elsewhere.url }).end()]) {
      subscriber.answer(answer);
      await sns.publish({ TopicArn, Message: "hello" });
      await subscriber.next();
      let found: string[] = [];
      await until(async () => (found = await bodies(dead)).length > 0);
      const message = JSON.parse(present(found[0])) as Record<string, string>;
      assert.deepEqual([message["Message"], typeof message["Signature"]], ["hello", "string"]);
    }
    assert.deepEqual([subscriber.waiting(), elsewhere.waiting()], [0, 0]);
  },
  NEAR,
);

onTopics(
  "an endpoint that a stranger has unsubscribed is asked whether it wants the subscription back",
  async (scene) => {
    covers("sns/6.1-unsubscribed");
    const { sns, topic } = scene;
    const TopicArn = await topic();
    const subscriber = await endpoint(scene.context);
    const SubscriptionArn = await subscribed(scene, subscriber, { TopicArn });
    await sns.publish({ TopicArn, Message: "one" });
    const message = await subscriber.nextMessage();
    assert.equal((await fetch(present(message["UnsubscribeURL"]))).status, 200);
    const asked = await subscriber.nextMessage();
    assert.equal(asked["Type"], "UnsubscribeConfirmation");
    assert.match(present(asked["Message"]), /^You have chosen to deactivate subscription /);
    assert.equal((await refusal(sns.getSubscriptionAttributes({ SubscriptionArn }))).code, "NotFound");
    await fetch(present(asked["SubscribeURL"]));
    await sns.publish({ TopicArn, Message: "two" });
    assert.equal((await subscriber.nextMessage())["Message"], "two");
  },
  NEAR,
);

onTopics("addresses of this machine and its network get nothing unless they are named", async (scene) => {
  const { sns, topic, queue, bodies } = scene;
  const TopicArn = await topic();
  const subscriber = await endpoint(scene.context);
  await sns.subscribe({ TopicArn, Protocol: "http", Endpoint: subscriber.url, ReturnSubscriptionArn: true });
  // A queue gets its message in the same publish, so that there was time for the other.
  const inbox = await queue();
  await scene.subscribe(TopicArn, inbox);
  await sns.publish({ TopicArn, Message: "hello" });
  await until(async () => (await bodies(inbox)).length > 0);
  assert.equal(subscriber.waiting(), 0);
});

onTopics("an endpoint must be a URL of its protocol, and not of a FIFO topic", async ({ sns, topic }) => {
  covers("sns/4.1-scheme", "sns/4.1-http-on-fifo");
  const TopicArn = await topic();
  const told = async (Protocol: string, Endpoint: string, of = TopicArn) =>
    (await refusal(sns.subscribe({ TopicArn: of, Protocol, Endpoint }))).message;
  assert.equal(await told("https", "http://example.com"), "Invalid parameter: Endpoint must match the specified protocol");
  assert.equal(await told("http", "http://"), "Invalid parameter: Endpoint Reason: it is no URL");
  assert.match(await told("http", "http://example.com", await topic("news.fifo")), /FIFO topics do not deliver over http/);
});

onTopics(
  "a pending endpoint that is subscribed again is asked again, and is listed as pending until any of its answers comes",
  async (scene) => {
    covers("sns/3.5-pending", "sns/4.1-pending-again", "sns/6.1-other-topic", "sns/4.1-pending");
    const { sns, topic, context } = scene;
    const TopicArn = await topic();
    const subscriber = await endpoint(context);
    const subscribe = () => sns.subscribe({ TopicArn, Protocol: "http", Endpoint: subscriber.url, ReturnSubscriptionArn: true });
    const { SubscriptionArn } = await subscribe();
    assert.match(present(SubscriptionArn), new RegExp(`^${TopicArn}:`));
    const first = await subscriber.nextMessage();
    assert.equal((await subscribe()).SubscriptionArn, SubscriptionArn);
    const second = await subscriber.nextMessage();
    assert.notEqual(first["Token"], second["Token"]);
    const { Subscriptions: listed = [] } = await sns.listSubscriptionsByTopic({ TopicArn });
    assert.deepEqual(
      listed.map((one) => one.SubscriptionArn),
      ["PendingConfirmation"],
    );
    const other = { TopicArn: await topic("other"), Token: present(first["Token"]) };
    assert.equal((await sns.confirmSubscription(other)).SubscriptionArn, SubscriptionArn);
  },
  NEAR,
);

onTopics(
  "AWS's words for a confirmation are signed with its token and URL",
  async ({ sns, topic, context }) => {
    covers("sns/5.5-confirmation");
    const TopicArn = await topic();
    const subscriber = await endpoint(context);
    await sns.subscribe({ TopicArn, Protocol: "http", Endpoint: subscriber.url });
    const message = await subscriber.nextMessage();
    const signed = ["Message", "MessageId", "SubscribeURL", "Timestamp", "Token", "TopicArn", "Type"];
    const text = signed.map((name) => `${name}\n${message[name]}\n`).join("");
    const certificate = await (await fetch(present(message["SigningCertURL"]))).text();
    assert.ok(verify("sha1", Buffer.from(text), certificate, Buffer.from(present(message["Signature"]), "base64")));
  },
  NEAR,
);

onTopics(
  "delivery policies are shown as they were set and as they come out",
  async ({ sns, topic, context }) => {
    covers("sns/3.4-delivery-policy", "sns/6.3-forms");
    const TopicArn = await topic();
    const subscriber = await endpoint(context);
    const set = (AttributeValue: string) => sns.setTopicAttributes({ TopicArn, AttributeName: "DeliveryPolicy", AttributeValue });
    await set('{"http":{"defaultThrottlePolicy":{"maxReceivesPerSecond":5}}}');
    await set('{"http":{"defaultHealthyRetryPolicy":{"numRetries":7}}}');
    const { Attributes: shown = {} } = await sns.getTopicAttributes({ TopicArn });
    assert.deepEqual(JSON.parse(present(shown["DeliveryPolicy"])), {
      http: { defaultHealthyRetryPolicy: { numRetries: 7 }, disableSubscriptionOverrides: false },
    });
    const Attributes = { DeliveryPolicy: '{"throttlePolicy":{"maxReceivesPerSecond":9}}' };
    const asked = { TopicArn, Protocol: "http", Endpoint: subscriber.url, Attributes, ReturnSubscriptionArn: true };
    const { SubscriptionArn } = await sns.subscribe(asked);
    const own = (await sns.getSubscriptionAttributes({ SubscriptionArn })).Attributes ?? {};
    const { healthyRetryPolicy, throttlePolicy } = JSON.parse(present(own["EffectiveDeliveryPolicy"])) as Record<
      string,
      Record<string, unknown>
    >;
    assert.deepEqual([healthyRetryPolicy?.["numRetries"], throttlePolicy?.["maxReceivesPerSecond"]], [7, 9]);
    await set("");
    assert.equal("DeliveryPolicy" in present((await sns.getTopicAttributes({ TopicArn })).Attributes), false);
    const wrong = {
      TopicArn,
      AttributeName: "DeliveryPolicy",
      AttributeValue: '{"http":{"defaultHealthyRetryPolicy":{"numRetries":101}}}',
    };
    assert.match((await refusal(sns.setTopicAttributes(wrong))).message, /^Invalid parameter: DeliveryPolicy: numRetries must be/);
  },
  NEAR,
);
