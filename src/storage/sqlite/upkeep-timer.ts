import type { Clock, Timer } from "../../kernel/clock.ts";

/** Between two pieces of upkeep at the least: what remains of the time belongs to requests. */
const PAUSE_MS_MIN = 1;

/**
 * When upkeep runs: when it has last said that time brings work, or sooner where somebody asks for it. An engine to which
 * nothing happens need not look each second.
 */
export class UpkeepTimer {
  readonly #clock: Clock;
  readonly #run: () => number;
  #timer: Timer | undefined;
  #atMs = Infinity;

  /** @param run returns milliseconds until it wants to run again. */
  constructor(clock: Clock, run: () => number) {
    this.#clock = clock;
    this.#run = run;
  }

  /** Runs no later than so many milliseconds from now. */
  within(delayMs: number): void {
    const atMs = this.#clock.nowMs() + delayMs;
    if (this.#atMs <= atMs) return;
    this.#atMs = atMs;
    this.#timer?.cancel();
    this.#timer = this.#clock.after(delayMs, () => {
      this.#atMs = Infinity;
      this.within(Math.max(this.#run(), PAUSE_MS_MIN));
    });
  }

  cancel(): void {
    this.#timer?.cancel();
  }
}
