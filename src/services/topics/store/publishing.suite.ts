import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { MINUTE_MS } from "../../../kernel/units.ts";
import { NEWS, ORDERED, ordered, publication, queueArn, refusedWith, topicFixture, type OpenTopics } from "./store.fixture.ts";

/** The meaning of the topic store's port, for every engine: what is published. */
export function publishingSuite(engine: string, open: OpenTopics): void {
  describe(`topic store on ${engine}: publishing`, () => {
    const { now, subscribe, publish } = topicFixture(open);

    test("a message goes to every queue that is subscribed by then, and to none that is not any more", async () => {
      await publish("before");
      const { id } = await subscribe("a");
      await subscribe("b");
      assert.deepEqual(await publish("one"), { accepted: [{ id: "m-one", sequence: null }], signedBy: null, delivered: 2, failed: [] });
      await now().store.unsubscribe({ subscription: { topic: NEWS, id }, authenticated: true, token: "cd" });
      await publish("two");
      assert.deepEqual(now().delivered(), ["a: one", "b: one", "b: two"]);
    });

    test("what was published is on disk when it is answered", async () => {
      await subscribe("a");
      await publish("one");
      await now().reopen();
      await publish("two");
      assert.deepEqual(now().delivered(), ["a: one", "a: two"]);
    });

    test("each message has the same id in a queue however often it is asked, another in every queue", async () => {
      await subscribe("a");
      await subscribe("b");
      await publish("one");
      const ids = now()
        .messages()
        .map(({ id }) => id);
      assert.equal(new Set(ids).size, 2);
      for (const id of ids) assert.match(id, /^[0-9a-f]{8}-[0-9a-f]{4}-8[0-9a-f]{3}-8[0-9a-f]{3}-[0-9a-f]{12}$/);
    });

    test("beyond a hundred, failed deliveries are counted by what became of them", async () => {
      const redrive = { RawMessageDelivery: "true", RedrivePolicy: JSON.stringify({ deadLetterTargetArn: queueArn("dead") }) };
      for (let index = 0; index < 99; index += 1) await subscribe(`gone-${index}`);
      await subscribe("denied-one");
      for (const queue of ["denied-two", "denied-three"]) await subscribe(queue);
      await subscribe("gone-kept", { attributes: redrive });
      const { failed, failedBesides } = await publish("one");
      assert.equal(failed.length, 100);
      assert.deepEqual(failedBesides, [
        { reason: "denied", deadLetter: null, count: 2 },
        { reason: "gone", deadLetter: "delivered", count: 1 },
      ]);
    });

    test("what a queue does not take goes to the subscription's dead-letter queue, and is told", async () => {
      const RedrivePolicy = JSON.stringify({ deadLetterTargetArn: queueArn("dead") });
      await subscribe("gone-one", { attributes: { RawMessageDelivery: "true", RedrivePolicy } });
      await subscribe("denied-one");
      await subscribe("a");
      const { delivered, failed } = await publish("one");
      assert.deepEqual(now().delivered(), ["dead: one", "a: one"]);
      assert.equal(delivered, 1);
      assert.deepEqual(
        failed.map(({ endpoint, reason, deadLetter }) => [endpoint, reason, deadLetter]),
        [
          [queueArn("gone-one"), "gone", "delivered"],
          [queueArn("denied-one"), "denied", null],
        ],
      );
    });

    test("a batch that is refused has published nothing", async () => {
      await subscribe("a");
      const messages = [publication("one", { sizeBytes: 262_144 }), publication("two", { sizeBytes: 1 })];
      const { store } = now();
      await assert.rejects(store.publish({ topic: NEWS, messages, batch: true }), refusedWith("BatchRequestTooLong"));
      await assert.rejects(
        store.publish({ topic: NEWS, messages: [publication("x", { sizeBytes: 262_145 })], batch: false }),
        refusedWith("InvalidParameter", /Message too long$/),
      );
      assert.deepEqual(now().delivered(), []);
    });

    test("a topic that is not there refuses a caller, and answers a service", async () => {
      const { store } = now();
      const topic = { ...NEWS, name: "nowhere" };
      await assert.rejects(publish("one", {}, topic), refusedWith("NotFound"));
      assert.deepEqual(await store.deliver({ topic, message: publication("one") }), { outcome: "gone" });
      await subscribe("a");
      assert.deepEqual(await store.deliver({ topic: NEWS, message: publication("one") }), {
        outcome: "delivered",
        delivered: 1,
        failed: [],
      });
      assert.deepEqual(now().delivered(), ["a: one"]);
    });
  });

  describe(`topic store on ${engine}: FIFO topics`, () => {
    const { now, subscribe, publish } = topicFixture(open);
    const say = (text: string, group: string, id: string) => publish(text, ordered(group, id), ORDERED);

    test("a duplicate is answered as the first was, and delivered to nobody, for five minutes, over restarts", async () => {
      await subscribe("a.fifo", { topic: ORDERED });
      const first = await say("one", "g", "d1");
      const second = await say("two", "g", "d2");
      assert.deepEqual(first.accepted, [{ id: "m-one", sequence: 1 }]);
      assert.deepEqual(second.accepted, [{ id: "m-two", sequence: 2 }]);
      await now().reopen();
      now().clock.advance(5 * MINUTE_MS - 1);
      assert.deepEqual((await say("again", "other", "d1")).accepted, first.accepted);
      now().clock.advance(1);
      assert.deepEqual((await say("three", "g", "d1")).accepted, [{ id: "m-three", sequence: 3 }]);
      assert.deepEqual(now().delivered(), ["a.fifo: one", "a.fifo: two", "a.fifo: three"]);
    });

    test("with a throughput scope of message groups each group tells duplicates for itself", async () => {
      await now().store.setTopicAttributes({ topic: ORDERED, attributes: { FifoThroughputScope: "MessageGroup" } });
      await subscribe("a.fifo", { topic: ORDERED });
      for (const group of ["g", "h", "g"]) await say(`of ${group}`, group, "d1");
      assert.deepEqual(now().delivered(), ["a.fifo: of g", "a.fifo: of h"]);
    });

    test("an id made of the message is good only where the topic says so", async () => {
      const ofContent = { groupId: "g", deduplication: { id: "d", ofContent: true } };
      await assert.rejects(publish("one", ofContent, ORDERED), refusedWith("InvalidParameter", /ContentBasedDeduplication/));
      await now().store.setTopicAttributes({ topic: ORDERED, attributes: { ContentBasedDeduplication: "true" } });
      await publish("one", ofContent, ORDERED);
    });

    test("group and deduplication id go to FIFO queues alone; of a standard topic's message its group, to standard queues", async () => {
      await subscribe("a.fifo", { topic: ORDERED });
      await subscribe("b", { topic: ORDERED });
      await subscribe("c");
      await say("one", "g", "d1");
      await publish("two", { groupId: "g" });
      assert.deepEqual(
        now()
          .messages()
          .map(({ groupId, deduplicationId }) => [groupId, deduplicationId]),
        [
          ["g", "d1"],
          [null, null],
          ["g", null],
        ],
      );
    });
  });
}
