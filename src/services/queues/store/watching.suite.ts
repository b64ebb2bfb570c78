import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { HOUR_MS, MINUTE_MS, SECOND_MS } from "../../../kernel/units.ts";
import { EVERY_MESSAGE } from "../rules/message-search.ts";
import type { MeasuredQueue, NewMessage, QueueRef, Receipt, TailArgs } from "./store.ts";
import type { StoreUnderTest } from "./timeline.suite.ts";
import { covers } from "../../../../test/contract/covers.ts";

const JOBS: QueueRef = { account: "000000000000", region: "us-east-1", name: "jobs" };
const NOTHING = { attributes: null, traceHeader: null, groupId: null, delayMs: undefined };

/** What can be known of queues without touching them: their figures, and what comes in. */
export function watchingSuite(engine: string, open: () => Promise<StoreUnderTest>): void {
  const scene =
    (body: (s: Scene) => Promise<void>, attributes: Record<string, string> = {}) =>
    async () => {
      const subject = await open();
      try {
        const s = new Scene(subject);
        await s.create(JOBS, attributes);
        await body(s);
      } finally {
        await subject.close();
      }
    };

  describe(`queue store on ${engine}: measures`, () => {
    test(
      "counts are those of the rows, also where time has passed and nobody has received since",
      scene(async (s) => {
        covers("sqs/9-visible", "sqs/9-not-visible", "sqs/9-delayed");
        await s.send("m1", "m2", "m3");
        await s.sendDelayed("later", MINUTE_MS);
        await s.receive();
        assert.deepEqual(await s.levels(), [2, 1, 1]);
        s.clock.advance(30 * SECOND_MS);
        assert.deepEqual(await s.levels(), [3, 0, 1]);
        s.clock.advance(30 * SECOND_MS);
        assert.deepEqual(await s.levels(), [4, 0, 0]);
        await s.subject.reopen();
        assert.deepEqual(await s.levels(), [4, 0, 0]);
      }),
    );

    test(
      "the oldest message is that which was sent first of all that are not deleted, hidden ones among them",
      scene(async (s) => {
        covers("sqs/9-age");
        assert.equal(await s.age(), 0);
        await s.send("m1");
        s.clock.advance(10 * SECOND_MS);
        await s.send("m2");
        s.clock.advance(5 * SECOND_MS);
        assert.equal(await s.age(), 15 * SECOND_MS);
        const receipt = await s.receive();
        assert.equal(await s.age(), 15 * SECOND_MS);
        await s.delete(receipt);
        assert.equal(await s.age(), 5 * SECOND_MS);
        await s.delete(await s.receive());
        await s.sendDelayed("later", MINUTE_MS);
        s.clock.advance(SECOND_MS);
        assert.equal(await s.age(), SECOND_MS);
      }),
    );

    test(
      "a message that was received three times no longer counts for the age on a standard queue",
      scene(async (s) => {
        covers("sqs/9-age", "sqs/5.5-three-receives");
        await s.send("poison");
        s.clock.advance(10 * SECOND_MS);
        await s.send("m2");
        for (let times = 1; times <= 3; times += 1) {
          assert.equal(await s.age(), 10 * SECOND_MS + (times - 1) * SECOND_MS);
          await s.receive(0);
          s.clock.advance(SECOND_MS);
        }
        assert.equal(await s.age(), 3 * SECOND_MS);
      }),
    );

    test(
      "in a dead-letter queue a message ages from its move, however often it was received before",
      scene(async (s) => {
        covers("sqs/7.2-age", "sqs/7.2-not-sent");
        covers("sqs/9-age");
        const { dead, source } = await s.withDeadLetters();
        await s.store.send({ queue: source, messages: [s.message("m1")] });
        s.clock.advance(10 * SECOND_MS);
        for (let times = 1; times <= 4; times += 1) await s.store.receive({ queue: source, messagesMax: 1, waitMs: 0, visibilityMs: 0 });
        s.clock.advance(5 * SECOND_MS);
        assert.deepEqual([(await s.measured(source)).oldestAgeMs, (await s.measured(dead)).oldestAgeMs], [0, 5 * SECOND_MS]);
        assert.equal((await s.measured(dead)).sent, 0);
        await s.store.receive({ queue: dead, messagesMax: 1, waitMs: 0, visibilityMs: MINUTE_MS });
        assert.equal((await s.measured(dead)).oldestAgeMs, 5 * SECOND_MS);
      }),
    );

    test(
      "on a FIFO queue it does; duplicates are counted apart from what was sent",
      scene(async (s) => {
        covers("sqs/9-fifo-duplicates");
        await s.create({ ...JOBS, name: "jobs.fifo" }, { FifoQueue: "true" });
        const ref = { ...JOBS, name: "jobs.fifo" };
        const duplicate = () => ({ ...s.message("poison"), groupId: "g", deduplication: { id: "d", ofContent: false } });
        for (let times = 0; times < 2; times += 1) await s.store.send({ queue: ref, messages: [duplicate(), duplicate()] });
        for (let times = 1; times <= 4; times += 1) await s.store.receive({ queue: ref, messagesMax: 1, waitMs: 0, visibilityMs: 0 });
        s.clock.advance(SECOND_MS);
        const { oldestAgeMs, sent, deduplicated } = await s.measured(ref);
        assert.deepEqual([oldestAgeMs, sent, deduplicated], [SECOND_MS, 1, 3]);
      }),
    );

    test(
      "the groups of a FIFO queue that have messages in flight are counted",
      scene(async (s) => {
        covers("sqs/9-fifo-groups");
        const queue = { ...JOBS, name: "jobs.fifo" };
        await s.create(queue, { FifoQueue: "true" });
        const grouped = (groupId: string, n: number) => ({
          ...s.message("m"),
          groupId,
          deduplication: { id: `${groupId}${n}`, ofContent: false },
        });
        await s.store.send({ queue, messages: [grouped("a", 1), grouped("a", 2), grouped("b", 1), grouped("c", 1)] });
        assert.equal((await s.measured(queue)).groupsInFlight, 0);
        await s.store.receive({ queue, messagesMax: 3, waitMs: 0, visibilityMs: 30_000 });
        assert.equal((await s.measured(queue)).groupsInFlight, 2);
        s.clock.advance(30_000);
        assert.equal((await s.measured(queue)).groupsInFlight, 0);
      }),
    );

    test(
      "of a fair queue the noisy groups are counted, and what is in all others is told apart",
      scene(async (s) => {
        covers("sqs/9-fair");
        assert.equal((await s.measured()).quietGroups, null);
        const grouped = (groupId: string) => ({ ...s.message("m"), groupId });
        await s.store.send({ queue: JOBS, messages: Array.from({ length: 40 }, () => grouped("loud")) });
        for (let times = 0; times < 4; times += 1)
          await s.store.receive({ queue: JOBS, messagesMax: 10, waitMs: 0, visibilityMs: MINUTE_MS });
        s.clock.advance(SECOND_MS);
        await s.store.send({ queue: JOBS, messages: [grouped("loud"), grouped("calm"), { ...grouped("calm"), delayMs: MINUTE_MS }] });
        s.clock.advance(SECOND_MS);
        const { visible, inFlight, delayed, oldestAgeMs, quietGroups } = await s.measured();
        assert.deepEqual([visible, inFlight, delayed, oldestAgeMs], [2, 40, 1, 2 * SECOND_MS]);
        assert.deepEqual(quietGroups, { noisyGroups: 1, visible: 1, inFlight: 0, delayed: 1, oldestAgeMs: SECOND_MS });
      }),
    );

    test(
      "sends, receives, empty receives and deletes are counted, and the sizes of what was sent",
      scene(async (s) => {
        covers("sqs/9-sent", "sqs/9-received", "sqs/9-empty-receives", "sqs/9-deleted", "sqs/9-sent-size");
        await s.send("m1", "m2");
        await s.send("x".repeat(2000));
        await s.receive();
        const receipt = await s.receive();
        await s.delete(receipt);
        await s.delete(receipt);
        await s.delete({ ...receipt, queueId: receipt.queueId + 1 });
        await s.receive();
        await s.receiveNone();
        const { sent, sentBytes, sentSizes, received, emptyReceives, deleted } = await s.measured();
        assert.deepEqual(
          { sent, sentBytes, received, emptyReceives, deleted },
          { sent: 3, sentBytes: 2004, received: 3, emptyReceives: 1, deleted: 2 },
        );
        assert.deepEqual(sentSizes, [2, 0, 1, 0, 0, 0, 0]);
      }),
    );

    test(
      "a receive that has waited in vain counts as empty once, however often something woke it",
      scene(async (s) => {
        const waiting = s.store.receive({ queue: JOBS, messagesMax: 1, waitMs: 5000, visibilityMs: undefined });
        await s.store.setAttributes({ queue: JOBS, attributes: { DelaySeconds: "0" } });
        await s.store.listTags({ queue: JOBS });
        s.clock.advance(5000);
        assert.deepEqual(await waiting, []);
        await s.store.listTags({ queue: JOBS });
        assert.equal((await s.measured()).emptyReceives, 1);
      }),
    );

    test(
      "what is refused is not counted",
      scene(async (s) => {
        await s.store.setAttributes({ queue: JOBS, attributes: { MaximumMessageSize: "1024" } });
        await s.send("m1", "x".repeat(1025));
        assert.equal((await s.measured()).sent, 1);
      }),
    );

    test(
      "all active queues come in one call, those of one account where it is asked for, up to a number",
      scene(async (s) => {
        covers("sqs/9-active");
        const other = { ...JOBS, account: "111122223333" };
        for (const ref of [other, { ...JOBS, name: "idle" }, { ...JOBS, name: "asked" }]) await s.create(ref);
        await s.store.send({ queue: other, messages: [s.message("m")] });
        await s.send("m1");
        await s.store.receive({ queue: { ...JOBS, name: "asked" }, messagesMax: 1, waitMs: 0, visibilityMs: undefined });
        await s.store.listTags({ queue: JOBS });
        const names = async (account: string | undefined, queuesMax: number) => {
          const { queues, more } = await s.store.measure({ account, queuesMax });
          return [...queues.map(({ queue }) => `${queue.account}/${queue.name}`), ...(more ? ["more"] : [])];
        };
        assert.deepEqual(await names(undefined, 10), ["000000000000/jobs", "111122223333/jobs", "000000000000/asked"]);
        assert.deepEqual(await names("000000000000", 1), ["000000000000/jobs", "more"]);
        s.clock.advance(6 * HOUR_MS + 1);
        assert.deepEqual(await names("000000000000", 10), ["000000000000/jobs"]);
      }),
    );
  });

  describe(`queue store on ${engine}: tail`, () => {
    test(
      "shows what is sent from now on, delayed messages and those that are received and deleted at once",
      scene(async (s) => {
        await s.send("before");
        const { end } = await s.tail({ after: undefined });
        const waiting = s.tail({ after: end });
        await s.send("m1");
        const first = await waiting;
        assert.deepEqual(bodies(first), ["m1"]);
        await s.sendDelayed("later", MINUTE_MS);
        await s.delete(await s.receive());
        assert.deepEqual(bodies(await s.tail({ after: first.end })), ["later"]);
        assert.deepEqual(bodies(await s.tail({ after: end })), ["m1", "later"]);
        assert.deepEqual(await s.levels(), [1, 0, 1]);
      }),
    );

    test(
      "shows what is moved to a dead-letter queue, and what a task moves back",
      scene(async (s) => {
        const { dead, source } = await s.withDeadLetters();
        const ends = [(await s.tail({ queue: dead, after: undefined })).end, (await s.tail({ queue: source, after: undefined })).end];
        await s.store.send({ queue: source, messages: [s.message("m1")] });
        for (let times = 1; times <= 4; times += 1) await s.store.receive({ queue: source, messagesMax: 1, waitMs: 0, visibilityMs: 0 });
        const moved = await s.tail({ queue: dead, after: ends[0] });
        assert.deepEqual(bodies(moved), ["m1"]);
        await s.store.startMoveTask({ taskId: "task", source: dead, destination: undefined, perSecond: undefined });
        s.clock.advance(2 * SECOND_MS);
        await s.store.listTags({ queue: source });
        assert.deepEqual(bodies(await s.tail({ queue: source, after: ends[1], waitMs: 0 })), ["m1", "m1"]);
      }),
    );

    test(
      "waits for a message and answers with none when the time is over",
      scene(async (s) => {
        const { end } = await s.tail({ after: undefined });
        const waiting = s.tail({ after: end, waitMs: 5000 });
        await s.store.listTags({ queue: JOBS });
        s.clock.advance(5000);
        assert.deepEqual(await waiting, { messages: [], end, missed: false });
      }),
    );

    test(
      "keeps no receive waiting, whether a message is sent or comes back",
      scene(async (s) => {
        const { end } = await s.tail({ after: undefined });
        const tailing = s.tail({ after: end });
        const receiving = s.store.receive({ queue: JOBS, messagesMax: 1, waitMs: 20_000, visibilityMs: 5000 });
        await s.send("m1");
        const first = await tailing;
        assert.deepEqual([bodies(first), (await receiving).map(({ body }) => body)], [["m1"], ["m1"]]);
        const nothingNew = s.tail({ after: first.end, waitMs: 10_000 });
        const again = s.store.receive({ queue: JOBS, messagesMax: 1, waitMs: 8000, visibilityMs: 5000 });
        await s.store.listTags({ queue: JOBS });
        s.clock.advance(5000);
        await s.store.listTags({ queue: JOBS });
        s.clock.advance(5000);
        assert.deepEqual([bodies(await nothingNew), (await again).map(({ receiveCount }) => receiveCount)], [[], [2]]);
      }),
    );

    test(
      "shows only what is searched for and goes on behind the rest",
      scene(async (s) => {
        const { end } = await s.tail({ after: undefined });
        await s.send("one", "two");
        const search = { ...EVERY_MESSAGE, bodyText: "two" };
        assert.deepEqual(bodies(await s.tail({ after: end, search })), ["two"]);
        const none = await s.tail({ after: end, search: { ...search, bodyText: "three" } });
        assert.deepEqual([bodies(none), none.end > end], [[], true]);
      }),
    );

    test(
      "says that something was missed after a restart, a long silence or too many messages",
      scene(async (s) => {
        let { end } = await s.tail({ after: undefined });
        await s.subject.reopen();
        s.clock.advance(1);
        let page = await s.tail({ after: end });
        assert.deepEqual([page.missed, bodies(page)], [true, []]);
        ({ end } = page);
        s.clock.advance(MINUTE_MS + 2000);
        await s.store.listTags({ queue: JOBS });
        page = await s.tail({ after: end });
        assert.equal(page.missed, true);
        ({ end } = page);
        for (let times = 0; times < 101; times += 1) await s.send(...Array.from({ length: 10 }, (_, n) => `m${times}-${n}`));
        page = await s.tail({ after: end });
        assert.deepEqual([page.missed, page.messages.length, bodies(page)[0]], [true, 1000, "m1-0"]);
        assert.equal((await s.tail({ after: page.end, waitMs: 0 })).missed, false);
      }),
    );
  });
}

