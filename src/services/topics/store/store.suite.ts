import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { covers } from "../../../../test/contract/covers.ts";
import { NEWS, ORDERED, queueArn, refusedWith, topicFixture, type OpenTopics } from "./store.fixture.ts";
import type { TopicRef } from "./store.ts";

/** The meaning of the topic store's port, for every engine: topics and subscriptions. What is published: `publishing.suite.ts`. */
export function topicStoreSuite(engine: string, open: OpenTopics): void {
  describe(`topic store on ${engine}: topics`, () => {
    const { now } = topicFixture(open);

    test("a topic is made once; made again with what it has, nothing changes", async () => {
      const { store } = now();
      const made = { topic: { ...NEWS, name: "other" }, attributes: { DisplayName: "one" }, tags: { a: "1", b: "2" } };
      assert.deepEqual(await store.createTopic(made), { created: true });
      assert.deepEqual(await store.createTopic(made), { created: false });
      assert.deepEqual(await store.createTopic({ ...made, attributes: {}, tags: { a: "1" } }), { created: false });
      const attributes = { DisplayName: "two" };
      await assert.rejects(store.createTopic({ ...made, attributes }), refusedWith("InvalidParameter", /different attributes$/));
      await assert.rejects(store.createTopic({ ...made, tags: { a: "2" } }), refusedWith("InvalidParameter", /different tags$/));
      assert.deepEqual((await store.describeTopic({ topic: made.topic })).attributes, { DisplayName: "one" });
      assert.deepEqual(await store.listTags({ topic: made.topic }), { a: "1", b: "2" });
    });

    test("a deleted topic is gone with its subscriptions and tags, and made again it begins anew", async () => {
      const { store, clock } = now();
      await store.addTags({ topic: NEWS, tags: { a: "1" } });
      const { id } = await store.subscribe(subscription());
      await store.deleteTopic({ topic: NEWS });
      await store.deleteTopic({ topic: NEWS });
      await assert.rejects(store.describeTopic({ topic: NEWS }), refusedWith("NotFound"));
      await assert.rejects(store.describeSubscription({ subscription: { topic: NEWS, id } }), refusedWith("NotFound"));
      const page = { account: NEWS.account, region: NEWS.region, after: 0, limit: 10 };
      assert.deepEqual(await store.listSubscriptions(page), { subscriptions: [], more: false });
      await store.createTopic({ topic: NEWS, attributes: {}, tags: {} });
      clock.advance(2000); // Upkeep sweeps.
      assert.deepEqual(await store.listTags({ topic: NEWS }), {});
      const { counts } = await store.describeTopic({ topic: NEWS });
      assert.deepEqual(counts, { confirmed: 0, pending: 0, deleted: 0 });
    });

    test("an account has as many topics in a region as it may, of both kinds, and finds those again that it has", async () => {
      covers("sns/11-topics");
      const scene = now();
      const create = (topic: TopicRef) => scene.store.createTopic({ topic, attributes: {}, tags: {} });
      for (const [{ name: first }, max, suffix] of [
        [NEWS, 100_000, ""],
        [ORDERED, 1000, ".fifo"],
      ] as const) {
        await scene.makeMany({ ...NEWS, name: `t${suffix}` }, max - 2);
        await create({ ...NEWS, name: `last${suffix}` });
        const more = { ...NEWS, name: `more${suffix}` };
        await assert.rejects(create(more), refusedWith("TopicLimitExceeded", new RegExp(`has ${max} topics of this kind`)));
        assert.deepEqual(await create({ ...NEWS, name: first }), { created: false });
        await create({ ...more, region: "eu-west-1" });
        await create({ ...more, account: "111111111111" });
        for (let twice = 0; twice < 2; twice += 1) await scene.store.deleteTopic({ topic: { ...NEWS, name: first } });
        await create(more);
        await assert.rejects(create({ ...NEWS, name: first }), refusedWith("TopicLimitExceeded"));
      }
      assert.deepEqual((await scene.store.check({ after: "", limit: 1 })).problems, []);
    });

    test("topics are listed by name, in pages", async () => {
      const { store } = now();
      const page = { account: NEWS.account, region: NEWS.region, limit: 1 };
      assert.deepEqual(await store.listTopics({ ...page, after: "" }), { names: ["news"], more: true });
      assert.deepEqual(await store.listTopics({ ...page, after: "news" }), { names: ["news.fifo"], more: false });
      assert.deepEqual(await store.listTopics({ ...page, account: "111111111111", after: "" }), { names: [], more: false });
    });

    test("a permission is a statement of its label in the policy, beside the default one", async () => {
      const { store } = now();
      const permission = { label: "partner", accountIds: ["111111111111"], actions: ["Publish"] };
      const statements = async () =>
        (JSON.parse((await store.describeTopic({ topic: NEWS })).attributes["Policy"] ?? "{}") as { Statement: { Sid: string }[] })
          .Statement;
      await store.addPermission({ topic: NEWS, permission });
      assert.deepEqual(
        (await statements()).map(({ Sid }) => Sid),
        ["__default_statement_ID", "partner"],
      );
      await assert.rejects(store.addPermission({ topic: NEWS, permission }), refusedWith("InvalidParameter", /Statement already exists$/));
      await store.removePermission({ topic: NEWS, label: "partner" });
      assert.equal((await statements()).length, 1);
    });
  });

  describe(`topic store on ${engine}: subscriptions`, () => {
    const { now, subscribe } = topicFixture(open);

    test("a subscription is one for each protocol and endpoint, and is found again by what it has", async () => {
      const { store } = now();
      const first = await subscribe("inbox");
      assert.equal(first.confirmed, true);
      assert.deepEqual(await subscribe("inbox"), first);
      assert.deepEqual(await subscribe("inbox", { attributes: {} }), first);
      await assert.rejects(
        subscribe("inbox", { attributes: { RawMessageDelivery: "false" } }),
        refusedWith("InvalidParameter", /Attributes Reason: Subscription already exists with different attributes$/),
      );
      assert.notEqual((await subscribe("other")).id, first.id);
      assert.deepEqual((await store.describeTopic({ topic: NEWS })).counts, { confirmed: 2, pending: 0, deleted: 0 });
    });

    test("a subscription that ended is gone, and counted as deleted", async () => {
      const { store } = now();
      const { id } = await subscribe("inbox");
      const ended = { subscription: { topic: NEWS, id }, authenticated: true, token: "cd" };
      await store.unsubscribe(ended);
      await store.unsubscribe(ended);
      await assert.rejects(store.describeSubscription(ended), refusedWith("NotFound", /Subscription does not exist/));
      assert.deepEqual((await store.describeTopic({ topic: NEWS })).counts, { confirmed: 0, pending: 0, deleted: 1 });
    });

    test("an attribute is set, removed by an empty text, and kept over a restart", async () => {
      const { reopen } = now();
      const { id } = await subscribe("inbox", { attributes: {} });
      const subscription = { topic: NEWS, id };
      const attributes = async () => (await now().store.describeSubscription({ subscription })).attributes;
      await now().store.setSubscriptionAttribute({ subscription, name: "RawMessageDelivery", value: "TRUE" });
      await reopen();
      assert.deepEqual(await attributes(), { RawMessageDelivery: "true" });
      await now().store.setSubscriptionAttribute({ subscription, name: "RawMessageDelivery", value: "" });
      assert.deepEqual(await attributes(), {});
    });

    test("subscriptions are listed in the order of their making, of a topic and of an account", async () => {
      const { store } = now();
      await subscribe("a");
      await subscribe("b", { topic: ORDERED });
      await subscribe("c");
      const page = { after: 0, limit: 1 };
      const first = await store.listSubscriptionsByTopic({ topic: NEWS, ...page });
      const endpoints = ({ subscriptions }: typeof first) => subscriptions.map(({ endpoint }) => endpoint.slice(-1)).join("");
      assert.deepEqual([endpoints(first), first.more], ["a", true]);
      const after = first.subscriptions[0]?.sequence ?? 0;
      const second = await store.listSubscriptionsByTopic({ topic: NEWS, ...page, after });
      assert.deepEqual([endpoints(second), second.more], ["c", false]);
      const all = await store.listSubscriptions({ account: NEWS.account, region: NEWS.region, after: 0, limit: 10 });
      assert.equal(endpoints(all), "abc");
    });

    test("a check finds nothing wrong in what the operations have written", async () => {
      const { store } = now();
      await subscribe("inbox");
      await subscribe("other");
      assert.deepEqual((await store.check({ after: "", limit: 10 })).problems, []);
    });
  });
}

function subscription() {
  const who = { owner: NEWS.account, principal: "p", baseUrl: "http://localhost", token: "ab" };
  return { topic: NEWS, id: "s", protocol: "sqs" as const, endpoint: queueArn("inbox"), attributes: {}, ...who };
}
