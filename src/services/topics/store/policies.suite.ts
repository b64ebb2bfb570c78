import assert from "node:assert/strict";
import { describe, test } from "node:test";
import type { Asker } from "../../../access/asker.ts";
import { NEWS, publication, queueArn, refusedWith, topicFixture, type OpenTopics } from "./store.fixture.ts";
import type { NewSubscription, TopicRef } from "./store.ts";

const STRANGER = "111111111111";
const DENIED = refusedWith("AuthorizationError");
const GONE = refusedWith("NotFound");

/** The topic, asked for by an account. */
function asked(action: string, accountId = STRANGER, name = NEWS.name): TopicRef {
  const arn = `arn:aws:iam::${accountId}:root`;
  const asker: Asker = { kind: "caller", action, accountId, arn, uniqueId: accountId, sourceIp: "203.0.113.9", secure: false };
  return { ...NEWS, name, asker };
}

function bucketOf(accountId: string): TopicRef {
  return {
    ...NEWS,
    asker: { kind: "service", action: "Publish", accountId, service: "s3.amazonaws.com", sourceArn: "arn:aws:s3:::photos" },
  };
}

const STATEMENT = { Effect: "Allow", Principal: "*", Action: "sns:*", Resource: "*" };
const policyOf = (...statements: object[]) => JSON.stringify({ Statement: statements.map((changes) => ({ ...STATEMENT, ...changes })) });
const publishing = (topic: TopicRef) => ({ topic, messages: [publication("m")], batch: false });

const SUBSCRIPTION: Omit<NewSubscription, "topic"> = {
  id: "theirs",
  protocol: "sqs",
  endpoint: queueArn("theirs"),
  attributes: {},
  owner: STRANGER,
  principal: `arn:aws:iam::${STRANGER}:root`,
  baseUrl: "http://localhost:4566",
  token: "cd",
};