function bodies({ messages }: { messages: readonly { body: string }[] }): string[] {
  return messages.map(({ body }) => body);
}

class Scene {
  readonly subject: StoreUnderTest;
  #ids = 0;

  constructor(subject: StoreUnderTest) {
    this.subject = subject;
  }

  get store() {
    return this.subject.store;
  }

  get clock() {
    return this.subject.clock;
  }

  async create(queue: QueueRef, attributes: Record<string, string> = {}): Promise<void> {
    await this.store.createQueue({ queue, attributes, tags: {} });
  }

  /** A queue whose messages are given up after three receives, and where they go. */
  async withDeadLetters(): Promise<{ dead: QueueRef; source: QueueRef }> {
    const [dead, source] = [
      { ...JOBS, name: "dead" },
      { ...JOBS, name: "source" },
    ];
    await this.create(dead);
    const RedrivePolicy = JSON.stringify({ deadLetterTargetArn: "arn:aws:sqs:us-east-1:000000000000:dead", maxReceiveCount: 3 });
    await this.create(source, { RedrivePolicy });
    return { dead, source };
  }

  message(body: string): NewMessage {
    this.#ids += 1;
    return { id: `id-${this.#ids}`, body, bodyMd5: "md5", sizeBytes: body.length, senderId: "AIDA", ...NOTHING };
  }

