import type { Clock, Timer } from "../../kernel/clock.ts";

/** Something that ends at a time. */
export interface Deadline {
  /** Engine time; it does not change. */
  readonly untilMs: number;
  /** Kept here by `Deadlines`: where it stands, and how many were added before it. */
  index: number;
  order: number;
}

/**
 * Deadlines of thousands that wait, on one timer of the clock: a heap, the next one on top. Of two at the same time the one
 * that was added first comes first. A timer for each took 270 bytes (Node 26, November 2026).
 */
export class Deadlines<D extends Deadline> {
  readonly #clock: Clock;
  readonly #onOver: (deadline: D) => void;
  readonly #heap: D[] = [];
  #added = 0;
  #timer: Timer | undefined;
  #timerMs = Infinity;

  constructor(clock: Clock, onOver: (deadline: D) => void) {
    this.#clock = clock;
    this.#onOver = onOver;
  }

  add(deadline: D): void {
    this.#added += 1;
    deadline.order = this.#added;
    this.#put(deadline, this.#heap.length);
    this.#up(deadline);
    this.#plan();
  }

  /** Nothing happens to one that is over or was removed. */
  remove(deadline: D): void {
    const { index } = deadline;
    if (this.#heap[index] !== deadline) return;
    const last = this.#heap.pop();
    if (last !== undefined && last !== deadline) {
      this.#put(last, index);
      this.#up(last);
      this.#down(last);
    }
    // Most are removed long before their time: a timer that comes in vain is cheaper than one that is set anew each time.
    if (this.#heap.length > 0) return;
    this.#timer?.cancel();
    this.#timerMs = Infinity;
  }

  #plan(): void {
    const nextMs = this.#heap[0]?.untilMs ?? Infinity;
    if (nextMs >= this.#timerMs) return;
    this.#timer?.cancel();
    this.#timerMs = nextMs;
    this.#timer = this.#clock.after(nextMs - this.#clock.nowMs(), () => this.#look());
  }

  #look(): void {
    this.#timerMs = Infinity;
    const nowMs = this.#clock.nowMs();
    for (let next = this.#heap[0]; next !== undefined && next.untilMs <= nowMs; next = this.#heap[0]) {
      this.remove(next);
      this.#onOver(next);
    }
    this.#plan();
  }

  #up(deadline: D): void {
    while (deadline.index > 0) {
      const above = this.#heap[(deadline.index - 1) >> 1];
      if (above === undefined || !isBefore(deadline, above)) return;
      this.#swap(above, deadline);
    }
  }

  #down(deadline: D): void {
    for (;;) {
      const [left, right] = [this.#heap[2 * deadline.index + 1], this.#heap[2 * deadline.index + 2]];
      const below = left !== undefined && right !== undefined && isBefore(right, left) ? right : left;
      if (below === undefined || !isBefore(below, deadline)) return;
      this.#swap(deadline, below);
    }
  }

  #swap(one: D, other: D): void {
    const { index } = one;
    this.#put(one, other.index);
    this.#put(other, index);
  }

  #put(deadline: D, index: number): void {
    this.#heap[index] = deadline;
    deadline.index = index;
  }
}

function isBefore(one: Deadline, other: Deadline): boolean {
  return one.untilMs === other.untilMs ? one.order < other.order : one.untilMs < other.untilMs;
}
