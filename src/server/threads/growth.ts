import type { Clock, Timer } from "../../kernel/clock.ts";
import { SECOND_MS } from "../../kernel/units.ts";

const LOOK_EVERY_MS = SECOND_MS;
/** Of the first thread's time; connections are spread evenly, so the others have as little. */
const BUSY = 0.75;
/** A single large request does not start a thread. */
const LOOKS = 3;

export interface GrowthOptions {
  readonly clock: Clock;
  /** Further threads at the most. */
  readonly max: number;
  /** Part of the time since it was asked last in which this thread had work, 0 to 1. */
  readonly utilization: () => number;
  /** Starts one more. */
  readonly add: () => Promise<void>;
}

/**
 * Starts further threads when those that are there have work for most of their time, one after the other, up to a number:
 * a server that has little to do keeps the memory of one. A thread that was started stays.
 */
export class Growth {
  readonly #options: GrowthOptions;
  #timer: Timer | undefined;
  #added = 0;
  #busyLooks = 0;

  constructor(options: GrowthOptions) {
    this.#options = options;
    this.#next();
  }

  stop(): void {
    this.#timer?.cancel();
    this.#added = Infinity;
  }

  #next(): void {
    if (this.#added >= this.#options.max) return;
    this.#timer = this.#options.clock.after(LOOK_EVERY_MS, () => this.#look());
  }

  #look(): void {
    this.#busyLooks = this.#options.utilization() >= BUSY ? this.#busyLooks + 1 : 0;
    if (this.#busyLooks < LOOKS) return this.#next();
    this.#busyLooks = 0;
    this.#added += 1;
    // Only then is it looked at again: while it starts it is no help, and takes time itself.
    void this.#options.add().finally(() => this.#next());
  }
}