  async send(...bodies: string[]): Promise<void> {
    await this.store.send({ queue: JOBS, messages: bodies.map((body) => this.message(body)) });
  }

  async sendDelayed(body: string, delayMs: number): Promise<void> {
    await this.store.send({ queue: JOBS, messages: [{ ...this.message(body), delayMs }] });
  }

  async receive(visibilityMs?: number): Promise<Receipt> {
    const [message] = await this.store.receive({ queue: JOBS, messagesMax: 1, waitMs: 0, visibilityMs });
    assert.ok(message);
    return message.receipt;
  }

  async receiveNone(): Promise<void> {
    assert.deepEqual(await this.store.receive({ queue: JOBS, messagesMax: 1, waitMs: 0, visibilityMs: undefined }), []);
  }

  async delete(receipt: Receipt): Promise<void> {
    await this.store.delete({ queue: JOBS, receipts: [receipt] });
  }

  async measured(queue: QueueRef = JOBS): Promise<MeasuredQueue> {
    const { queues } = await this.store.measure({ queue });
    assert.ok(queues[0]);
    return queues[0];
  }

  /** Visible, in flight, delayed. */
  async levels(): Promise<[number, number, number]> {
    const { visible, inFlight, delayed } = await this.measured();
    return [visible, inFlight, delayed];
  }

  async age(): Promise<number> {
    return (await this.measured()).oldestAgeMs;
  }

  async tail(args: Pick<TailArgs, "after"> & Partial<TailArgs>) {
    return this.store.tail({ queue: JOBS, search: EVERY_MESSAGE, waitMs: 20_000, ...args });
  }
}
