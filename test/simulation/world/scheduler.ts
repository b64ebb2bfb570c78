import type { Timer } from "../../../src/kernel/clock.ts";
import type { Chance } from "./chance.ts";

interface Event {
  readonly atMs: number;
  /** Among those of the same millisecond. */
  readonly order: number;
  readonly what: string;
  run: (() => void) | undefined;
}

/**
 * All that happens, one event after the other, in the order of its time and at random within a millisecond. What an event
 * sets off without time passing (promises) has happened before the next one begins.
 */
export class Scheduler {
  readonly #chance: Chance;
  readonly #heap: Event[] = [];
  /** Milliseconds since the beginning, whole ones. */
  nowMs = 0;
  events = 0;
  #hash = 0x811c9dc5;

  constructor(chance: Chance) {
    this.#chance = chance;
  }

  /** A digest of everything that has happened: equal for equal runs. */
  get hash(): string {
    return this.#hash.toString(16).padStart(8, "0");
  }

  /** Something that has happened without being an event: an answer, a choice. */
  note(text: string): void {
    let hash = this.#hash;
    for (let index = 0; index < text.length; index += 1) hash = Math.imul(hash ^ text.charCodeAt(index), 0x01000193);
    this.#hash = hash >>> 0;
  }

  after(delayMs: number, what: string, run: () => void): Timer {
    const event: Event = { atMs: this.nowMs + Math.max(0, Math.ceil(delayMs)), order: this.#chance.fraction(), what, run };
    this.#push(event);
    return {
      cancel() {
        event.run = undefined;
      },
    };
  }

  /** Resolves after that time. */
  pause(delayMs: number): Promise<void> {
    return new Promise((resolve) => void this.after(delayMs, "pause", resolve));
  }

  /** Runs events until there are none, or until it is told that it is enough, or time is over. */
  async run(isEnough: () => boolean, untilMs: number): Promise<void> {
    await settled();
    while (!isEnough()) {
      const event = this.#heap[0];
      if (event === undefined || event.atMs > untilMs) return;
      this.#pop();
      const { run } = event;
      if (run === undefined) continue;
      this.nowMs = event.atMs;
      this.events += 1;
      this.note(event.what);
      this.#hash = Math.imul(this.#hash ^ event.atMs, 0x01000193) >>> 0;
      run();
      await settled();
    }
  }

  #push(event: Event): void {
    const heap = this.#heap;
    let at = heap.push(event) - 1;
    while (at > 0) {
      const parent = (at - 1) >> 1;
      if (!isBefore(event, heap[parent])) break;
      heap[at] = heap[parent] as Event;
      at = parent;
    }
    heap[at] = event;
  }

  #pop(): void {
    const heap = this.#heap;
    const last = heap.pop();
    if (last === undefined || heap.length === 0) return;
    let at = 0;
    for (;;) {
      let child = 2 * at + 1;
      if (child >= heap.length) break;
      if (child + 1 < heap.length && isBefore(heap[child + 1], heap[child])) child += 1;
      if (!isBefore(heap[child], last)) break;
      heap[at] = heap[child] as Event;
      at = child;
    }
    heap[at] = last;
  }
}

function isBefore(one: Event | undefined, other: Event | undefined): boolean {
  if (one === undefined || other === undefined) return false;
  return one.atMs < other.atMs || (one.atMs === other.atMs && one.order < other.order);
}

/** Everything that promises bring about without an event has happened: nothing here waits for the world outside. */
function settled(): Promise<void> {
  return new Promise((resolve) => void setImmediate(resolve));
}
