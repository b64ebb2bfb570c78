import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { manualClock } from "../../../../kernel/clock.ts";
import { MINUTE_MS, SECOND_MS } from "../../../../kernel/units.ts";
import { startInline } from "../../../../storage/sqlite/index.ts";
import { storeClient } from "../../../../storage/storage.ts";
import { QUEUE_OPERATIONS, type QueueOperations, type QueueRef, type ReceivedMessage } from "../store.ts";
import { queueStore } from "./index.ts";

const QUEUE: QueueRef = { account: "000000000000", region: "us-east-1", name: "jobs" };
const FADES_IN_MS = 5 * MINUTE_MS;

type Command =
  | { do: "send"; tenant: string | null; count: number; delayMs: number }
  | { do: "receive"; max: number; times: number; visibilityMs: number }
  | { do: "delete"; tenant: string | null; count: number }
  | { do: "show"; nth: number }
  | { do: "wait"; ms: number }
  | { do: "purge" | "forget" };

const tenant = fc.constantFrom("a", "a", "b", "c", null);
const command: fc.Arbitrary<Command> = fc.oneof(
  {
    weight: 4,
    arbitrary: fc.record({
      do: fc.constant("send" as const),
      tenant,
      count: fc.integer({ min: 1, max: 40 }),
      delayMs: fc.constantFrom(0, 0, 0, 5 * SECOND_MS),
    }),
  },
  {
    weight: 6,
    arbitrary: fc.record({
      do: fc.constant("receive" as const),
      max: fc.integer({ min: 1, max: 10 }),
      times: fc.integer({ min: 1, max: 6 }),
      visibilityMs: fc.constantFrom(0, 20 * SECOND_MS, 2 * MINUTE_MS, 60 * MINUTE_MS),
    }),
  },
  { weight: 3, arbitrary: fc.record({ do: fc.constant("delete" as const), tenant, count: fc.integer({ min: 1, max: 40 }) }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant("show" as const), nth: fc.nat(100) }) },
  { weight: 3, arbitrary: fc.record({ do: fc.constant("wait" as const), ms: fc.constantFrom(1, 5000, 20_000, 120_000, 301_000) }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constantFrom("purge" as const, "forget" as const) }) },
);

interface Message {
  readonly id: string;
  readonly order: number;
  readonly tenant: string | null;
  /** Delayed or in flight until then. */
  hiddenUntilMs: number;
  receivedMs: number | undefined;
  last: ReceivedMessage | undefined;
}

/** Time that a message was in flight. */
interface Processed {
  readonly tenant: string | null;
  readonly fromMs: number;
  toMs: number;
}

