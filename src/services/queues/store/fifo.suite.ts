import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { covers } from "../../../../test/contract/covers.ts";
import { MINUTE_MS } from "../../../kernel/units.ts";
import { IN_FLIGHT_MAX } from "../rules/limits.ts";
import { redrive } from "./dead-letters.suite.ts";
import type { StoreUnderTest } from "./timeline.suite.ts";
import type { NewMessage, QueueRef, Receipt, ReceivedMessage, SendResult } from "./store.ts";

const QUEUE: QueueRef = { account: "000000000000", region: "us-east-1", name: "jobs.fifo" };

/** What FIFO queues do in the store beyond what `test/sdk/queues` shows of them, for every engine. */
export function fifoSuite(engine: string, open: () => Promise<StoreUnderTest>): void {
  const onFifo = (name: string, body: (t: FifoTimeline) => Promise<void>, attributes: Record<string, string> = {}) => {
    void test(name, async () => {
      const subject = await open();
      try {
        await subject.store.createQueue({ queue: QUEUE, attributes: { FifoQueue: "true", ...attributes }, tags: {} });
        await body(new FifoTimeline(subject));
      } finally {
        await subject.close();
      }
    });
  };

  describe(`queue store on ${engine}: FIFO after a restart`, () => {
    onFifo("locks, order and turns are as they were", async (t) => {
      await t.send("g1-m1", "g1-m2", "g1-m3", "g2-m1", "g3-m1");
      assert.equal(await t.receive(2), "g1-m1 g1-m2");
      await t.delete("g1-m1");
      await t.reopen();
      assert.equal(await t.receive(1), "g2-m1");
      await t.send("g4-m1");
      await t.delete("g1-m2");
      await t.reopen();
      assert.equal(await t.receive(10), "g3-m1 g4-m1 g1-m3");
    });

    onFifo("what was accepted is remembered, with what was answered, and a sequence number is never given twice", async (t) => {
      covers("sqs/6-dedup-after-restart");
      const first = await t.send("g1-m1");
      await t.receive(1);
      await t.delete("g1-m1");
      await t.reopen();
      assert.deepEqual(await t.send("g1-m1"), first);
      const [next] = await t.send("g1-m2");
      assert.ok(sequenceOf(next) > sequenceOf(first[0]));
    });

    onFifo("an attempt can be asked again", async (t) => {
      await t.send("g1-m1", "g2-m1");
      const first = await t.receiveBy("attempt", 1);
      await t.reopen();
      assert.deepEqual(await t.receiveBy("attempt", 1), first);
    });

    onFifo(
      "a change of the delay goes on where it was",
      async (t) => {
        await t.sendMany(2500);
        await t.store.setAttributes({ queue: QUEUE, attributes: { DelaySeconds: "1" } });
        await t.reopen();
        t.advance(1000);
        for (let piece = 0; piece < 5; piece += 1) {
          t.advance(1000);
          await t.counts();
        }
        assert.deepEqual(await t.counts(), [2500, 0, 0]);
      },
      { DelaySeconds: "900" },
    );
  });

  describe(`queue store on ${engine}: FIFO in a group of units`, () => {
    onFifo("a unit that is refused takes nothing of its neighbours with it", async (t) => {
      // All at once, so that they are committed together; the one in the middle writes and is then refused.
      const [first, refused, second] = await Promise.allSettled([
        t.send("g1-m1"),
        t.storage.unit([t.store.call("send", { queue: QUEUE, messages: [t.message("g1-m2")] }), t.store.call("receive", unknownQueue())]),
        t.send("g1-m3", "g2-m1"),
      ]);
      assert.deepEqual([first.status, refused.status, second.status], ["fulfilled", "rejected", "fulfilled"]);
      assert.equal(await t.receive(10), "g1-m1 g1-m3 g2-m1");
      await t.delete("g1-m1", "g1-m3");
      await t.send("g1-m2");
      assert.equal(await t.receive(10), "g1-m2", "it was not remembered either");
    });

    onFifo("a receive that never reached its caller frees its group", async (t) => {
      await t.send("g1-m1", "g1-m2");
      assert.equal(await t.receive(1), "g1-m1");
      await t.store.undoReceive({ queue: QUEUE, receipts: [t.receipt("g1-m1")] });
      assert.equal(await t.receive(10), "g1-m1 g1-m2");
    });
  });

  describe(`queue store on ${engine}: FIFO and what time has done before anybody noticed`, () => {
    onFifo("a group that time has freed comes before one that is freed or sent to later", async (t) => {
      await t.send("g1-m1", "g2-m1", "g2-m2");
      assert.equal(await t.receive(1, 10_000), "g1-m1");
      assert.equal(await t.receive(1), "g2-m1");
      t.advance(10_000);
      await t.delete("g2-m1");
      await t.send("g3-m1");
      assert.equal(await t.receive(10), "g1-m1 g2-m2 g3-m1");
    });

    onFifo("groups that time has freed one after the other come in that order, whatever else of them became visible", async (t) => {
      await t.send("g1-m1", "g2-m1");
      assert.equal(await t.receive(1, 30_000), "g1-m1");
      assert.equal(await t.receive(1, 20_000), "g2-m1");
      await t.store.setAttributes({ queue: QUEUE, attributes: { DelaySeconds: "10" } });
      await t.send("g1-m2");
      t.advance(30_000);
      assert.equal(await t.receive(10), "g2-m1 g1-m1 g1-m2");
    });

    onFifo(
      "a longer delay leaves alone what was to be visible by now",
      async (t) => {
        await t.send("g1-m1");
        t.advance(1000);
        await t.store.setAttributes({ queue: QUEUE, attributes: { DelaySeconds: "900" } });
        assert.equal(await t.receive(1), "g1-m1");
      },
      { DelaySeconds: "1" },
    );

    onFifo(
      "a message whose retention has ended counts as deleted for a handle that has expired",
      async (t) => {
        await t.send("g1-m1");
        await t.receive(1);
        t.advance(60_000);
        await t.delete("g1-m1");
      },
      { MessageRetentionPeriod: "60" },
    );

    onFifo(
      "a group is free at the moment at which the retention of the message ends that locks it",
      async (t) => {
        t.advance(15_000); // The upkeep, which lets go of such messages every minute, is not to be the first.
        await t.send("g1-m1");
        t.advance(30_000);
        await t.send("g1-m2", "g1-m3");
        assert.equal(await t.receive(1, 600_000), "g1-m1");
        t.advance(29_999);
        assert.equal(await t.receive(10), "");
        t.advance(1);
        assert.equal(await t.receive(1, 600_000), "g1-m2");
        await t.reopen();
        t.advance(29_999);
        const waiting = t.take(10, undefined, 20_000);
        await t.send("g1-m4");
        t.advance(1);
        assert.deepEqual(
          (await waiting).map(({ body }) => body),
          ["g1-m4"],
          "who waits is woken, and m3 has ended with m2",
        );
      },
      { MessageRetentionPeriod: "60" },
    );

    onFifo(
      "groups come in the order in which time has freed them, by the end of a timeout or of a retention",
      async (t) => {
        t.advance(15_000);
        await t.send("g1-m1");
        assert.equal(await t.receive(1, 600_000), "g1-m1");
        t.advance(30_000);
        await t.send("g1-m2", "g2-m1", "g3-m1");
        assert.equal(await t.receive(1, 20_000), "g2-m1");
        assert.equal(await t.receive(1, 40_000), "g3-m1");
        t.advance(50_000);
        assert.equal(await t.receive(10), "g2-m1 g1-m2 g3-m1");
      },
      { MessageRetentionPeriod: "60" },
    );

    onFifo(
      "so it is where the message was to be visible before, until its timeout was made longer",
      async (t) => {
        t.advance(15_000);
        await t.send("g1-m1");
        assert.equal(await t.receive(1, 30_000), "g1-m1");
        t.advance(20_000);
        await t.send("g1-m2");
        await t.store.changeVisibility({ queue: QUEUE, changes: [{ receipt: t.receipt("g1-m1"), visibilityMs: 600_000 }] });
        t.advance(39_999);
        assert.equal(await t.receive(1), "");
        t.advance(1);
        assert.equal(await t.receive(1), "g1-m2");
      },
      { MessageRetentionPeriod: "60" },
    );

    onFifo(
      "a group is free, too, where several of its messages have ended, whether they were visible or in flight",
      async (t) => {
        t.advance(15_000);
        await t.send("g1-m1", "g1-m2");
        assert.equal(await t.receive(10, 600_000), "g1-m1 g1-m2");
        await t.store.changeVisibility({ queue: QUEUE, changes: [{ receipt: t.receipt("g1-m1"), visibilityMs: 0 }] });
        t.advance(30_000);
        await t.send("g1-m3");
        t.advance(30_000);
        assert.equal(await t.receive(10), "g1-m3");
      },
      { MessageRetentionPeriod: "60" },
    );

    onFifo(
      "a receive finds the one group that is free among thousands that have been locked up to the same moment",
      async (t) => {
        t.advance(15_000);
        const names = Array.from({ length: 2500 }, (_, index) => `h${index}-m1`);
        await t.send(...names);
        await t.take(2500, 600_000);
        t.advance(30_000);
        await t.send("h2499-m2");
        t.advance(30_000);
        assert.equal(await t.receive(10), "h2499-m2");
      },
      { MessageRetentionPeriod: "60" },
    );

    onFifo("a shorter retention frees the groups that it ends a lock of, and a purge leaves nothing locked", async (t) => {
      await t.send("g1-m1", "g2-m1");
      assert.equal(await t.receive(10, 43_200_000), "g1-m1 g2-m1");
      t.advance(61_000);
      await t.send("g1-m2");
      const waiting = t.take(1, 43_200_000, 20_000);
      await t.store.setAttributes({ queue: QUEUE, attributes: { MessageRetentionPeriod: "60" } });
      assert.deepEqual(
        (await waiting).map(({ body }) => body),
        ["g1-m2"],
      );
      await t.store.purge({ queue: QUEUE });
      await t.send("g1-m3");
      t.advance(59_999);
      assert.deepEqual(await t.counts(), [1, 0, 0]);
      assert.equal(await t.receive(10), "g1-m3");
    });

    onFifo(
      "a group whose last message ends with its retention is dropped, and all goes on",
      async (t) => {
        t.advance(3.5 * MINUTE_MS);
        await t.send("g1-m1");
        // The piece of upkeep that ends the retention, which it does every minute, drops the group, which it does every five.
        t.advance(2 * MINUTE_MS);
        await t.send("g1-m2");
        assert.equal(await t.receive(10), "g1-m2");
      },
      { MessageRetentionPeriod: "60" },
    );
  });

  describe(`queue store on ${engine}: FIFO and dead letters`, () => {
    const dead = { ...QUEUE, name: "dead.fifo" };
    const givesUpTo = async (t: FifoTimeline, target: QueueRef) => {
      await t.store.createQueue({ queue: dead, attributes: { FifoQueue: "true" }, tags: {} });
      await t.store.setAttributes({ queue: QUEUE, attributes: redrive(target) });
    };

    onFifo("the group of a message that is given up keeps its turn: its next message follows", async (t) => {
      await givesUpTo(t, dead);
      await t.send("g1-m1", "g1-m2");
      await t.receive(10, 0);
      await t.send("g1-m3", "g1-m4", "g2-m1");
      assert.equal(await t.receive(2), "g1-m3 g1-m4");
      const moved = await t.store.receive({ queue: dead, messagesMax: 10, waitMs: 0, visibilityMs: undefined });
      assert.deepEqual(
        moved.map(({ body }) => body),
        ["g1-m1", "g1-m2"],
      );
    });

    onFifo("a group of the dead-letter queue that time has freed comes before one that is brought there now", async (t) => {
      await givesUpTo(t, dead);
      const nextDead = async () => {
        const messages = await t.store.receive({ queue: dead, messagesMax: 1, waitMs: 0, visibilityMs: MINUTE_MS });
        return messages.map(({ body }) => body).join(" ");
      };
      await t.store.send({ queue: dead, messages: [t.message("g2-m1")] });
      assert.equal(await nextDead(), "g2-m1");
      await t.send("g1-m1");
      await t.receive(1, 0);
      t.advance(MINUTE_MS);
      assert.equal(await t.receive(1), "");
      assert.equal(await nextDead(), "g2-m1");
    });

    onFifo("what a queue gives up to itself keeps no other message from a receive", async (t) => {
      await givesUpTo(t, QUEUE);
      await t.send("g1-m1");
      await t.receive(1, 0);
      await t.send("g2-m1");
      assert.equal(await t.receive(1), "g2-m1");
      assert.deepEqual(await t.counts(), [1, 1, 0]);
    });
  });

  describe(`queue store on ${engine}: FIFO and its limits`, () => {
    onFifo("with 120,000 in flight there are no more messages, without an error, until one is deleted", async (t) => {
      covers("sqs/5.5-in-flight-fifo");
      for (let sent = 0; sent < IN_FLIGHT_MAX; sent += 20_000) await t.sendMany(20_000);
      await t.send("h1-m1", "h2-m1");
      const [first] = await t.take(IN_FLIGHT_MAX, 600_000);
      assert.equal(await t.receive(10), "");
      const waiting = t.take(10, 600_000, 20_000);
      await t.counts();
      assert.ok(first !== undefined);
      await t.store.delete({ queue: QUEUE, receipts: [first.receipt] });
      assert.deepEqual(
        (await waiting).map(({ body }) => body),
        ["h1-m1"],
      );
    });

    onFifo("groups without messages are dropped in time, and are groups again when messages come", async (t) => {
      await t.send("g1-m1", "g1-m2", "g2-m1");
      assert.equal(await t.receive(1), "g1-m1");
      await t.delete("g1-m1");
      assert.equal(await t.receive(10, 43_200_000), "g2-m1 g1-m2");
      for (let minute = 0; minute < 12; minute += 1) {
        t.advance(MINUTE_MS);
        await t.counts();
      }
      await t.send("g1-m3", "g2-m2");
      assert.equal(await t.receive(10), "", "both are still locked");
      await t.delete("g2-m1");
      for (let minute = 0; minute < 12; minute += 1) {
        t.advance(MINUTE_MS);
        await t.counts();
      }
      assert.equal(await t.receive(10), "g2-m2");
    });

    onFifo("what was accepted six minutes ago is forgotten by the upkeep too, and nothing younger", async (t) => {
      const first = await t.send("g1-m1");
      for (let minute = 0; minute < 4; minute += 1) {
        t.advance(MINUTE_MS);
        await t.counts();
      }
      const later = await t.send("g2-m1");
      assert.deepEqual(await t.send("g1-m1"), first);
      for (let minute = 0; minute < 4; minute += 1) {
        t.advance(MINUTE_MS);
        await t.counts();
      }
      assert.notDeepEqual(await t.send("g1-m1"), first);
      assert.deepEqual(await t.send("g2-m1"), later);
    });
  });
}

