import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { HOUR_MS, MINUTE_MS, SECOND_MS } from "../../../kernel/units.ts";
import { covers } from "../../../../test/contract/covers.ts";
import { QUEUE, Timeline, type StoreUnderTest } from "./timeline.suite.ts";

/** The meaning of the queue store's port, for every engine. */
export function queueStoreSuite(engine: string, open: () => Promise<StoreUnderTest>): void {
  const withQueue = (attributes: Record<string, string>, body: (t: Timeline) => Promise<void>) => async () => {
    const subject = await open();
    try {
      await subject.store.createQueue({ queue: QUEUE, attributes, tags: {} });
      await body(new Timeline(subject));
    } finally {
      await subject.close();
    }
  };

  describe(`queue store on ${engine}: visibility`, () => {
    test(
      "a received message is hidden for the visibility timeout and then comes back, counted",
      withQueue({}, async (t) => {
        await t.send("m1");
        assert.equal(await t.receive(), "m1 #1");
        t.advance(29_999);
        assert.equal(await t.receive(), "");
        t.advance(1);
        assert.equal(await t.receive(), "m1 #2");
      }),
    );

    test(
      "an older message that becomes visible again comes before a newer one",
      withQueue({}, async (t) => {
        covers("sqs/5.5-old-position");
        await t.send("m1", "m2");
        assert.equal(await t.receive(), "m1 #1");
        t.advance(30_000);
        assert.equal(await t.receive({ max: 10 }), "m1 #2 m2 #1");
      }),
    );

    test(
      "a visibility timeout of 0 leaves the message visible, counted, its receipt good for a delete",
      withQueue({}, async (t) => {
        await t.send("m1");
        assert.equal(await t.receive({ visibilityMs: 0 }), "m1 #1");
        assert.deepEqual(await t.counts(), [1, 0, 0]);
        assert.equal(await t.receive({ visibilityMs: 0 }), "m1 #2");
        await t.delete("m1", 1);
        assert.deepEqual(await t.counts(), [0, 0, 0]);
      }),
    );

    test(
      "a change counts from now, and only for this receive",
      withQueue({}, async (t) => {
        await t.send("m1");
        await t.receive();
        t.advance(20_000);
        assert.equal(await t.change("m1", 60_000), "changed");
        t.advance(59_999);
        assert.equal(await t.receive(), "");
        t.advance(1);
        assert.equal(await t.receive(), "m1 #2");
        t.advance(30_000);
        assert.equal(await t.receive(), "m1 #3");
      }),
    );

    test(
      "a change to 0 shows the message at once, also by a receipt that another receive has superseded",
      withQueue({}, async (t) => {
        await t.send("m1");
        await t.receive();
        t.advance(30_000);
        assert.equal(await t.receive(), "m1 #2");
        assert.equal(await t.change("m1", 0, 1), "changed");
        assert.equal(await t.receive(), "m1 #3");
      }),
    );

    test(
      "an expired receipt hides the message again unless it is gone",
      withQueue({}, async (t) => {
        await t.send("m1");
        await t.receive();
        t.advance(31_000);
        assert.equal(await t.change("m1", 10_000), "changed");
        assert.equal(await t.receive(), "");
        assert.deepEqual(await t.counts(), [0, 1, 0]);
        await t.delete("m1");
        assert.equal(await t.change("m1", 10_000), "gone");
      }),
    );

    test(
      "any receipt hides the message again once the timeout of the newest receive is over, noticed or not",
      withQueue({}, async (t) => {
        await t.send("m1");
        await t.receive();
        t.advance(30_000);
        assert.equal(await t.receive(), "m1 #2");
        t.advance(30_000);
        assert.equal(await t.change("m1", 10_000, 1), "changed");
        assert.deepEqual(await t.counts(), [0, 1, 0]);
      }),
    );

    test(
      "twelve hours after the receive no change extends any further",
      withQueue({ VisibilityTimeout: "43200" }, async (t) => {
        await t.send("m1");
        await t.receive();
        t.advance(11 * HOUR_MS);
        assert.equal(await t.change("m1", HOUR_MS), "changed");
        t.advance(SECOND_MS);
        assert.equal(await t.change("m1", HOUR_MS), "over-limit");
      }),
    );
  });

  describe(`queue store on ${engine}: deleting`, () => {
    test(
      "a receipt deletes its message also after a change has hidden it longer",
      withQueue({}, async (t) => {
        await t.send("m1");
        await t.receive();
        await t.change("m1", 60_000);
        await t.delete("m1");
        assert.deepEqual(await t.counts(), [0, 0, 0]);
      }),
    );

    test(
      "a deleted message never comes back, and deleting it again is a success",
      withQueue({}, async (t) => {
        await t.send("m1");
        await t.receive();
        assert.equal(await t.delete("m1"), "deleted");
        assert.equal(await t.delete("m1"), "deleted");
        t.advance(HOUR_MS);
        assert.equal(await t.receive(), "");
      }),
    );

    test(
      "an expired and a superseded receipt delete too",
      withQueue({}, async (t) => {
        await t.send("m1", "m2");
        await t.receive({ max: 10 });
        t.advance(31_000);
        await t.delete("m1", 1);
        assert.equal(await t.receive({ max: 10 }), "m2 #2");
        await t.delete("m2", 1);
        assert.deepEqual(await t.counts(), [0, 0, 0]);
      }),
    );

    test(
      "another queue's receipt is told apart, and one of a queue that was made again",
      withQueue({}, async (t) => {
        await t.send("m1");
        await t.receive();
        await t.store.createQueue({ queue: { ...QUEUE, name: "other" }, attributes: {}, tags: {} });
        assert.deepEqual(await t.store.delete({ queue: { ...QUEUE, name: "other" }, receipts: [t.receipt("m1")] }), ["foreign"]);
        await t.store.deleteQueue({ queue: QUEUE });
        t.advance(MINUTE_MS);
        await t.store.createQueue({ queue: QUEUE, attributes: {}, tags: {} });
        assert.equal(await t.delete("m1"), "foreign");
      }),
    );
  });

  describe(`queue store on ${engine}: waiting`, () => {
    test(
      "a waiting receive is served by the send that comes, the longest waiting first",
      withQueue({}, async (t) => {
        const first = t.receive({ waitMs: 20_000 });
        const second = t.receive({ waitMs: 20_000 });
        await t.send("m1");
        assert.equal(await first, "m1 #1");
        await t.send("m2");
        assert.equal(await second, "m2 #1");
      }),
    );

    test(
      "it is woken by the end of a delay, of a visibility timeout, and by a change to 0",
      withQueue({}, async (t) => {
        await t.sendDelayed("m1", 5000);
        const delayed = t.receive({ waitMs: 20_000 });
        await t.counts();
        t.advance(5000);
        assert.equal(await delayed, "m1 #1");
        const timedOut = t.receive({ waitMs: 20_000, visibilityMs: 10_000 });
        await t.change("m1", 15_000);
        t.advance(15_000);
        assert.equal(await timedOut, "m1 #2");
        const shown = t.receive({ waitMs: 20_000 });
        await t.counts();
        await t.change("m1", 0);
        assert.equal(await shown, "m1 #3");
      }),
    );

    test(
      "a receive waits for as long as its queue said when it began",
      withQueue({ ReceiveMessageWaitTimeSeconds: "2" }, async (t) => {
        const waits = t.store.receive({ queue: QUEUE, messagesMax: 1, waitMs: undefined, visibilityMs: undefined });
        await t.store.setAttributes({ queue: QUEUE, attributes: { ReceiveMessageWaitTimeSeconds: "0" } });
        t.advance(1999);
        await t.send("m1");
        assert.deepEqual(
          (await waits).map(({ body }) => body),
          ["m1"],
        );
      }),
    );

    test(
      "it ends empty when its time is over, and is refused when the queue goes",
      withQueue({}, async (t) => {
        const empty = t.receive({ waitMs: 2000 });
        await t.counts();
        t.advance(2000);
        assert.equal(await empty, "");
        const refused = assert.rejects(t.receive({ waitMs: 2000 }), { code: "QueueDoesNotExist" });
        await t.counts();
        await t.store.deleteQueue({ queue: QUEUE });
        await refused;
      }),
    );

    test(
      "a receive whose caller has gone takes nothing from those behind it",
      withQueue({}, async (t) => {
        const abort = new AbortController();
        const gone = assert.rejects(
          t.store.receive({ queue: QUEUE, messagesMax: 1, waitMs: 20_000, visibilityMs: undefined }, abort.signal),
        );
        const next = t.receive({ waitMs: 20_000 });
        await t.counts();
        abort.abort();
        await gone;
        await t.send("m1");
        assert.equal(await next, "m1 #1");
      }),
    );

    test(
      "a receive that never reached its caller is taken back: visible, uncounted",
      withQueue({}, async (t) => {
        await t.send("m1");
        await t.receive();
        await t.store.undoReceive({ queue: QUEUE, receipts: [t.receipt("m1")] });
        assert.deepEqual(await t.counts(), [1, 0, 0]);
        assert.equal(await t.receive(), "m1 #1");
      }),
    );
  });

  describe(`queue store on ${engine}: delays, limits and retention`, () => {
    test(
      "a message's own delay beats that of the queue, also a delay of 0",
      withQueue({ DelaySeconds: "10" }, async (t) => {
        await t.send("queue");
        await t.sendDelayed("none", 0);
        await t.sendDelayed("long", 20_000);
        assert.deepEqual(await t.counts(), [1, 0, 2]);
        assert.equal(await t.receive({ max: 10 }), "none #1");
        t.advance(10_000);
        assert.equal(await t.receive({ max: 10 }), "queue #1");
        t.advance(10_000);
        assert.equal(await t.receive({ max: 10 }), "long #1");
      }),
    );

    test(
      "a message over the queue's size is not stored, its neighbours are",
      withQueue({ MaximumMessageSize: "1024" }, async (t) => {
        const fits = t.message("fits");
        const results = await t.store.send({ queue: QUEUE, messages: [fits, { ...t.message("long"), sizeBytes: 1025 }, t.message("too")] });
        assert.deepEqual(results, [{ sent: true }, { sent: false, tooLongBytes: 1024 }, { sent: true }]);
        assert.equal(await t.receive({ max: 10 }), "fits #1 too #1");
      }),
    );

    test(
      "retention counts from the send, for waiting, delayed and in-flight messages alike",
      withQueue({ MessageRetentionPeriod: "60" }, async (t) => {
        covers("sqs/5.5-retention");
        await t.send("m1", "m2");
        await t.sendDelayed("m3", 50_000);
        await t.receive({ visibilityMs: 10 * MINUTE_MS });
        t.advance(59_999);
        assert.deepEqual(await t.counts(), [2, 1, 0]);
        t.advance(1);
        assert.equal(await t.receive({ max: 10 }), "");
        assert.deepEqual(await t.counts(), [0, 0, 0]);
        assert.equal(await t.delete("m1"), "deleted");
      }),
    );

    test(
      "a new retention holds for what is already there",
      withQueue({}, async (t) => {
        await t.send("m1");
        t.advance(2 * HOUR_MS);
        await t.store.setAttributes({ queue: QUEUE, attributes: { MessageRetentionPeriod: "3600" } });
        assert.equal(await t.receive(), "");
      }),
    );

    test(
      "a message whose retention has ended does not return when the retention becomes longer",
      withQueue({ MessageRetentionPeriod: "60" }, async (t) => {
        await t.send("m1");
        t.advance(60_000);
        await t.store.setAttributes({ queue: QUEUE, attributes: { MessageRetentionPeriod: "3600" } });
        assert.deepEqual(await t.counts(), [0, 0, 0]);
        assert.equal(await t.receive(), "");
      }),
    );

    test(
      "a queue without a reader gets rid of old messages by itself",
      withQueue({ MessageRetentionPeriod: "60" }, async (t) => {
        await t.send("m1");
        t.advance(60_000);
        for (let minute = 0; minute < 3; minute += 1) {
          t.advance(MINUTE_MS);
          await t.store.listTags({ queue: QUEUE });
        }
        assert.deepEqual(await t.counts(), [0, 0, 0]);
      }),
    );
  });

  describe(`queue store on ${engine}: the queues themselves`, () => {
    test(
      "a purge forgets what was sent before it, in flight and delayed too, and nothing after",
      withQueue({}, async (t) => {
        await t.send("m1", "m2");
        await t.sendDelayed("m3", 1000);
        await t.receive();
        await t.store.purge({ queue: QUEUE });
        assert.equal(await t.change("m1", 5000), "gone");
        assert.equal(await t.delete("m1"), "deleted");
        assert.deepEqual(await t.counts(), [0, 0, 0]);
        await t.send("m4");
        t.advance(MINUTE_MS);
        assert.equal(await t.receive({ max: 10 }), "m4 #1");
        assert.equal(await t.change("m1", 5000), "gone");
      }),
    );

    test(
      "one purge a minute",
      withQueue({}, async (t) => {
        await t.store.purge({ queue: QUEUE });
        t.advance(59_999);
        await assert.rejects(t.store.purge({ queue: QUEUE }), { code: "PurgeQueueInProgress" });
        t.advance(1);
        await t.store.purge({ queue: QUEUE });
      }),
    );

    test(
      "a deleted queue is gone with its messages, and its name rests for a minute",
      withQueue({}, async (t) => {
        await t.send("m1");
        await t.store.deleteQueue({ queue: QUEUE });
        await assert.rejects(t.receive(), { code: "QueueDoesNotExist" });
        const again = () => t.store.createQueue({ queue: QUEUE, attributes: {}, tags: {} });
        await assert.rejects(again(), { code: "QueueDeletedRecently" });
        t.advance(MINUTE_MS);
        assert.deepEqual(await again(), { created: true });
        assert.deepEqual(await t.counts(), [0, 0, 0]);
      }),
    );

    test(
      "creating a queue again finds it, unless an attribute differs",
      withQueue({ DelaySeconds: "5" }, async (t) => {
        const again = (attributes: Record<string, string>) => t.store.createQueue({ queue: QUEUE, attributes, tags: {} });
        assert.deepEqual(await again({}), { created: false });
        assert.deepEqual(await again({ DelaySeconds: "5", VisibilityTimeout: "30" }), { created: false });
        await assert.rejects(again({ DelaySeconds: "6" }), { code: "QueueNameExists" });
      }),
    );

    test(
      "names are listed in order, by prefix, a page at a time",
      withQueue({}, async (t) => {
        for (const name of ["a1", "a-2", "A3", "b1", "a_4"])
          await t.store.createQueue({ queue: { ...QUEUE, name }, attributes: {}, tags: {} });
        const page = (after: string) => t.store.listQueues({ account: QUEUE.account, region: QUEUE.region, prefix: "a", after, limit: 2 });
        assert.deepEqual(await page(""), { names: ["a-2", "a1"], more: true });
        assert.deepEqual(await page("a1"), { names: ["a_4"], more: false });
      }),
    );

    test(
      "tags are set, replaced and removed one by one",
      withQueue({}, async (t) => {
        await t.store.addTags({ queue: QUEUE, tags: { a: "1", b: "2" } });
        await t.store.addTags({ queue: QUEUE, tags: { b: "3", c: "" } });
        await t.store.removeTags({ queue: QUEUE, keys: ["a", "unknown"] });
        assert.deepEqual(await t.store.listTags({ queue: QUEUE }), { b: "3", c: "" });
      }),
    );
  });

  describe(`queue store on ${engine}: after a restart`, () => {
    test(
      "messages, hiding, counts and receipts are as they were",
      withQueue({}, async (t) => {
        covers("sqs/5.2-after-restart");
        await t.send("m1", "m2", "m3");
        await t.sendDelayed("m4", 10_000);
        await t.receive({ max: 2 });
        await t.delete("m2");
        await t.reopen();
        assert.deepEqual(await t.counts(), [1, 1, 1]);
        assert.equal(await t.receive({ max: 10 }), "m3 #1");
        t.advance(30_000);
        assert.equal(await t.receive({ max: 10 }), "m1 #2 m3 #2 m4 #1");
        await t.delete("m1", 1);
        assert.deepEqual(await t.counts(), [0, 2, 0]);
      }),
    );

    test(
      "a place in the order is never given twice, even after all messages have gone",
      withQueue({}, async (t) => {
        await t.send("m1");
        await t.receive();
        await t.delete("m1");
        t.advance(5000);
        await t.store.listTags({ queue: QUEUE });
        await t.reopen();
        await t.send("m2");
        await t.delete("m1", 1);
        assert.deepEqual(await t.counts(), [1, 0, 0]);
      }),
    );

    test(
      "waiting ends, and what was purged stays purged",
      withQueue({}, async (t) => {
        await t.send("m1");
        await t.store.purge({ queue: QUEUE });
        await t.send("m2");
        await t.reopen();
        assert.equal(await t.receive({ max: 10 }), "m2 #1");
      }),
    );
  });
}
