import { hash } from "node:crypto";
import type { EnginePort } from "../../../../storage/sqlite/module.ts";
import { Wait } from "../../../../storage/storage.ts";
import { MIB, MINUTE_MS } from "../../../../kernel/units.ts";
import { selectsBody, selectsHead } from "../../rules/message-search.ts";
import type { NewMessage, SendResult, TailArgs, TailedMessage, TailPage } from "../store.ts";
import type { Queue } from "./queue-table.ts";

/** What one queue's tail keeps for those who follow it, between two times that they ask. */
const MESSAGES_MAX = 1000;
const CHARACTERS_MAX = 4 * MIB;

/** A queue that nobody has asked about for so long is no longer followed. */
const KEPT_MS = MINUTE_MS;

type Content = Omit<TailedMessage, "sentMs">;

interface Entry {
  readonly number: number;
  readonly message: TailedMessage;
}

interface Tail {
  /** In the order of their numbers, which rise by one. */
  readonly entries: Entry[];
  characters: number;
  /** The last number given. */
  last: number;
  /** Everything that came after this number is among the entries. */
  completeAfter: number;
  askedMs: number;
}

/**
 * Follows queues for those who watch them. Only a queue that somebody follows is kept in memory, and only its last
 * messages; what is received and deleted at once is shown all the same. A tail that is lost with its process is said to
 * have missed something.
 */
export class Tails {
  readonly #engine: EnginePort;
  readonly #tails = new Map<number, Tail>();

  constructor(engine: EnginePort) {
    this.#engine = engine;
  }

  sent(queue: Queue, messages: readonly NewMessage[], results: readonly SendResult[]): void {
    const tail = this.#tails.get(queue.id);
    if (tail === undefined) return;
    for (const [index, message] of messages.entries()) {
      const result = results[index];
      if (result?.sent === true && (result.accepted === undefined || result.accepted.id === message.id)) this.#add(tail, message);
    }
    this.#engine.wake(keyOf(queue));
  }

  /** A message has come from another queue. @param content asked for only where somebody follows; undefined is not shown. */
  moved(queue: Queue, content: () => Content | undefined): void {
    const tail = this.#tails.get(queue.id);
    const message = tail === undefined ? undefined : content();
    if (tail === undefined || message === undefined) return;
    this.#add(tail, message);
    this.#engine.wake(keyOf(queue));
  }

  read(queue: Queue, { after, search, waitMs }: TailArgs): TailPage | Wait<TailPage> {
    const nowMs = this.#engine.nowMs();
    const kept = this.#tails.get(queue.id);
    const tail = kept === undefined || isLeft(kept, nowMs) ? this.#begin(queue, nowMs) : kept;
    tail.askedMs = nowMs;
    if (after === undefined) return { messages: [], end: tail.last, missed: false };
    const missed = after < tail.completeAfter || after > tail.last;
    const entries = missed ? tail.entries : tail.entries.slice(Math.max(0, tail.entries.length - (tail.last - after)));
    if (entries.length === 0 && !missed && waitMs > 0) return new Wait(keyOf(queue), nowMs + waitMs, { messages: [], end: after, missed });
    const messages = entries
      .map(({ message }) => message)
      .filter((message) => selectsHead(search, message) && selectsBody(search, message.body));
    return { messages, end: tail.last, missed };
  }

  /** Forgets the queues that nobody follows any more. @returns milliseconds until there may be others. */
  upkeep(): number {
    const nowMs = this.#engine.nowMs();
    for (const [id, tail] of this.#tails) if (isLeft(tail, nowMs)) this.#tails.delete(id);
    return this.#tails.size === 0 ? Infinity : KEPT_MS;
  }

  /** What was rolled back was never sent: whoever follows is told that something is missing rather than shown it. */
  forget(): void {
    this.#tails.clear();
  }

  /** Numbers begin with the time, so that those of a tail that was forgotten are never given again. */
  #begin(queue: Queue, nowMs: number): Tail {
    const first = nowMs * 1000;
    const tail = { entries: [], characters: 0, last: first, completeAfter: first, askedMs: nowMs };
    this.#tails.set(queue.id, tail);
    return tail;
  }

  #add(tail: Tail, { id, body, bodyMd5, attributes, traceHeader, groupId, senderId }: Content): void {
    const message = {
      id,
      body,
      bodyMd5: bodyMd5 || hash("md5", body),
      attributes,
      traceHeader,
      groupId,
      senderId,
      sentMs: this.#engine.nowMs(),
    };
    tail.last += 1;
    tail.characters += body.length;
    tail.entries.push({ number: tail.last, message });
    while (tail.entries.length > MESSAGES_MAX || tail.characters > CHARACTERS_MAX) {
      const oldest = tail.entries.shift();
      if (oldest === undefined) return;
      tail.characters -= oldest.message.body.length;
      tail.completeAfter = oldest.number;
    }
  }
}

function isLeft({ askedMs }: Tail, nowMs: number): boolean {
  return askedMs < nowMs - KEPT_MS;
}

/** Whoever follows a queue waits apart from who receives: neither may stand in the other's way. */
function keyOf(queue: Queue): number {
  return -queue.id;
}