/** All messages in a list, and the thresholds read off it. */
class World {
  readonly #clock = manualClock();
  readonly #engine = startInline({
    directory: undefined,
    modules: [queueStore({ coolDown: false })],
    clock: this.#clock,
    onFatal: (reason) => assert.fail(String(reason)),
  });
  readonly #store = storeClient<QueueOperations>(this.#engine, "queues", QUEUE_OPERATIONS);
  #messages: Message[] = [];
  #processed: Processed[] = [];
  /** Since its first message with a group: what was in flight before is not counted. */
  #fairSinceMs = Infinity;
  /** Tenants that may be noisy: they were near a threshold, and have had messages waiting ever since. */
  readonly #suspected = new Set<string>();
  #sent = 0;

  async start(): Promise<void> {
    await this.#store.createQueue({ queue: QUEUE, attributes: {}, tags: {} });
  }

  async stop(): Promise<void> {
    await this.#engine.stop();
  }

  async run(command: Command): Promise<void> {
    switch (command.do) {
      case "send":
        await this.#send(command);
        break;
      case "receive":
        for (let time = 0; time < command.times; time += 1) await this.#receive(command.max, command.visibilityMs);
        break;
      case "delete":
        await this.#delete(this.#inFlight(command.tenant).slice(0, command.count));
        break;
      case "show":
        await this.#show(command.nth);
        break;
      case "wait":
        this.#clock.advance(command.ms);
        await this.#checkCounts(); // Which also notices what has become visible.
        break;
      case "purge":
        await this.#store.purge({ queue: QUEUE });
        this.#messages = [];
        this.#end(() => true);
        break;
      case "forget":
        await assert.rejects(
          this.#engine.unit([this.#sending("a", 1, 0), { operation: "queues.purge", args: { queue: { ...QUEUE, name: "" } } }]),
        );
    }
    this.#suspect();
  }

  /** Whoever is noisy or not, all that is left can be had, each message once. */
  async drain(): Promise<void> {
    this.#clock.advance(61 * MINUTE_MS);
    while (this.#messages.length > 0) {
      await this.#receive(10, 60 * MINUTE_MS);
      await this.#delete(this.#messages.filter(({ receivedMs }) => receivedMs === this.#clock.nowMs()));
    }
    await this.#checkCounts();
  }

  #sending(groupId: string | null, count: number, delayMs: number) {
    const messages = Array.from({ length: count }, (_, index) => {
      const id = `id-${this.#sent + index}`;
      return { id, body: id, bodyMd5: "", attributes: null, traceHeader: null, groupId, delayMs, sizeBytes: 1, senderId: "AIDA" };
    });
    return this.#store.call("send", { queue: QUEUE, messages });
  }

  async #send({ tenant, count, delayMs }: { tenant: string | null; count: number; delayMs: number }): Promise<void> {
    await this.#engine.unit([this.#sending(tenant, count, delayMs)]);
    if (tenant !== null) this.#fairSinceMs = Math.min(this.#fairSinceMs, this.#clock.nowMs());
    for (let index = 0; index < count; index += 1) {
      const id = `id-${this.#sent}`;
      const message = {
        id,
        order: this.#sent,
        tenant,
        hiddenUntilMs: this.#clock.nowMs() + delayMs,
        receivedMs: undefined,
        last: undefined,
      };
      this.#messages.push(message);
      this.#sent += 1;
    }
  }

  async #receive(max: number, visibilityMs: number): Promise<void> {
    const visible = this.#messages.filter((message) => this.#isVisible(message));
    const quiet = (message: Message) => message.tenant === null || !this.#nearThreshold(message.tenant, max);
    const calm = visible.filter((message) => quiet(message) && !this.#suspected.has(message.tenant ?? ""));
    const noisy = new Set(visible.map((message) => message.tenant).filter((name) => name !== null && this.#holdsTooMuch(name)));
    const held = new Map([...noisy].map((name) => [name, this.#inFlight(name).length]));

    const messages = await this.#store.receive({ queue: QUEUE, messagesMax: max, waitMs: 0, visibilityMs });
    const received = messages.map(({ id }) => visible.find((message) => message.id === id) ?? assert.fail(`${id} was not visible`));
    assert.equal(new Set(received).size, received.length, "no message twice");
    assert.equal(received.length, Math.min(max, visible.length), "nobody is blocked");
    for (const [name, own] of Map.groupBy(received, (message) => message.tenant))
      assert.deepEqual(own, visible.filter((message) => message.tenant === name).slice(0, own.length), "a tenant's oldest come first");

    const calmReceived = received.filter((message) => calm.includes(message));
    assert.deepEqual(calmReceived, calm.slice(0, calmReceived.length), "quiet tenants' messages come oldest first");
    if (calmReceived.length < calm.length)
      assert.ok(!received.some((message) => noisy.has(message.tenant)), "a noisy tenant was served while a quiet one waits");
    for (const [index, { tenant: taken }] of received.entries()) {
      if (!noisy.has(taken)) continue;
      const left = visible.filter((message) => noisy.has(message.tenant) && !received.slice(0, index).includes(message));
      const least = Math.min(...left.map((message) => held.get(message.tenant) ?? 0));
      assert.equal(held.get(taken), least, "of noisy tenants the one with the least in flight comes first");
      held.set(taken, least + 1);
    }
    this.#note(received, messages, visibilityMs);
  }

  #note(received: readonly Message[], messages: readonly ReceivedMessage[], visibilityMs: number): void {
    const nowMs = this.#clock.nowMs();
    for (const [index, message] of received.entries()) {
      message.receivedMs = nowMs;
      message.hiddenUntilMs = nowMs + visibilityMs;
      message.last = messages[index];
      if (visibilityMs > 0) this.#processed.push({ tenant: message.tenant, fromMs: nowMs, toMs: message.hiddenUntilMs });
    }
    this.#suspect();
  }

  async #delete(messages: readonly Message[]): Promise<void> {
    const receipts = messages.flatMap(({ last }) => (last === undefined ? [] : [last.receipt]));
    await this.#store.delete({ queue: QUEUE, receipts });
    for (const message of messages) this.#endOne(message);
    this.#messages = this.#messages.filter((message) => !messages.includes(message));
    for (const name of ["a", "b", "c"])
      if (!this.#messages.some((message) => message.tenant === name))
        this.#processed = this.#processed.filter(({ tenant: of }) => of !== name);
  }

  async #show(nth: number): Promise<void> {
    const inFlight = this.#messages.filter((message) => message.last !== undefined && !this.#isVisible(message));
    const message = inFlight[nth % Math.max(1, inFlight.length)];
    if (message?.last === undefined) return;
    await this.#store.changeVisibility({ queue: QUEUE, changes: [{ receipt: message.last.receipt, visibilityMs: 0 }] });
    this.#endOne(message);
    message.hiddenUntilMs = this.#clock.nowMs();
  }

  async #checkCounts(): Promise<void> {
    const { visible, inFlight, delayed } = await this.#store.describeQueue({ queue: QUEUE });
    const hidden = this.#messages.filter((message) => !this.#isVisible(message));
    const expected = [this.#messages.length - hidden.length, hidden.filter(({ last }) => last !== undefined).length];
    assert.deepEqual([visible, inFlight, delayed], [...expected, hidden.filter(({ last }) => last === undefined).length]);
  }

  #isVisible({ hiddenUntilMs }: Message): boolean {
    return hiddenUntilMs <= this.#clock.nowMs();
  }

  #inFlight(name?: string | null): Message[] {
    return this.#messages.filter((one) => one.last !== undefined && !this.#isVisible(one) && (name === undefined || one.tenant === name));
  }

  /** A threshold that needs no knowledge of the past. */
  #holdsTooMuch(name: string): boolean {
    const own = this.#inFlight(name).length;
    return own >= 30 && own * 10 > this.#inFlight().length;
  }

  /** Whether the tenant may be over a threshold, or come over it by so many messages more. */
  #nearThreshold(name: string, more: number): boolean {
    const own = this.#inFlight(name).length + more;
    if (own >= 30 && own * 10 > this.#inFlight().length) return true;
    const used = this.#usedMs(name);
    return used > 25 * SECOND_MS && used > this.#usedMs() * 0.09;
  }

  #usedMs(name?: string): number {
    const nowMs = this.#clock.nowMs();
    const kept = (atMs: number) => Math.exp((Math.min(Math.max(atMs, this.#fairSinceMs), nowMs) - nowMs) / FADES_IN_MS);
    const counted = this.#processed.filter((one) => name === undefined || one.tenant === name);
    return counted.reduce((sum, { fromMs, toMs }) => sum + FADES_IN_MS * (kept(toMs) - kept(fromMs)), 0);
  }

  #suspect(): void {
    for (const name of ["a", "b", "c"]) {
      const waits = this.#messages.some((message) => message.tenant === name && this.#isVisible(message));
      if (!waits) this.#suspected.delete(name);
      else if (this.#nearThreshold(name, 0)) this.#suspected.add(name);
    }
  }

  #endOne(message: Message): void {
    this.#end(({ tenant: of, fromMs }) => of === message.tenant && fromMs === message.receivedMs, 1);
  }

  #end(which: (processed: Processed) => boolean, max = Infinity): void {
    const nowMs = this.#clock.nowMs();
    const running = this.#processed.filter((one) => one.toMs > nowMs && which(one)).slice(0, max);
    for (const one of running) one.toMs = nowMs;
  }
}

test(
  "whatever tenants do, nothing is lost, doubled or blocked, and quiet tenants are served before noisy ones",
  { timeout: 120_000 },
  async () => {
    const property = fc.asyncProperty(fc.array(command, { minLength: 20, maxLength: 80 }), async (commands) => {
      const world = new World();
      try {
        await world.start();
        for (const one of commands) await world.run(one);
        await world.drain();
      } finally {
        await world.stop();
      }
    });
    // Always the same runs: a change is judged by what it can be blamed for.
    await fc.assert(property, { seed: 1, numRuns: 40, plugins: [fc.interruptAfterTimeLimit(60_000)] });
  },
);
