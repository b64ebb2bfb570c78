import type { Clock, Timer } from "../../../src/kernel/clock.ts";

/** A clock that is moved from one timer to the next, so that whoever drives it can look at what each has brought about. */
export class SteppedClock implements Clock {
  #nowMs: number;
  readonly #timers = new Set<{ atMs: number; callback: () => void }>();

  constructor(startMs: number) {
    this.#nowMs = startMs;
  }

  nowMs(): number {
    return this.#nowMs;
  }

  monotonicMs(): number {
    return this.#nowMs;
  }

  after(delayMs: number, callback: () => void): Timer {
    const timer = { atMs: this.#nowMs + Math.max(0, delayMs), callback };
    this.#timers.add(timer);
    return { cancel: () => void this.#timers.delete(timer) };
  }

  /** Moves to the next timer that is due by then and runs it. @returns whether there was one. */
  step(untilMs: number): boolean {
    let next: { atMs: number; callback: () => void } | undefined;
    for (const timer of this.#timers) if (timer.atMs <= untilMs && (next === undefined || timer.atMs < next.atMs)) next = timer;
    if (next === undefined) return false;
    this.#timers.delete(next);
    this.#nowMs = Math.max(this.#nowMs, next.atMs);
    next.callback();
    return true;
  }

  /** Moves on without running what becomes due on the way. */
  jump(ms: number): void {
    this.#nowMs = Math.max(this.#nowMs, ms);
  }
}