function sequenceOf(result: SendResult | undefined): number {
  return result?.sent === true ? (result.accepted?.sequence ?? 0) : 0;
}

function unknownQueue() {
  return { queue: { ...QUEUE, name: "unknown.fifo" }, messagesMax: 1, waitMs: 0, visibilityMs: undefined };
}

/** Messages by name: `g1-m2` is a message of the group `g1`, its deduplication id its name. */
class FifoTimeline {
  readonly #subject: StoreUnderTest;
  readonly #received = new Map<string, Receipt>();
  #ids = 0;

  constructor(subject: StoreUnderTest) {
    this.#subject = subject;
  }

  get store() {
    return this.#subject.store;
  }

  get storage() {
    return this.#subject.storage;
  }

  advance(byMs: number): void {
    this.#subject.clock.advance(byMs);
  }

  async reopen(): Promise<void> {
    await this.#subject.reopen();
  }

  message(body: string): NewMessage {
    this.#ids += 1;
    const content = { body, bodyMd5: "md5", sizeBytes: body.length, attributes: null, traceHeader: null };
    const fifo = { groupId: body.split("-")[0] ?? "", deduplication: { id: body, ofContent: false } };
    return { id: `id-${this.#ids}`, ...content, ...fifo, delayMs: undefined, senderId: "AIDA" };
  }

