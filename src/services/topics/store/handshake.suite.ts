import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { DAY_MS } from "../../../kernel/units.ts";
import { covers } from "../../../../test/contract/covers.ts";
import { NEWS, refusedWith, topicFixture, type OpenTopics } from "./store.fixture.ts";

/** The meaning of the topic store's port, for every engine: endpoints that are asked. */
export function handshakeSuite(engine: string, open: OpenTopics): void {
  describe(`topic store on ${engine}: endpoints that are asked`, () => {
    const { now, subscribe } = topicFixture(open);
    const ENDPOINT = { protocol: "https" as const, endpoint: "https://localhost/hook", attributes: {} };
    const asked = (token: string) => subscribe("", { ...ENDPOINT, token });
    const confirm = (token: string, signedEnd = false) => now().store.confirmSubscription({ token, authenticated: false, signedEnd });
    const counts = async () => Object.values((await now().store.describeTopic({ topic: NEWS })).counts).join();
    const end = (id: string, { authenticated = false } = {}) =>
      now().store.unsubscribe({ subscription: { topic: NEWS, id }, authenticated, token: "fe" });

    test("a subscription waits for its token; once more is the same, over a restart", async () => {
      covers("sns/6.1-confirm");
      const { id, confirmed } = await asked("a1");
      assert.equal(confirmed, false);
      assert.equal(await counts(), "0,1,0");
      assert.equal(await confirm("b2"), undefined);
      await now().reopen();
      const subscription = { topic: NEWS, id };
      assert.deepEqual(await confirm("a1"), subscription);
      assert.deepEqual(await confirm("a1"), subscription);
      assert.equal(await counts(), "1,0,0");
      const { confirmed: is, authenticated } = await now().store.describeSubscription({ subscription });
      assert.deepEqual([is, authenticated], [true, false]);
    });

    test("asked again, an endpoint may answer by either token", async () => {
      const { id } = await asked("a1");
      assert.equal((await asked("a2")).id, id);
      assert.equal((await confirm("a1"))?.id, id);
      assert.equal(await counts(), "1,0,0");
    });

    test("a token is good for two days, and what nobody has confirmed by then is gone", async () => {
      covers("sns/6.1-two-days");
      await asked("a1");
      now().clock.advance(2 * DAY_MS - 1);
      await asked("a2");
      now().clock.advance(1);
      assert.equal(await confirm("a1"), undefined);
      now().clock.advance(60_000);
      await now().store.listTags({ topic: NEWS });
      assert.equal(await counts(), "0,0,0");
      assert.equal(await confirm("a2"), undefined);
    });

    test("an endpoint that somebody unknown has ended has its subscription back by a token", async () => {
      const { id } = await asked("a1");
      await confirm("a1");
      await end(id);
      assert.equal(await counts(), "0,0,1");
      assert.deepEqual(await confirm("fe"), { topic: NEWS, id });
      assert.equal(await counts(), "1,0,0");
      await end(id, { authenticated: true });
      assert.equal(await confirm("fe"), undefined);
    });

    test("where only known callers may end it, others are refused", async () => {
      covers("sns/6.1-authenticated");
      const { id } = await asked("a1");
      await confirm("a1", true);
      await assert.rejects(end(id), refusedWith("AuthorizationError"));
      await end(id, { authenticated: true });
      assert.equal(await counts(), "0,0,1");
    });
  });
}
