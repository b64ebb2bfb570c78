import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { HOUR_MS, MINUTE_MS } from "../../../kernel/units.ts";
import { EVERY_MESSAGE } from "../rules/message-search.ts";
import type { MessageSearch, NewMessage, PeekArgs, PeekPage, QueueRef } from "./store.ts";
import type { StoreUnderTest } from "./timeline.suite.ts";

const QUEUE: QueueRef = { account: "000000000000", region: "us-east-1", name: "jobs" };

/** What a peek shows and, above all, leaves as it was. */
export function peekSuite(engine: string, open: () => Promise<StoreUnderTest>): void {
  const scene =
    (body: (s: PeekScene) => Promise<void>, attributes: Record<string, string> = {}) =>
    async () => {
      const subject = await open();
      try {
        await subject.store.createQueue({ queue: QUEUE, attributes, tags: {} });
        await body(new PeekScene(subject));
      } finally {
        await subject.close();
      }
    };

  describe(`queue store on ${engine}: peek`, () => {
    test(
      "shows every message with its state, the visible ones first and in the order of sending",
      scene(async (s) => {
        await s.send({ body: "m1" }, { body: "m2" }, { body: "later", delayMs: MINUTE_MS }, { body: "m3" });
        await s.receive();
        assert.deepEqual(await s.shown(), ["m2 visible", "m3 visible", "m1 in-flight #1", "later delayed"]);
      }),
    );

    test(
      "touches nothing: neither counts, nor order, nor receive counts, nor visibility",
      scene(async (s) => {
        await s.send({ body: "m1" }, { body: "m2" }, { body: "later", delayMs: MINUTE_MS });
        const handle = await s.receive();
        const before = await s.subject.store.describeQueue({ queue: QUEUE });
        for (let times = 0; times < 3; times += 1) await s.shown();
        assert.deepEqual(await s.subject.store.describeQueue({ queue: QUEUE }), before);
        s.subject.clock.advance(29_999);
        assert.deepEqual(await s.received(), ["m2 #1"]);
        assert.deepEqual(await s.subject.store.delete({ queue: QUEUE, receipts: [handle] }), ["deleted"]);
        s.subject.clock.advance(30_001);
        assert.deepEqual(await s.received(), ["m2 #2", "later #1"]);
      }),
    );

    test(
      "tells when a hidden message comes back, and when it was first received",
      scene(async (s) => {
        await s.send({ body: "m1" });
        const sentMs = s.subject.clock.nowMs();
        s.subject.clock.advance(1000);
        await s.receive();
        const [message] = (await s.page()).messages;
        assert.deepEqual(
          [message?.sentMs, message?.firstReceivedMs, message?.visibleMs, message?.receiveCount],
          [sentMs, sentMs + 1000, sentMs + 31_000, 1],
        );
      }),
    );

    test(
      "takes a message for visible from the moment at which its time has come, whether or not anybody received since",
      scene(async (s) => {
        await s.send({ body: "m1" }, { body: "later", delayMs: MINUTE_MS });
        await s.receive();
        s.subject.clock.advance(30_000);
        assert.deepEqual(await s.shown({ states: ["visible"] }), ["m1 visible #1"]);
        assert.deepEqual(await s.shown({ states: ["delayed", "in-flight"] }), ["later delayed"]);
        s.subject.clock.advance(30_000);
        assert.deepEqual(await s.shown(), ["m1 visible #1", "later visible"]);
      }),
    );

    test(
      "shows what is left of a queue after a purge, and nothing whose retention has ended",
      scene(async (s) => {
        await s.send({ body: "m1" }, { body: "m2", delayMs: MINUTE_MS });
        await s.subject.store.purge({ queue: QUEUE });
        await s.send({ body: "m3" });
        assert.deepEqual(await s.shown(), ["m3 visible"]);
        s.subject.clock.advance(96 * HOUR_MS);
        assert.deepEqual(await s.shown(), []);
      }),
    );

    test(
      "selects by state, text, path, attribute, age, receives, group and id",
      scene(async (s) => {
        const attributes = '[["kind","String","photo"]]';
        await s.send({ body: '{"n": 1, "text": "old"}', attributes, groupId: "g1" });
        s.subject.clock.advance(MINUTE_MS);
        await s.send({ body: '{"n": 2, "text": "new"}', groupId: "g2", id: "the-second" });
        await s.receive();
        const ofFirst = ['{"n": 1, "text": "old"} in-flight #1'];
        const ofSecond = ['{"n": 2, "text": "new"} visible'];
        assert.deepEqual(await s.shown({ states: ["in-flight"] }), ofFirst);
        assert.deepEqual(await s.shown({ bodyText: '"new"' }), ofSecond);
        assert.deepEqual(await s.shown({ bodyJson: { path: ["n"], value: "2" } }), ofSecond);
        assert.deepEqual(await s.shown({ attribute: { name: "kind", value: "photo" } }), ofFirst);
        assert.deepEqual(await s.shown({ olderThanMs: MINUTE_MS }), ofFirst);
        assert.deepEqual(await s.shown({ newerThanMs: MINUTE_MS }), ofSecond);
        assert.deepEqual(await s.shown({ receivesMin: 1 }), ofFirst);
        assert.deepEqual(await s.shown({ receivesMax: 0 }), ofSecond);
        assert.deepEqual(await s.shown({ groupId: "g2" }), ofSecond);
        assert.deepEqual(await s.shown({ messageId: "the-second" }), ofSecond);
        assert.deepEqual(await s.shown({ groupId: "g2", receivesMin: 1 }), []);
      }),
    );

    test(
      "goes through a queue page by page, each bounded in what it shows and in what it looks at",
      scene(async (s) => {
        await s.send(...Array.from({ length: 300 }, (_, index) => ({ body: `m${index}`, delayMs: index % 3 === 0 ? MINUTE_MS : 0 })));
        const pages = await s.pages({ messagesMax: 7, scanMax: 50 });
        assert.equal(pages.flatMap(({ messages }) => messages).length, 300);
        assert.equal(new Set(pages.flatMap(({ messages }) => messages.map(({ id }) => id))).size, 300);
        assert.ok(pages.every(({ messages, scanned, inQueue }) => messages.length <= 7 && scanned <= 50 && inQueue === 300));
        const rare = await s.pages({ messagesMax: 7, scanMax: 50, search: { ...EVERY_MESSAGE, bodyText: "m29" } });
        assert.deepEqual(
          rare.flatMap(({ messages }) => messages.map(({ body }) => body)).toSorted(),
          ["m29", ...Array.from({ length: 10 }, (_, index) => `m29${index}`)].toSorted(),
        );
        assert.deepEqual([rare.length, rare.reduce((sum, { scanned }) => sum + scanned, 0)], [6, 300]);
      }),
    );

    test(
      "ends a page early where bodies are large",
      scene(async (s) => {
        for (let index = 0; index < 5; index += 1) await s.send({ body: String(index).repeat(1024 * 1024) });
        const pages = await s.pages({ messagesMax: 100, scanMax: 1000 });
        assert.deepEqual(
          pages.map(({ messages }) => messages.length),
          [2, 2, 1],
        );
      }),
    );

    test(
      "of a queue that is not there is refused",
      scene(async (s) => {
        await assert.rejects(s.subject.store.peek({ ...FIRST_PAGE, queue: { ...QUEUE, name: "other" } }), { code: "QueueDoesNotExist" });
      }),
    );
  });
}

