import type { Clock } from "../../kernel/clock.ts";
import { DAY_MS, MINUTE_MS } from "../../kernel/units.ts";
import type { Figures } from "./figures.ts";

/** A start that finds the clock so far from where engine time had come is in doubt of it. */
const DOUBT_MS = DAY_MS;
/** How long nothing is ended by its age then, in engine time: for the clock to be set, or somebody to look. */
const HOLD_MS = 10 * MINUTE_MS;

export interface AgeingOptions {
  readonly clock: Clock;
  /** The wall clock, epoch milliseconds. */
  readonly wallMs: () => number;
  /** Where engine time had come when it was last stored; 0: never. */
  readonly highWaterMs: number;
  /** Until when an earlier start holds it. */
  readonly heldUntilMs: number;
  /** Is told until when it is held, in engine time, before anything is: a restart must not end the hold. */
  readonly keep: (heldUntilMs: number) => void;
  readonly figures: Figures;
}

/**
 * Whether things may be ended by their age. A battery that is empty or a clock that was set wrong can make a start look
 * like years later, and everything stored too old. So nothing is ended by its age for ten minutes after a start that
 * found the wall clock more than a day away from where engine time had come, and after that for as long as engine time
 * is more than a day ahead of the wall clock.
 */
export class Ageing {
  readonly #options: AgeingOptions;
  #heldUntilMs: number;

  constructor(options: AgeingOptions) {
    this.#options = options;
    const { clock, wallMs, highWaterMs, heldUntilMs, figures } = options;
    this.#heldUntilMs = heldUntilMs;
    const gapMs = highWaterMs === 0 ? 0 : wallMs() - highWaterMs;
    figures.set("storage.clock_gap_ms", gapMs);
    if (Math.abs(gapMs) > DOUBT_MS) this.#hold(clock.nowMs() + HOLD_MS);
    this.isHeld();
  }

  /** To be asked now and then; it tells from when on things may be ended again. */
  isHeld(): boolean {
    if (this.#heldUntilMs === 0) return false;
    const { clock, wallMs, figures } = this.#options;
    const nowMs = clock.nowMs();
    if (nowMs >= this.#heldUntilMs) {
      if (nowMs - wallMs() > DOUBT_MS) this.#hold(nowMs + HOLD_MS);
      else this.#heldUntilMs = 0;
    }
    figures.set("storage.ageing_held", this.#heldUntilMs === 0 ? 0 : 1);
    return this.#heldUntilMs !== 0;
  }

  #hold(untilMs: number): void {
    if (untilMs <= this.#heldUntilMs) return;
    this.#heldUntilMs = untilMs;
    this.#options.keep(untilMs);
  }
}
