import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { HOUR_MS, MINUTE_MS } from "../../../kernel/units.ts";
import { queueArn } from "../rules/queue-url.ts";
import type { QueueRef } from "./store.ts";
import { QUEUE, queueNamed, Timeline, type StoreUnderTest } from "./timeline.suite.ts";

const DEAD = queueNamed("dead");

/** A RedrivePolicy as it is stored. */
export function redrive(deadLetterQueue: QueueRef, maxReceiveCount = 1): { RedrivePolicy: string } {
  return { RedrivePolicy: JSON.stringify({ deadLetterTargetArn: queueArn(deadLetterQueue), maxReceiveCount }) };
}

/** A queue, and the one that it gives messages up to. */
interface Pair {
  readonly subject: StoreUnderTest;
  readonly jobs: Timeline;
  readonly dead: Timeline;
  /** Receives what can be received, lets it time out, and so on: all that there is has then been given up. */
  readonly giveUp: (...bodies: string[]) => Promise<void>;
}

/** What the queue store's port means for messages that fail too often, for every engine. */
export function deadLetterSuite(engine: string, open: () => Promise<StoreUnderTest>): void {
  const withPair =
    (body: (pair: Pair) => Promise<void>, attributes: Record<string, string> = redrive(DEAD)) =>
    async () => {
      const subject = await open();
      try {
        await subject.store.createQueue({ queue: DEAD, attributes: {}, tags: {} });
        await subject.store.createQueue({ queue: QUEUE, attributes, tags: {} });
        await body(pairOf(subject));
      } finally {
        await subject.close();
      }
    };

  describe(`queue store on ${engine}: dead letters`, () => {
    test(
      "a message that was received as often as the policy allows goes to the dead-letter queue instead of to the next caller",
      withPair(
        async ({ jobs, dead }) => {
          await jobs.send("m1");
          assert.equal(await jobs.receive(), "m1 #1");
          jobs.advance(30_000);
          assert.equal(await dead.receive(), "", "nobody has asked the queue yet");
          assert.equal(await jobs.receive(), "m1 #2");
          jobs.advance(30_000);
          assert.equal(await jobs.receive(), "");
          assert.deepEqual(await jobs.counts(), [0, 0, 0]);
          assert.deepEqual(await dead.counts(), [1, 0, 0]);
          assert.equal(await dead.receive(), "m1 #3");
        },
        redrive(DEAD, 2),
      ),
    );

    test(
      "it stays the same message, and tells which queue gave it up",
      withPair(async ({ jobs, dead }) => {
        const sent = { ...jobs.message("m1"), attributes: "[]", traceHeader: "Root=1", groupId: "tenant", senderId: "AIDA" };
        await jobs.store.send({ queue: QUEUE, messages: [sent] });
        await jobs.receive();
        const first = jobs.received("m1");
        assert.equal(first.deadLetterSourceArn, null);
        jobs.advance(30_000);
        await jobs.receive();
        await dead.receive();
        const { receipt, receiveCount, deadLetterSourceArn, ...kept } = dead.received("m1");
        const { receipt: _, receiveCount: __, deadLetterSourceArn: ___, ...before } = first;
        assert.deepEqual(kept, before);
        assert.deepEqual([receiveCount, deadLetterSourceArn], [2, queueArn(QUEUE)]);
        assert.notEqual(receipt.queueId, first.receipt.queueId);
      }),
    );

    test(
      "a receive walks past what it gives up, however much that is",
      withPair(async ({ jobs, dead }) => {
        const bad = Array.from({ length: 250 }, (_, index) => `bad ${index}`);
        await jobs.send(...bad);
        for (let taken = 0; taken < 250; taken += 10) await jobs.receive({ max: 10, visibilityMs: 1000 });
        jobs.advance(1000);
        await jobs.send("good");
        assert.equal(await jobs.receive(), "good #1");
        assert.deepEqual(await jobs.counts(), [0, 1, 0]);
        assert.deepEqual(await dead.counts(), [250, 0, 0]);
        assert.equal(await dead.receive({ max: 3 }), "bad 0 #2 bad 1 #2 bad 2 #2", "in their order");
      }),
    );

    test(
      "good and bad messages that alternate are told apart",
      withPair(async ({ jobs, dead }) => {
        await jobs.send("bad 1", "bad 2");
        await jobs.receive({ max: 2, visibilityMs: 0 });
        await jobs.send("good 1");
        await jobs.receive({ max: 10, visibilityMs: 0 });
        await jobs.send("good 2");
        assert.equal(await jobs.receive({ max: 10 }), "good 2 #1");
        assert.equal(await dead.receive({ max: 10 }), "bad 1 #2 bad 2 #2 good 1 #2");
      }),
    );

    test(
      "who waits on the dead-letter queue is woken",
      withPair(async ({ jobs, dead }) => {
        await jobs.send("m1");
        await jobs.receive({ visibilityMs: 1000 });
        const waiting = dead.receive({ waitMs: 20_000 });
        await dead.counts();
        jobs.advance(1000);
        assert.equal(await jobs.receive(), "");
        assert.equal(await waiting, "m1 #2");
      }),
    );

    test(
      "a receive that waits gives up what comes back to it, and goes on waiting",
      withPair(async ({ jobs, dead }) => {
        await jobs.send("m1");
        await jobs.receive({ visibilityMs: 1000 });
        const waiting = jobs.receive({ waitMs: 20_000 });
        await jobs.counts();
        jobs.advance(1000);
        assert.equal(await dead.receive({ waitMs: 20_000 }), "m1 #2");
        await jobs.send("m2");
        assert.equal(await waiting, "m2 #1");
      }),
    );

    test(
      "a receipt from before the move neither deletes nor hides the message",
      withPair(async ({ jobs, dead, giveUp }) => {
        await giveUp("m1");
        assert.equal(await jobs.change("m1", 5000), "gone");
        assert.equal(await jobs.delete("m1"), "deleted");
        assert.equal(await dead.receive(), "m1 #2");
        await dead.delete("m1");
        assert.deepEqual(await dead.counts(), [0, 0, 0]);
      }),
    );

    test(
      "a purge of the dead-letter queue forgets what was moved before it, and no older message that is moved later",
      withPair(async ({ jobs, dead, giveUp }) => {
        await jobs.send("later");
        await jobs.receive({ visibilityMs: HOUR_MS });
        await giveUp("m1");
        await dead.store.purge({ queue: DEAD });
        await jobs.change("later", 0);
        await jobs.receive();
        assert.equal(await dead.receive({ max: 10 }), "later #2");
      }),
    );

    test(
      "the retention of a message goes on counting from its send, whatever the order in the dead-letter queue",
      withPair(async ({ jobs, dead, giveUp }) => {
        await dead.store.setAttributes({ queue: DEAD, attributes: { MessageRetentionPeriod: "3600" } });
        await jobs.send("old");
        await jobs.receive({ visibilityMs: 50 * MINUTE_MS });
        jobs.advance(40 * MINUTE_MS);
        await giveUp("young");
        jobs.advance(10 * MINUTE_MS);
        await jobs.receive();
        assert.deepEqual(await dead.counts(), [2, 0, 0], "the young one first, the old one behind it");
        jobs.advance(10 * MINUTE_MS);
        assert.deepEqual(await dead.counts(), [1, 0, 0]);
        assert.equal(await dead.receive({ max: 10 }), "young #2");
      }),
    );

    test(
      "while the dead-letter queue is gone messages stay and are delivered; the policy counts again when one of its name is there",
      withPair(async ({ jobs, dead }) => {
        await jobs.send("m1");
        await jobs.receive();
        await jobs.store.deleteQueue({ queue: DEAD });
        jobs.advance(MINUTE_MS);
        assert.equal(await jobs.receive(), "m1 #2");
        jobs.advance(MINUTE_MS);
        await jobs.store.createQueue({ queue: DEAD, attributes: {}, tags: {} });
        assert.equal(await jobs.receive(), "");
        assert.equal(await dead.receive(), "m1 #3");
      }),
    );

    test(
      "a policy that is set, changed or removed counts for what was received before",
      withPair(async ({ jobs, dead }) => {
        await jobs.send("m1", "m2");
        await jobs.receive({ max: 10, visibilityMs: 0 });
        await jobs.store.setAttributes({ queue: QUEUE, attributes: redrive(DEAD, 2) });
        assert.equal(await jobs.receive({ visibilityMs: 0 }), "m1 #2");
        assert.equal(await jobs.receive(), "m2 #2");
        await jobs.store.setAttributes({ queue: QUEUE, attributes: { RedrivePolicy: "" } });
        jobs.advance(30_000);
        assert.equal(await jobs.receive(), "m2 #3");
        assert.equal(await dead.receive(), "m1 #3");
      }, {}),
    );

    test(
      "a message that was taken back from a caller who had gone is not counted towards the policy",
      withPair(async ({ jobs }) => {
        await jobs.send("m1");
        await jobs.receive();
        await jobs.store.undoReceive({ queue: QUEUE, receipts: [jobs.receipt("m1")] });
        assert.equal(await jobs.receive(), "m1 #1");
      }),
    );
  });

  describe(`queue store on ${engine}: dead-letter queues among each other`, () => {
    test(
      "a dead-letter queue can give messages up itself, by the count that goes on",
      withPair(async ({ subject, jobs, dead }) => {
        const last = queueNamed("last");
        await jobs.store.createQueue({ queue: last, attributes: {}, tags: {} });
        await jobs.store.setAttributes({ queue: DEAD, attributes: redrive(last, 2) });
        await jobs.send("m1");
        await jobs.receive({ visibilityMs: 0 });
        await jobs.receive();
        assert.equal(await dead.receive({ visibilityMs: 0 }), "m1 #2");
        assert.equal(await dead.receive(), "");
        const end = new Timeline(subject, last);
        assert.equal(await end.receive(), "m1 #3");
        assert.equal(end.received("m1").deadLetterSourceArn, queueArn(DEAD));
      }),
    );

    test(
      "a receive that waits on a dead-letter queue gives up what comes there, and who waits on the next one is woken",
      withPair(async ({ subject, jobs, dead }) => {
        const last = queueNamed("last");
        await jobs.store.createQueue({ queue: last, attributes: {}, tags: {} });
        await jobs.store.setAttributes({ queue: DEAD, attributes: redrive(last) });
        await jobs.send("m1");
        await jobs.receive({ visibilityMs: 0 });
        const end = new Timeline(subject, last);
        const waiting = [dead.receive({ waitMs: 20_000 }), end.receive({ waitMs: 20_000 })];
        assert.equal(await jobs.receive(), "");
        jobs.advance(20_000);
        assert.deepEqual(await Promise.all(waiting), ["", "m1 #2"]);
      }),
    );

    test(
      "a queue can be its own dead-letter queue: it keeps what it gives up and delivers the rest",
      withPair(async ({ jobs }) => {
        await jobs.store.setAttributes({ queue: QUEUE, attributes: redrive(QUEUE) });
        const bad = Array.from({ length: 120 }, (_, index) => `bad ${index}`);
        await jobs.send(...bad);
        for (let taken = 0; taken < 120; taken += 10) await jobs.receive({ max: 10, visibilityMs: 1000 });
        jobs.advance(1000);
        await jobs.send("good");
        assert.equal(await jobs.receive({ waitMs: 0 }), "", "a bounded walk, which moved a hundred behind the others");
        assert.equal(await jobs.receive(), "good #1");
        assert.deepEqual(await jobs.counts(), [120, 1, 0]);
      }),
    );

    test(
      "queues that name each other lose nothing and let nobody spin",
      withPair(async ({ jobs, dead }) => {
        await jobs.store.setAttributes({ queue: DEAD, attributes: redrive(QUEUE) });
        await jobs.send("m1");
        await jobs.receive({ visibilityMs: 1000 });
        const waiting = [jobs.receive({ waitMs: 5000 }), dead.receive({ waitMs: 5000 })];
        await jobs.counts();
        jobs.advance(1000);
        await jobs.counts();
        jobs.advance(4000);
        assert.deepEqual(await Promise.all(waiting), ["", ""]);
        const [[here], [there]] = [await jobs.counts(), await dead.counts()];
        assert.equal(here + there, 1);
      }),
    );
  });

  describe(`queue store on ${engine}: who may name a dead-letter queue`, () => {
    test(
      "a policy is refused where its target is missing, of another account or does not allow the source",
      withPair(async ({ jobs }) => {
        const set = (attributes: Record<string, string>) => jobs.store.setAttributes({ queue: QUEUE, attributes, redrivePolicy: "given" });
        const reason = (text: string) => ({ message: `Value given for parameter RedrivePolicy is invalid. Reason: ${text}` });
        await assert.rejects(set(redrive(queueNamed("nowhere"))), reason("Dead letter target does not exist."));
        await assert.rejects(set(redrive({ ...DEAD, region: "eu-west-1" })), reason("Dead letter target does not exist."));
        const foreign = { ...DEAD, account: "111111111111" };
        await assert.rejects(set(redrive(foreign)), reason("Dead-letter target owner should be same as the source."));
        const allow = (policy: object) =>
          jobs.store.setAttributes({ queue: DEAD, attributes: { RedriveAllowPolicy: JSON.stringify(policy) } });
        await allow({ redrivePermission: "denyAll" });
        await assert.rejects(set(redrive(DEAD)), reason("The dead-letter queue does not allow this queue as a source."));
        const creation = { queue: queueNamed("new"), attributes: redrive(DEAD), tags: {} };
        await assert.rejects(jobs.store.createQueue(creation), { code: "InvalidParameterValueException" });
        await allow({ redrivePermission: "byQueue", sourceQueueArns: [queueArn(QUEUE)] });
        await set(redrive(DEAD));
        await assert.rejects(jobs.store.createQueue(creation), { code: "InvalidParameterValueException" });
        await allow({ redrivePermission: "allowAll" });
        await jobs.store.createQueue(creation);
      }, {}),
    );

    test(
      "its sources are listed by name, a page at a time, as long as their policy names it",
      withPair(async ({ jobs }) => {
        for (const name of ["a", "b", "c"]) await jobs.store.createQueue({ queue: queueNamed(name), attributes: redrive(DEAD), tags: {} });
        const page = (after: string, limit: number) => jobs.store.listDeadLetterSources({ queue: DEAD, after, limit });
        assert.deepEqual(await page("", 3), { names: ["a", "b", "c"], more: true });
        assert.deepEqual(await page("c", 3), { names: ["jobs"], more: false });
        await jobs.store.deleteQueue({ queue: queueNamed("a") });
        await jobs.store.setAttributes({ queue: queueNamed("b"), attributes: { RedrivePolicy: "" } });
        await jobs.store.setAttributes({ queue: queueNamed("c"), attributes: redrive(QUEUE) });
        assert.deepEqual(await page("", 3), { names: ["jobs"], more: false });
        await assert.rejects(jobs.store.listDeadLetterSources({ queue: queueNamed("a"), after: "", limit: 1 }), {
          code: "QueueDoesNotExist",
        });
      }),
    );

    test(
      "after a restart it is all the same",
      withPair(async ({ jobs, dead, giveUp }) => {
        await giveUp("m1");
        await jobs.reopen();
        assert.deepEqual(await dead.store.listDeadLetterSources({ queue: DEAD, after: "", limit: 2 }), { names: ["jobs"], more: false });
        assert.equal(await dead.receive(), "m1 #2");
        assert.equal(dead.received("m1").deadLetterSourceArn, queueArn(QUEUE));
        assert.deepEqual(await jobs.counts(), [0, 0, 0]);
      }),
    );
  });
}

function pairOf(subject: StoreUnderTest): Pair {
  const jobs = new Timeline(subject);
  return {
    subject,
    jobs,
    dead: new Timeline(subject, DEAD),
    async giveUp(...bodies) {
      await jobs.send(...bodies);
      await jobs.receive({ max: 10, visibilityMs: 0 });
      await jobs.receive();
    },
  };
}
