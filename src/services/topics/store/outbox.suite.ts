import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { NEWS, queueArn, topicFixture, type OpenTopics } from "./store.fixture.ts";
import type { DeliveryOutcome, Outbound } from "./store.ts";

/** What waits for HTTP endpoints, as it is on every engine. */
export function outboxSuite(engine: string, open: OpenTopics): void {
  describe(`outbox on ${engine}`, () => {
    const { now, subscribe, publish } = topicFixture(open);
    let tokens = 0;

    /** A confirmed subscription of an endpoint. */
    const endpoint = async (name: string, attributes: Record<string, string> = {}): Promise<string> => {
      tokens += 1;
      const token = `a${tokens}`;
      const { id } = await subscribe("", { protocol: "http", endpoint: `http://${name}/`, attributes, token });
      const { store } = now();
      const [{ id: asked } = { id: 0 }] = (await take()).messages;
      await settle(asked, { kind: "delivered" });
      await store.confirmSubscription({ token, authenticated: true, signedEnd: false });
      return id;
    };
    const take = (busy: string[] = [], limit = 100) => now().store.takeDeliveries({ limit, busy });
    const settle = (id: number, outcome: DeliveryOutcome) => now().store.settleDelivery({ id, outcome });
    const texts = (messages: readonly Outbound[]) => messages.map(({ message }) => message.text);

    test("a message waits for each endpoint from its publish on, and is taken once", async () => {
      await endpoint("one");
      await endpoint("two");
      await publish("hello");
      const { messages } = await take();
      assert.deepEqual(messages.map(({ message }) => `${message.endpoint} ${message.text}`).sort(), [
        "http://one/ hello",
        "http://two/ hello",
      ]);
      assert.deepEqual((await take()).messages, []);
    });

    test("a publish that is refused leaves nothing to send", async () => {
      await endpoint("one");
      await assert.rejects(publish("x".repeat(300_000)));
      assert.deepEqual((await take()).messages, []);
    });

    test("what was taken waits again after a start, and what was settled does not", async () => {
      await endpoint("one");
      await publish("sent");
      const [sent] = (await take()).messages;
      await settle(sent?.id ?? 0, { kind: "delivered" });
      await publish("cut");
      await take();
      await now().reopen();
      assert.deepEqual((await take()).messages, []);
      await now().store.releaseDeliveries({});
      assert.deepEqual(texts((await take()).messages), ["cut"]);
    });

    test("what is to be sent later is due then, and tells when", async () => {
      await endpoint("one");
      await publish("hello");
      const [first] = (await take()).messages;
      await settle(first?.id ?? 0, { kind: "later", delayMs: 20_000 });
      assert.deepEqual(await take(), { messages: [], again: false, nextMs: 20_000 });
      now().clock.advance(20_000);
      const [second] = (await take()).messages;
      assert.deepEqual([second?.id, second?.tries], [first?.id, 1]);
    });

    test("an endpoint with a backlog lets the others have their turn", async () => {
      await endpoint("full");
      await endpoint("other");
      for (let number = 0; number < 30; number += 1) await publish(`m${number}`, {});
      const { messages, again } = await take([], 15);
      const of = (name: string) => messages.filter(({ message }) => message.endpoint === `http://${name}/`).length;
      assert.deepEqual([of("full"), of("other"), again], [10, 5, true]);
      const next = await take([messages[0]?.subscription ?? ""]);
      assert.deepEqual(new Set(next.messages.map(({ message }) => message.endpoint)), new Set(["http://other/"]));
    });

    test("an endpoint gets no more in a second than its policy says", async () => {
      await endpoint("slow", { DeliveryPolicy: '{"throttlePolicy":{"maxReceivesPerSecond":2}}' });
      now().clock.advance(1000); // It was asked just now.
      for (const text of ["1", "2", "3"]) await publish(text);
      assert.deepEqual(texts((await take()).messages), ["1", "2"]);
      assert.deepEqual(await take(), { messages: [], again: false, nextMs: 1000 });
      await publish("4"); // Brings its turn no nearer.
      assert.deepEqual((await take()).messages, []);
      now().clock.advance(1000);
      assert.deepEqual(texts((await take()).messages), ["3", "4"]);
    });

    test("what has failed goes to the dead-letter queue as the endpoint would have got it, or nowhere", async () => {
      await endpoint("kept", { RedrivePolicy: JSON.stringify({ deadLetterTargetArn: queueArn("dead") }) });
      await endpoint("lost");
      await publish("hello");
      for (const { id, message } of (await take()).messages) {
        const { deadLetter } = await settle(id, { kind: "failed", body: "the body" });
        assert.equal(deadLetter, message.endpoint === "http://kept/" ? "delivered" : null);
      }
      assert.deepEqual(now().delivered(), ["dead: the body"]);
      assert.deepEqual(await settle(1, { kind: "failed", body: "again" }), { deadLetter: null });
    });

    test("a subscription that ended is sent nothing more but the question whether it wants to come back", async () => {
      const id = await endpoint("one");
      await publish("hello");
      await now().store.unsubscribe({ subscription: { topic: NEWS, id }, authenticated: false, token: "cd" });
      assert.deepEqual(
        (await take()).messages.map(({ message }) => message.type),
        ["UnsubscribeConfirmation"],
      );
      assert.deepEqual(await take(), { messages: [], again: false, nextMs: null });
    });
  });
}
