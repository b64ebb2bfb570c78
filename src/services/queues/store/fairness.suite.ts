import assert from "node:assert/strict";
import { describe, test } from "node:test";
import type { ManualClock } from "../../../kernel/clock.ts";
import { MINUTE_MS, SECOND_MS } from "../../../kernel/units.ts";
import { covers } from "../../../../test/contract/covers.ts";
import type { QueueOperations, QueueRef, ReceivedMessage } from "./store.ts";
import type { StoreUnderTest } from "./timeline.suite.ts";

const QUEUE: QueueRef = { account: "000000000000", region: "us-east-1", name: "jobs" };

/** The meaning of groups on a standard queue, for every engine. */
export function fairnessSuite(engine: string, open: () => Promise<StoreUnderTest>): void {
  const withQueue = (body: (t: Tenants) => Promise<void>) => async () => {
    const subject = await open();
    try {
      await subject.store.createQueue({ queue: QUEUE, attributes: { VisibilityTimeout: "3600" }, tags: {} });
      await body(new Tenants(subject));
    } finally {
      await subject.close();
    }
  };

  describe(`queue store on ${engine}: fair queues`, () => {
    test(
      "who has 30 messages in flight, more than a tenth of all, waits for the others, and is not blocked",
      withQueue(async (t) => {
        covers("sqs/8-quiet-first", "sqs/8-noisy", "sqs/8-never-blocked");
        await t.send("a", 45);
        await t.receive(30);
        await t.send("b", 2);
        assert.equal(await t.next(10), "b b a a a a a a a a");
        assert.equal(await t.next(10), "a a a a a a a");
      }),
    );

    test(
      "29 in flight, or a tenth of all, is not too much: messages then come oldest first",
      withQueue(async (t) => {
        await t.send("a", 30);
        await t.receive(29);
        await t.send("b", 1);
        assert.equal(await t.next(2), "a b");
        await t.send("", 269);
        await t.receive(269);
        await t.send("a", 1);
        await t.send("b", 1);
        assert.equal(await t.next(1), "a"); // It had 30 of 300 in flight.
      }),
    );

    test(
      "of several noisy tenants the one with the least in flight comes first",
      withQueue(async (t) => {
        covers("sqs/8-least-in-flight");
        await t.send("a", 60);
        await t.receive(45);
        await t.send("b", 55);
        await t.receive(40);
        assert.deepEqual(t.inFlight(), { a: 45, b: 40 });
        assert.equal(await t.next(10), "b b b b b a b a b a");
      }),
    );

    test(
      "a tenant is noisy as soon as the others have let go of so much that it holds more than a tenth",
      withQueue(async (t) => {
        await t.send("c", 370);
        await t.receive(370);
        await t.send("a", 35);
        await t.receive(30);
        await t.delete("c", 370);
        await t.send("b", 1);
        assert.equal(await t.next(3), "b a a");
      }),
    );

    test(
      "processing time from before the first message with a group is no part of the queue's",
      withQueue(async (t) => {
        await t.send("", 100);
        const earlier: ReceivedMessage[] = [];
        for (let received = 0; received < 100; received += 10) {
          await t.next(10);
          earlier.push(...t.last);
        }
        t.advance(5 * MINUTE_MS);
        await t.store.delete({ queue: QUEUE, receipts: earlier.map(({ receipt }) => receipt) });
        await t.send("a", 2);
        await t.receive(1);
        t.advance(MINUTE_MS);
        await t.send("b", 1);
        await t.delete("a", 1);
        assert.equal(await t.next(2), "b a"); // It has used the one minute that there was, and not one of some three hundred.
      }),
    );

    test(
      "a noisy tenant is quiet again when its backlog is drained and it holds too much no longer",
      withQueue(async (t) => {
        covers("sqs/8-no-longer-noisy");
        await t.send("a", 40);
        await t.receive(40);
        await t.send("a", 1);
        await t.send("b", 1);
        assert.equal(await t.next(2), "b a");
        await t.delete("a", 41);
        await t.send("a", 1);
        await t.send("b", 1);
        assert.equal(await t.next(2), "a b");
      }),
    );

    test(
      "or when it has not sent for five minutes",
      withQueue(async (t) => {
        await t.send("a", 45);
        await t.receive(40);
        await t.send("b", 3);
        await t.delete("a", 40);
        assert.equal(await t.next(1), "b");
        await t.delete("b", 1);
        t.advance(5 * MINUTE_MS - 1);
        assert.equal(await t.next(1), "b");
        await t.delete("b", 1);
        t.advance(1);
        assert.equal(await t.next(3), "a a a");
      }),
    );

    test(
      "few messages that take long are noisy too: more than a tenth of the recent processing time",
      withQueue(async (t) => {
        await t.send("a", 10);
        await t.receive(1);
        t.advance(25 * SECOND_MS);
        await t.delete("a", 1);
        await t.send("b", 1);
        assert.equal(await t.next(1), "a");
        t.advance(10 * SECOND_MS);
        assert.equal(await t.next(2), "b a");
      }),
    );

    test(
      "what nobody has received again since its timeout ended is not being processed",
      withQueue(async (t) => {
        await t.store.setAttributes({ queue: QUEUE, attributes: { VisibilityTimeout: "20" } });
        await t.send("a", 1);
        await t.receive(1);
        await t.send("a", 1);
        t.advance(60 * MINUTE_MS);
        await t.send("b", 1);
        assert.equal(await t.next(3), "a a b");
      }),
    );

    test(
      "each message without a group is a tenant by itself, however many are in flight",
      withQueue(async (t) => {
        covers("sqs/8-own-tenant");
        await t.send("a", 1);
        await t.send("", 50);
        await t.receive(45);
        await t.send("b", 1);
        assert.equal(await t.next(10), "- - - - - - b");
      }),
    );

    test(
      "messages from before the first group come first, oldest first, and go through all states as any",
      withQueue(async (t) => {
        await t.send("", 3);
        await t.receive(1);
        await t.send("a", 2);
        assert.equal(await t.next(10), "- - a a");
        t.advance(61 * MINUTE_MS);
        assert.equal(await t.next(10), "- - - a a");
        assert.deepEqual(await t.counts(), [0, 5, 0]);
      }),
    );

    test(
      "a message that is visible again is its tenant's oldest",
      withQueue(async (t) => {
        await t.send("a", 45);
        await t.receive(40);
        await t.send("b", 2);
        assert.equal(await t.next(1), "b");
        await t.show("b");
        await t.show("a");
        assert.equal(await t.next(3), "b b a");
        assert.equal(t.last[0]?.receiveCount, 2);
        assert.equal(t.last[2]?.receiveCount, 2);
      }),
    );

    test(
      "a receive of visibility 0 and one that is taken back leave nothing in flight",
      withQueue(async (t) => {
        await t.send("a", 35);
        await t.receive(35, 0);
        assert.deepEqual(await t.counts(), [35, 0, 0]);
        await t.receive(35);
        await t.undo("a", 35);
        assert.deepEqual(await t.counts(), [35, 0, 0]);
        await t.send("b", 1);
        assert.equal(await t.next(2), "a a");
      }),
    );

    test(
      "a delayed message is no backlog, and comes when its time has come",
      withQueue(async (t) => {
        await t.send("a", 40);
        await t.receive(40);
        await t.send("a", 1, 1000);
        await t.send("b", 1, 2000);
        assert.deepEqual(await t.counts(), [0, 40, 2]);
        t.advance(2000);
        assert.equal(await t.next(2), "b a");
      }),
    );

    test(
      "all of it survives a restart",
      withQueue(async (t) => {
        await t.send("a", 45);
        await t.receive(30);
        await t.send("b", 2);
        await t.reopen();
        assert.equal(await t.next(3), "b b a");
        await t.delete("a", 31);
        await t.send("c", 1);
        await t.reopen();
        assert.equal(await t.next(2), "c a");
        assert.deepEqual(await t.counts(), [13, 4, 0]);
      }),
    );

    test(
      "a purge takes from every tenant, and what they had in flight with it",
      withQueue(async (t) => {
        await t.send("a", 45);
        await t.receive(40);
        await t.send("b", 2, 1000);
        await t.store.purge({ queue: QUEUE });
        assert.equal(await t.next(10), "");
        await t.send("a", 2);
        await t.send("b", 1);
        assert.equal(await t.next(10), "a a b");
        await t.delete("a", 1); // One that was purged.
        assert.deepEqual(await t.counts(), [0, 3, 0]);
      }),
    );

    test(
      "retention ends for every tenant's messages, waiting and in flight",
      withQueue(async (t) => {
        await t.store.setAttributes({ queue: QUEUE, attributes: { MessageRetentionPeriod: "60" } });
        await t.send("a", 45);
        await t.receive(40);
        t.advance(30 * SECOND_MS);
        await t.send("b", 1);
        t.advance(30 * SECOND_MS);
        assert.deepEqual(await t.counts(), [1, 0, 0]);
        assert.equal(await t.next(10), "b");
        t.advance(30 * SECOND_MS);
        assert.deepEqual(await t.counts(), [0, 0, 0]);
        await t.send("a", 1);
        assert.equal(await t.next(10), "a");
      }),
    );

    test(
      "what failed too often goes to the dead-letter queue, which is then as fair, and makes room for the tenant's next",
      withQueue(async (t) => {
        const dead = { ...QUEUE, name: "dead" };
        await t.store.createQueue({ queue: dead, attributes: {}, tags: {} });
        const deadLetterTargetArn = `arn:aws:sqs:${QUEUE.region}:${QUEUE.account}:dead`;
        const RedrivePolicy = JSON.stringify({ deadLetterTargetArn, maxReceiveCount: 1 });
        await t.store.setAttributes({ queue: QUEUE, attributes: { RedrivePolicy } });
        await t.send("a", 45);
        await t.receive(40);
        await t.show("a");
        await t.send("b", 1);
        assert.equal(await t.next(3), "b a a");
        assert.deepEqual(await t.counts(), [3, 42, 0]);
        const [moved] = await t.store.receive({ queue: dead, messagesMax: 10, waitMs: 0, visibilityMs: undefined });
        assert.deepEqual([moved?.id, moved?.groupId, moved?.receiveCount], ["id-1", "a", 2]);
      }),
    );

    test(
      "a waiting receive is served by whoever sends, noisy or not",
      withQueue(async (t) => {
        await t.send("a", 40);
        await t.receive(40);
        const waiting = t.wait();
        await t.send("a", 1);
        assert.equal(await waiting, "a");
      }),
    );

    test(
      "a group whose messages have all gone starts anew",
      withQueue(async (t) => {
        await t.send("a", 40);
        await t.receive(40);
        await t.delete("a", 40);
        for (let minute = 0; minute < 12; minute += 1) {
          t.advance(MINUTE_MS);
          await t.counts();
        }
        await t.send("b", 1);
        await t.send("a", 1);
        assert.equal(await t.next(2), "b a");
      }),
    );
  });
}

