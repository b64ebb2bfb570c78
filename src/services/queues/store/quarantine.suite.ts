import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { DAY_MS, MINUTE_MS, SECOND_MS } from "../../../kernel/units.ts";
import { EVERY_MESSAGE } from "../rules/message-search.ts";
import type { QueueRef } from "./store.ts";
import { QUEUE, queueNamed, Timeline, type StoreUnderTest } from "./timeline.suite.ts";

/** A store whose bytes can go wrong. */
export interface RottingStore extends StoreUnderTest {
  /** Changes a stored message behind the store's back. */
  damage(what: "body" | "attributes" | "id" | "group", body: string): Promise<void>;
}

/** What happens to messages that are not what was sent, for every engine. */
export function quarantineSuite(engine: string, open: () => Promise<RottingStore>): void {
  const withQueue = (attributes: Record<string, string>, body: (t: Timeline, subject: RottingStore) => Promise<void>) => async () => {
    const subject = await open();
    try {
      const name = attributes["FifoQueue"] === undefined ? QUEUE.name : FIFO.name;
      await subject.store.createQueue({ queue: queueNamed(name), attributes, tags: {} });
      await body(new Timeline(subject, queueNamed(name)), subject);
    } finally {
      await subject.close();
    }
  };
  const FIFO = queueNamed("jobs.fifo");
  const quarantined = async ({ store }: { store: Timeline["store"] }, queue: QueueRef = QUEUE) =>
    (await store.listQuarantined({ queue, after: 0, limit: 100 })).messages.map(({ id, damage }) => `${id} ${damage}`);
  const peek = ({ store }: { store: Timeline["store"] }) =>
    store.peek({ queue: QUEUE, search: EVERY_MESSAGE, after: undefined, messagesMax: 100, scanMax: 100 });

  describe(`queue store on ${engine}: damaged messages`, () => {
    test(
      "a receive passes a damaged message by and hands out the next one",
      withQueue({}, async (t, subject) => {
        await t.send("m1", "m2", "m3");
        await subject.damage("body", "m1");
        assert.equal(await t.receive(), "m2 #1");
        assert.deepEqual(await t.counts(), [1, 1, 0]);
        assert.deepEqual(await quarantined(subject), ["jobs-1 checksum"]);
      }),
    );

    for (const what of ["body", "attributes", "id", "group"] as const)
      test(
        `no change of a message's ${what} gets through`,
        withQueue({}, async (t, subject) => {
          const message = { ...t.message("m1"), attributes: '{"a":["String","one"]}', groupId: "group" };
          await subject.store.send({ queue: QUEUE, messages: [message] });
          await subject.damage(what, "m1");
          assert.equal(await t.receive(), "");
          assert.equal((await quarantined(subject)).length, 1);
        }),
      );

    test(
      "a receive that finds nothing else waits, and is given what comes",
      withQueue({}, async (t, subject) => {
        await t.send("m1", "m2");
        await subject.damage("body", "m1");
        await subject.damage("body", "m2");
        const waiting = t.receive({ waitMs: 20_000 });
        await t.counts();
        await t.send("m3");
        assert.equal(await waiting, "m3 #1");
      }),
    );

    test(
      "what was received before is passed by as well when it comes back",
      withQueue({}, async (t, subject) => {
        await t.send("m1");
        assert.equal(await t.receive(), "m1 #1");
        await subject.damage("body", "m1");
        t.advance(30_000);
        assert.equal(await t.receive(), "");
        assert.deepEqual(await t.counts(), [0, 0, 0]);
        assert.equal(await t.delete("m1"), "deleted");
        assert.deepEqual(await quarantined(subject), ["jobs-1 checksum"]);
      }),
    );

    test(
      "a peek shows no damaged message, and nobody receives it from then on",
      withQueue({}, async (t, subject) => {
        await t.send("m1", "m2");
        await t.sendDelayed("m3", 60_000);
        await subject.damage("body", "m1");
        await subject.damage("body", "m3");
        const page = await peek(subject);
        assert.deepEqual([page.messages.map(({ body }) => body), page.quarantined], [["m2"], 2]);
        assert.deepEqual(await t.counts(), [1, 0, 0]);
        assert.deepEqual(await quarantined(subject), ["jobs-1 checksum", "jobs-3 checksum"]);
      }),
    );

    test(
      "neither a dead-letter queue nor a move task gets a damaged message",
      withQueue({}, async (t, subject) => {
        const dead = queueNamed("dead");
        const arn = `arn:aws:sqs:${QUEUE.region}:${QUEUE.account}:dead`;
        await subject.store.createQueue({ queue: dead, attributes: {}, tags: {} });
        const policy = JSON.stringify({ deadLetterTargetArn: arn, maxReceiveCount: 1 });
        await subject.store.setAttributes({ queue: QUEUE, attributes: { RedrivePolicy: policy, VisibilityTimeout: "1" } });
        await t.send("m1", "m2", "m3");
        assert.equal(await t.receive({ max: 10 }), "m1 #1 m2 #1 m3 #1");
        await subject.damage("body", "m1");
        t.advance(1000);
        assert.equal(await t.receive({ max: 10 }), "");
        assert.deepEqual(await quarantined(subject), ["jobs-1 checksum"]);
        assert.equal((await subject.store.describeQueue({ queue: dead })).visible, 2);

        await subject.damage("body", "m2");
        await subject.store.startMoveTask({ taskId: "task", source: dead, destination: undefined, perSecond: undefined });
        for (let piece = 0; piece < 5; piece += 1) {
          t.advance(1000);
          await t.counts();
        }
        assert.deepEqual(await quarantined(subject, dead), ["jobs-2 checksum"]);
        assert.equal(await t.receive({ max: 10 }), "m3 #1");
        const [task] = await subject.store.listMoveTasks({ source: dead, limit: 1 });
        assert.deepEqual([task?.status, task?.moved], ["COMPLETED", 1]);
      }),
    );

    test(
      "in a FIFO queue the next message of the group follows, and a repeated receive does not give the damaged one",
      withQueue({ FifoQueue: "true", ContentBasedDeduplication: "true" }, async (t, subject) => {
        const message = (body: string) => ({ ...t.message(body), groupId: "g", deduplication: { id: body, ofContent: false } });
        await subject.store.send({ queue: FIFO, messages: [message("m1"), message("m2")] });
        const attempt = { queue: FIFO, messagesMax: 1, waitMs: 0, visibilityMs: 30_000, attemptId: "again" };
        const bodies = async () => (await subject.store.receive(attempt)).map(({ body }) => body);
        assert.deepEqual(await bodies(), ["m1"]);
        await subject.damage("body", "m1");
        assert.deepEqual(await bodies(), ["m2"]);
        assert.deepEqual(await quarantined(subject, FIFO), ["jobs.fifo-1 checksum"]);
      }),
    );

    test(
      "a purge drops those that were found before, and fourteen days drop all",
      withQueue({}, async (t, subject) => {
        await t.send("m1", "m2");
        await subject.damage("body", "m1");
        assert.equal(await t.receive(), "m2 #1");
        await subject.store.purge({ queue: QUEUE });
        assert.deepEqual(await quarantined(subject), []);
        await t.send("m3");
        await subject.damage("body", "m3");
        assert.equal(await t.receive(), "");
        await subject.reopen({ afterMs: 13 * DAY_MS });
        t.advance(SECOND_MS);
        assert.deepEqual(await quarantined(subject), ["jobs-3 checksum"]);
        await subject.reopen({ afterMs: DAY_MS });
        t.advance(10 * MINUTE_MS); // The clock was in doubt.
        assert.deepEqual(await quarantined(subject), []);
      }),
    );

    test(
      "what is in quarantine is counted, also after a restart",
      withQueue({}, async (t, subject) => {
        await t.send("m1", "m2");
        await subject.damage("body", "m1");
        await t.receive();
        assert.equal(subject.storage.report.get("queues.quarantined"), 1);
        assert.equal(subject.storage.report.get("queues.quarantined_total"), 1);
        await subject.reopen();
        assert.equal(subject.storage.report.get("queues.quarantined"), 1);
        assert.equal(subject.storage.report.get("queues.quarantined_total"), 0);
      }),
    );
  });
}