/** Who may use a topic: the part of the store's meaning that is about policies. */
export function topicPoliciesSuite(engine: string, open: OpenTopics): void {
  describe(`topic store on ${engine}: policies`, () => {
    const { now } = topicFixture(open);
    const setPolicy = (Policy: string) => now().store.setTopicAttributes({ topic: NEWS, attributes: { Policy } });

    test("another account is refused until the policy allows it, and again when it no longer does; at once each time", async () => {
      const { store, reopen } = now();
      await assert.rejects(store.publish(publishing(asked("Publish"))), DENIED);
      await store.addPermission({ topic: NEWS, permission: { label: "partner", accountIds: [STRANGER], actions: ["Publish"] } });
      await store.publish(publishing(asked("Publish")));
      await assert.rejects(store.deleteTopic({ topic: asked("DeleteTopic") }), DENIED);
      await reopen();
      await now().store.publish(publishing(asked("Publish")));
      await now().store.removePermission({ topic: NEWS, label: "partner" });
      await assert.rejects(now().store.publish(publishing(asked("Publish"))), DENIED);
    });

    test("every operation on a topic asks who asks", async () => {
      const { store } = now();
      const topic = asked("GetTopicAttributes");
      const permission = { label: "l", accountIds: [STRANGER], actions: ["Publish"] };
      const operations: (() => Promise<unknown>)[] = [
        () => store.createTopic({ topic, attributes: {}, tags: {} }),
        () => store.deleteTopic({ topic }),
        () => store.describeTopic({ topic }),
        () => store.setTopicAttributes({ topic, attributes: {} }),
        () => store.addPermission({ topic, permission }),
        () => store.removePermission({ topic, label: "l" }),
        () => store.addTags({ topic, tags: {} }),
        () => store.removeTags({ topic, keys: [] }),
        () => store.listTags({ topic }),
        () => store.subscribe({ topic, ...SUBSCRIPTION }),
        () => store.listSubscriptionsByTopic({ topic, after: 0, limit: 1 }),
        () => store.publish(publishing(topic)),
        () => store.publish({ ...publishing(topic), messages: [] }),
      ];
      for (const operation of operations) await assert.rejects(operation, DENIED, String(operation));
    });

    test("an account that asks for its own topic is denied by a Deny alone, and the server itself by nothing", async () => {
      const { store } = now();
      await setPolicy(policyOf({ Effect: "Deny", Action: "sns:Publish" }));
      await assert.rejects(store.publish(publishing(asked("Publish", NEWS.account))), DENIED);
      await store.describeTopic({ topic: asked("GetTopicAttributes", NEWS.account) });
      await store.publish(publishing(NEWS));
    });

    test("a topic that does not exist is denied to others, and told to be missing to its own account", async () => {
      const { store } = now();
      await assert.rejects(store.publish(publishing(asked("Publish", STRANGER, "nowhere"))), DENIED);
      await assert.rejects(store.deleteTopic({ topic: asked("DeleteTopic", STRANGER, "nowhere") }), DENIED);
      await assert.rejects(store.publish(publishing(asked("Publish", NEWS.account, "nowhere"))), GONE);
      await store.deleteTopic({ topic: asked("DeleteTopic", NEWS.account, "nowhere") });
    });

    test("a condition sees the engine's time", async () => {
      const { store, clock } = now();
      const until = new Date(clock.nowMs() + 60_000).toISOString();
      await setPolicy(policyOf({ Condition: { DateLessThan: { "aws:CurrentTime": until } } }));
      clock.advance(59_000);
      await store.publish(publishing(asked("Publish")));
      clock.advance(1000);
      await assert.rejects(store.publish(publishing(asked("Publish"))), DENIED);
    });

    test("a service publishes for a bucket of the topic's account, and for others where the policy lets it", async () => {
      const { store } = now();
      const outcome = async (accountId: string) => (await store.deliver({ topic: bucketOf(accountId), message: publication("m") })).outcome;
      assert.deepEqual([await outcome(NEWS.account), await outcome(STRANGER)], ["delivered", "denied"]);
      await setPolicy(policyOf({ Principal: { Service: "s3.amazonaws.com" }, Action: "sns:Publish" }));
      assert.equal(await outcome(STRANGER), "delivered");
      await setPolicy(policyOf({ Effect: "Deny", Principal: { Service: "s3.amazonaws.com" } }));
      assert.equal(await outcome(NEWS.account), "denied");
    });

    test("a subscription is also its own account's, and listed there", async () => {
      const { store } = now();
      await setPolicy(policyOf({ Action: "sns:Subscribe" }));
      await store.subscribe({ topic: asked("Subscribe"), ...SUBSCRIPTION });
      const named = (action: string, accountId = STRANGER, id = "theirs") => ({ subscription: { topic: asked(action, accountId), id } });
      assert.equal((await store.describeSubscription(named("GetSubscriptionAttributes"))).owner, STRANGER);
      await store.describeSubscription(named("GetSubscriptionAttributes", NEWS.account));
      const third = named("GetSubscriptionAttributes", "222222222222");
      await assert.rejects(store.describeSubscription(third), DENIED);
      await assert.rejects(store.setSubscriptionAttribute({ ...third, name: "RawMessageDelivery", value: "true" }), DENIED);
      await assert.rejects(store.unsubscribe({ ...third, authenticated: true, token: "ef" }), DENIED);
      await assert.rejects(store.describeSubscription(named("GetSubscriptionAttributes", STRANGER, "nobody")), DENIED);
      await assert.rejects(store.describeSubscription(named("GetSubscriptionAttributes", NEWS.account, "nobody")), GONE);
      const page = { region: NEWS.region, after: 0, limit: 10 };
      const listed = async (account: string) => (await store.listSubscriptions({ account, ...page })).subscriptions;
      assert.deepEqual(
        (await listed(STRANGER)).map(({ subscription, owner }) => [subscription, owner]),
        [[{ topic: NEWS, id: "theirs" }, STRANGER]],
      );
      assert.deepEqual(await listed(NEWS.account), []);
      await store.unsubscribe({ ...named("Unsubscribe"), authenticated: true, token: "ef" });
      assert.deepEqual(await listed(STRANGER), []);
    });
  });
}
