import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { HOUR_MS, SECOND_MS } from "../../../kernel/units.ts";
import { QUEUE, queueNamed, Timeline, type StoreUnderTest } from "./timeline.suite.ts";

/** More than one piece of work. */
const MANY = 2500;

/** What operations do that need exact counts when very much has come due at once, for every engine. */
export function catchingUpSuite(engine: string, open: () => Promise<StoreUnderTest>): void {
  const withQueue = (attributes: Record<string, string>, body: (t: Timeline) => Promise<void>) => async () => {
    const subject = await open();
    try {
      await subject.store.createQueue({ queue: QUEUE, attributes, tags: {} });
      await body(new Timeline(subject));
    } finally {
      await subject.close();
    }
  };

  describe(`queue store on ${engine}: very much that has come due at once`, () => {
    test(
      "is counted exactly, and others get their turn meanwhile",
      withQueue({ DelaySeconds: "10" }, async (t) => {
        await sendMany(t);
        t.advance(10 * SECOND_MS);
        assert.deepEqual(await inTurn({ counts: t.store.describeQueue({ queue: QUEUE }), other: t.store.listTags({ queue: QUEUE }) }), [
          "other",
          "counts",
        ]);
        assert.deepEqual(await t.counts(), [MANY, 0, 0]);
      }),
    );

    test(
      "is visible as if each had come alone: in its order, counted, delayed, in flight or purged",
      withQueue({}, async (t) => {
        await sendMany(t);
        await t.store.purge({ queue: QUEUE });
        await sendMany(t);
        await t.receive({ max: 1200, visibilityMs: 20 * SECOND_MS });
        for (let delayed = 0; delayed < 200; delayed += 1) await t.sendDelayed(`d${delayed}`, 10 * SECOND_MS);
        t.advance(10 * SECOND_MS);
        assert.equal(await t.receive({ visibilityMs: 10 * SECOND_MS }), "m1200 #1");
        assert.deepEqual(await t.counts(), [MANY - 1200 - 1 + 200, 1201, 0]);
        t.advance(10 * SECOND_MS);
        assert.deepEqual(await t.counts(), [MANY + 200, 0, 0]);
        assert.equal(await t.receive({ max: 2 }), "m0 #2 m1 #2");
        assert.deepEqual(await t.counts(), [MANY + 198, 2, 0]);
        assert.equal(await t.delete("m1"), "deleted");
        assert.deepEqual(await t.counts(), [MANY + 198, 1, 0]);
      }),
    );

    test(
      "is not kept from who waits by the end of its wait, where the server was too busy to notice either in time",
      withQueue({ DelaySeconds: "10" }, async (t) => {
        await t.send("m1");
        const receive = (waitMs: number) => t.store.receive({ queue: QUEUE, messagesMax: 1, waitMs, visibilityMs: undefined });
        const [first, second] = [receive(11_000), receive(12_000)];
        await t.counts();
        t.advance(20 * SECOND_MS);
        assert.deepEqual(
          (await Promise.all([first, second])).map((messages) => messages.map(({ body }) => body)),
          [["m1"], []],
        );
      }),
    );

    test(
      "is looked for once among hidden messages, however many they are",
      withQueue({ DelaySeconds: "900" }, async (t) => {
        await sendMany(t);
        assert.deepEqual(await t.counts(), [0, 0, MANY]);
        assert.deepEqual(await inTurn({ counts: t.store.describeQueue({ queue: QUEUE }), other: t.store.listTags({ queue: QUEUE }) }), [
          "counts",
          "other",
        ]);
      }),
    );

    test(
      "is let go by the time of the answer, waiting, delayed or in flight, when its retention has ended",
      withQueue({ MessageRetentionPeriod: "60" }, async (t) => {
        t.advance(30 * SECOND_MS); // The upkeep, which lets go of them every minute, is not to be the first.
        await sendMany(t);
        await t.receive({ max: 1500, visibilityMs: HOUR_MS });
        t.advance(SECOND_MS);
        await t.send("later");
        t.advance(59 * SECOND_MS);
        assert.deepEqual(await inTurn({ counts: t.store.describeQueue({ queue: QUEUE }), other: t.store.listTags({ queue: QUEUE }) }), [
          "other",
          "counts",
        ]);
        assert.deepEqual(await t.counts(), [1, 0, 0]);
        t.advance(SECOND_MS);
        assert.deepEqual(await t.counts(), [0, 0, 0]);
      }),
    );

    test(
      "does not return under a longer retention",
      withQueue({ MessageRetentionPeriod: "60" }, async (t) => {
        t.advance(30 * SECOND_MS);
        await sendMany(t);
        await t.receive({ max: MANY, visibilityMs: HOUR_MS });
        t.advance(60 * SECOND_MS);
        const changed = t.store.setAttributes({ queue: QUEUE, attributes: { MessageRetentionPeriod: "1209600" } });
        assert.deepEqual(await inTurn({ changed, other: t.store.listTags({ queue: QUEUE }) }), ["other", "changed"]);
        assert.deepEqual(await t.counts(), [0, 0, 0]);
      }),
    );

    test(
      "is what a move task begins with",
      withQueue({ DelaySeconds: "10" }, async (t) => {
        const source = queueNamed("source");
        const RedrivePolicy = '{"deadLetterTargetArn":"arn:aws:sqs:us-east-1:000000000000:jobs","maxReceiveCount":1}';
        await t.store.createQueue({ queue: source, attributes: { RedrivePolicy }, tags: {} });
        await sendMany(t);
        t.advance(10 * SECOND_MS);
        const task = { taskId: "task", source: QUEUE, destination: source, perSecond: 1 };
        const started = t.store.startMoveTask(task);
        assert.deepEqual(await inTurn({ started, other: t.store.listTags({ queue: QUEUE }) }), ["other", "started"]);
        assert.equal((await t.store.listMoveTasks({ source: QUEUE, limit: 1 }))[0]?.toMove, MANY);
      }),
    );
  });
}

async function sendMany(t: Timeline): Promise<void> {
  await t.send(...Array.from({ length: MANY }, (_, index) => `m${index}`));
}

/** The names in the order in which they were answered. */
async function inTurn(asked: Record<string, Promise<unknown>>): Promise<string[]> {
  const answered: string[] = [];
  await Promise.all(Object.entries(asked).map(([name, answer]) => answer.then(() => answered.push(name))));
  return answered;
}