const FIRST_PAGE: PeekArgs = { queue: QUEUE, search: EVERY_MESSAGE, after: undefined, messagesMax: 100, scanMax: 1000 };

class PeekScene {
  readonly subject: StoreUnderTest;
  #ids = 0;

  constructor(subject: StoreUnderTest) {
    this.subject = subject;
  }

  async send(...messages: (Partial<NewMessage> & { body: string })[]): Promise<void> {
    const nothing = { attributes: null, traceHeader: null, groupId: null, delayMs: undefined };
    const all = messages.map((message) => {
      this.#ids += 1;
      return { id: `id-${this.#ids}`, bodyMd5: "md5", sizeBytes: message.body.length, senderId: "AIDA", ...nothing, ...message };
    });
    await this.subject.store.send({ queue: QUEUE, messages: all });
  }

  async receive() {
    const [message] = await this.subject.store.receive({ queue: QUEUE, messagesMax: 1, waitMs: 0, visibilityMs: undefined });
    assert.ok(message);
    return message.receipt;
  }

  async received(): Promise<string[]> {
    const messages = await this.subject.store.receive({ queue: QUEUE, messagesMax: 10, waitMs: 0, visibilityMs: undefined });
    return messages.map(({ body, receiveCount }) => `${body} #${receiveCount}`);
  }

  page(args: Partial<PeekArgs> = {}): Promise<PeekPage> {
    return this.subject.store.peek({ ...FIRST_PAGE, ...args });
  }

  /** Each page from the first to the last. */
  async pages(args: Partial<PeekArgs>): Promise<PeekPage[]> {
    const pages = [await this.page(args)];
    for (let next = pages[0]?.next; next !== undefined; next = pages.at(-1)?.next) pages.push(await this.page({ ...args, after: next }));
    return pages;
  }

  /** `body state #receives`, the receives where there are any. */
  async shown(search: Partial<MessageSearch> = {}): Promise<string[]> {
    const { messages } = await this.page({ search: { ...EVERY_MESSAGE, ...search } });
    return messages.map(({ body, state, receiveCount }) => `${body} ${state}${receiveCount === 0 ? "" : ` #${receiveCount}`}`);
  }
}
