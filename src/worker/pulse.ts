import type { Clock, Timer } from "../kernel/clock.ts";
import { SECOND_MS } from "../kernel/units.ts";

/** How long after a standstill what arrives may have been waiting since then: the loop has more to do than to read it. */
const SUSPECT_MS = SECOND_MS;

/**
 * Notices when this process stood still: stopped by a signal, suspended with its machine, or busy in one go. What it reads
 * right afterwards may have arrived at any moment of that time.
 */
export class Pulse {
  readonly #clock: Clock;
  readonly #intervalMs: number;
  #lastMs: number;
  #standstill: { readonly fromMs: number; readonly toMs: number } | undefined;
  #timer: Timer | undefined;

  /** @param intervalMs a standstill of up to twice this time is not noticed. */
  constructor(clock: Clock, intervalMs: number) {
    this.#clock = clock;
    this.#intervalMs = intervalMs;
    this.#lastMs = clock.monotonicMs();
    this.#wait();
  }

  /** The earliest moment when something that is read now can have arrived, in monotonic milliseconds. */
  arrivedMs(): number {
    this.#beat();
    const nowMs = this.#clock.monotonicMs();
    if (this.#standstill !== undefined && nowMs - this.#standstill.toMs <= SUSPECT_MS) return this.#standstill.fromMs;
    return nowMs;
  }

  stop(): void {
    this.#timer?.cancel();
  }

  #wait(): void {
    this.#timer = this.#clock.after(this.#intervalMs, () => {
      this.#beat();
      this.#wait();
    });
  }

  #beat(): void {
    const nowMs = this.#clock.monotonicMs();
    if (nowMs - this.#lastMs > 2 * this.#intervalMs) this.#standstill = { fromMs: this.#lastMs, toMs: nowMs };
    this.#lastMs = nowMs;
  }
}
