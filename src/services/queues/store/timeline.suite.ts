import assert from "node:assert/strict";
import type { ManualClock } from "../../../kernel/clock.ts";
import type { Storage, StoreClient } from "../../../storage/storage.ts";
import type { DeleteResult, NewMessage, QueueOperations, QueueRef, ReceivedMessage } from "./store.ts";

/** A store on some engine, with its time in the test's hand. */
export interface StoreUnderTest {
  readonly store: StoreClient<QueueOperations>;
  /** What the store stands on, for units of several operations. */
  readonly storage: Storage;
  readonly clock: ManualClock;
  /** Closes the store and opens it again on what it had written, after a time in which nothing ran. */
  reopen(options?: { afterMs: number }): Promise<void>;
  close(): Promise<void>;
}

/** The queue that a timeline is about. */
export const QUEUE: QueueRef = { account: "000000000000", region: "us-east-1", name: "jobs" };

/** Another queue beside it. */
export function queueNamed(name: string): QueueRef {
  return { ...QUEUE, name };
}

/** Reads like the specification: sends by name, receives as `name #count`. */
export class Timeline {
  readonly #subject: StoreUnderTest;
  readonly #received = new Map<string, ReceivedMessage[]>();
  readonly #queue: QueueRef;
  #ids = 0;

  constructor(subject: StoreUnderTest, queue: QueueRef = QUEUE) {
    this.#subject = subject;
    this.#queue = queue;
  }

  get store(): StoreClient<QueueOperations> {
    return this.#subject.store;
  }

  advance(byMs: number): void {
    this.#subject.clock.advance(byMs);
  }

  async reopen(): Promise<void> {
    await this.#subject.reopen();
  }

  message(body: string): NewMessage {
    this.#ids += 1;
    const id = `${this.#queue.name}-${this.#ids}`;
    return {
      id,
      body,
      bodyMd5: "md5",
      attributes: null,
      traceHeader: null,
      groupId: null,
      delayMs: undefined,
      sizeBytes: body.length,
      senderId: "AIDA",
    };
  }

  async send(...bodies: string[]): Promise<void> {
    await this.store.send({ queue: this.#queue, messages: bodies.map((body) => this.message(body)) });
  }

  async sendDelayed(body: string, delayMs: number): Promise<void> {
    await this.store.send({ queue: this.#queue, messages: [{ ...this.message(body), delayMs }] });
  }

  async receive(options: { max?: number; waitMs?: number; visibilityMs?: number } = {}): Promise<string> {
    const { max = 1, waitMs = 0, visibilityMs } = options;
    const messages = await this.store.receive({ queue: this.#queue, messagesMax: max, waitMs, visibilityMs });
    for (const message of messages) this.#received.set(message.body, [...(this.#received.get(message.body) ?? []), message]);
    return messages.map(({ body, receiveCount }) => `${body} #${receiveCount}`).join(" ");
  }

  /** The last receive of a message as the store answered it. */
  received(body: string): ReceivedMessage {
    const message = this.#received.get(body)?.at(-1);
    assert.ok(message, `${body} was received`);
    return message;
  }

  /** @param receive which of the message's receives: 1 is the first, by default the last. */
  receipt(body: string, receive?: number) {
    const message = this.#received.get(body)?.at(receive === undefined ? -1 : receive - 1);
    assert.ok(message, `${body} was received`);
    return message.receipt;
  }

  async delete(body: string, receive?: number): Promise<DeleteResult | undefined> {
    return (await this.store.delete({ queue: this.#queue, receipts: [this.receipt(body, receive)] }))[0];
  }

  async change(body: string, visibilityMs: number, receive?: number): Promise<string | undefined> {
    return (
      await this.store.changeVisibility({ queue: this.#queue, changes: [{ receipt: this.receipt(body, receive), visibilityMs }] })
    )[0];
  }

  /** Visible, in flight, delayed. */
  async counts(): Promise<[number, number, number]> {
    const { visible, inFlight, delayed } = await this.store.describeQueue({ queue: this.#queue });
    return [visible, inFlight, delayed];
  }
}