  async send(...bodies: string[]): Promise<SendResult[]> {
    return this.store.send({ queue: QUEUE, messages: bodies.map((body) => this.message(body)) });
  }

  /** Messages of ten groups. */
  async sendMany(count: number): Promise<void> {
    const messages = Array.from({ length: count }, (_, index) => this.message(`g${index % 10}-m${this.#ids}`));
    await this.store.send({ queue: QUEUE, messages });
  }

  async take(messagesMax: number, visibilityMs: number | undefined, waitMs = 0): Promise<ReceivedMessage[]> {
    const messages = await this.store.receive({ queue: QUEUE, messagesMax, waitMs, visibilityMs });
    for (const { body, receipt } of messages) this.#received.set(body, receipt);
    return messages;
  }

  async receive(messagesMax: number, visibilityMs?: number): Promise<string> {
    return (await this.take(messagesMax, visibilityMs)).map(({ body }) => body).join(" ");
  }

  async receiveBy(attemptId: string, messagesMax: number): Promise<ReceivedMessage[]> {
    return this.store.receive({ queue: QUEUE, messagesMax, waitMs: 0, visibilityMs: undefined, attemptId });
  }

  receipt(body: string): Receipt {
    const receipt = this.#received.get(body);
    assert.ok(receipt, `${body} was received`);
    return receipt;
  }

  async delete(...bodies: string[]): Promise<void> {
    const results = await this.store.delete({ queue: QUEUE, receipts: bodies.map((body) => this.receipt(body)) });
    assert.ok(results.every((result) => result === "deleted"));
  }

  /** Visible, in flight, delayed. */
  async counts(): Promise<[number, number, number]> {
    const { visible, inFlight, delayed } = await this.store.describeQueue({ queue: QUEUE });
    return [visible, inFlight, delayed];
  }
}