/** Sends by tenant, and receives as the names of the tenants whose messages came; a message without a group is `-`. */
class Tenants {
  readonly #subject: StoreUnderTest;
  /** What was received and not deleted, oldest first. */
  #held: ReceivedMessage[] = [];
  #sent = 0;
  last: readonly ReceivedMessage[] = [];

  constructor(subject: StoreUnderTest) {
    this.#subject = subject;
  }

  get store(): StoreUnderTest["store"] {
    return this.#subject.store;
  }

  get #clock(): ManualClock {
    return this.#subject.clock;
  }

  advance(byMs: number): void {
    this.#clock.advance(byMs);
  }

  async reopen(): Promise<void> {
    await this.#subject.reopen();
  }

  /** @param tenant empty: messages without a group. */
  async send(tenant: string, count: number, delayMs?: number): Promise<void> {
    const messages = Array.from({ length: count }, () => {
      this.#sent += 1;
      const nothing = { attributes: null, traceHeader: null };
      const id = `id-${this.#sent}`;
      return { id, body: id, bodyMd5: "", sizeBytes: 1, senderId: "AIDA", groupId: tenant === "" ? null : tenant, delayMs, ...nothing };
    });
    await this.store.send({ queue: QUEUE, messages });
  }

  /** One receive. */
  async next(max: number, options: Partial<Parameters<QueueOperations["receive"]>[0]> = {}): Promise<string> {
    const messages = await this.store.receive({ queue: QUEUE, messagesMax: max, waitMs: 0, visibilityMs: undefined, ...options });
    this.last = messages;
    if (options.visibilityMs !== 0) this.#held.push(...messages);
    return messages.map(({ groupId }) => groupId ?? "-").join(" ");
  }

  wait(): Promise<string> {
    return this.next(1, { waitMs: 20_000 });
  }

  /** Up to ten at a time; all of them must come. */
  async receive(count: number, visibilityMs?: number): Promise<void> {
    for (let received = 0; received < count; received += this.last.length)
      assert.notEqual(await this.next(Math.min(10, count - received), { visibilityMs }), "");
  }

  /** Deletes a tenant's oldest receives. */
  async delete(tenant: string, count: number): Promise<void> {
    await this.store.delete({ queue: QUEUE, receipts: this.#release(tenant, count) });
  }

  async undo(tenant: string, count: number): Promise<void> {
    await this.store.undoReceive({ queue: QUEUE, receipts: this.#release(tenant, count) });
  }

  /** Makes a tenant's oldest receive visible again. */
  async show(tenant: string): Promise<void> {
    const changes = this.#release(tenant, 1).map((receipt) => ({ receipt, visibilityMs: 0 }));
    await this.store.changeVisibility({ queue: QUEUE, changes });
  }

  inFlight(): Record<string, number> {
    const counts: Record<string, number> = {};
    for (const { groupId } of this.#held) counts[groupId ?? "-"] = (counts[groupId ?? "-"] ?? 0) + 1;
    return counts;
  }

  /** Visible, in flight, delayed. */
  async counts(): Promise<[number, number, number]> {
    const { visible, inFlight, delayed } = await this.store.describeQueue({ queue: QUEUE });
    return [visible, inFlight, delayed];
  }

  #release(tenant: string, count: number): ReceivedMessage["receipt"][] {
    const released = this.#held.filter(({ groupId }) => groupId === tenant).slice(0, count);
    assert.equal(released.length, count, `${count} messages of ${tenant} are held`);
    this.#held = this.#held.filter((message) => !released.includes(message));
    return released.map(({ receipt }) => receipt);
  }
}
