import type { Clock, Timer } from "../../kernel/clock.ts";
import type { Wait } from "../storage.ts";

/**
 * Units that wait for something to become visible, per key in order of arrival, each with its own deadline. A unit
 * costs memory only: nothing here runs until a key is woken or a deadline passes.
 */
export class WaitingUnits<U extends object> {
  readonly #clock: Clock;
  readonly #onDue: (key: number) => void;
  readonly #onExpired: (unit: U, wait: Wait<unknown>) => void;
  readonly #byKey = new Map<number, Map<U, Timer>>();
  readonly #keyOf = new Map<U, number>();
  readonly #alarms = new Map<number, { atMs: number; timer: Timer }>();

  /**
   * @param events `onDue`: a key's time has come; `onExpired`: a unit's wait is over and it is no longer kept here.
   */
  constructor(clock: Clock, events: { onDue: (key: number) => void; onExpired: (unit: U, wait: Wait<unknown>) => void }) {
    this.#clock = clock;
    this.#onDue = events.onDue;
    this.#onExpired = events.onExpired;
  }

  get size(): number {
    return this.#keyOf.size;
  }

  has(key: number): boolean {
    return this.#byKey.has(key);
  }

  /** In order of arrival. */
  unitsOf(key: number): Iterable<U> {
    return this.#byKey.get(key)?.keys() ?? [];
  }

  /** A unit that is parked again keeps its place and its deadline. */
  park(unit: U, wait: Wait<unknown>): void {
    if (this.#keyOf.has(unit)) return;
    const timer = this.#clock.after(wait.untilMs - this.#clock.nowMs(), () => {
      this.remove(unit);
      this.#onExpired(unit, wait);
    });
    this.#keyOf.set(unit, wait.key);
    const units = this.#byKey.get(wait.key);
    if (units === undefined) this.#byKey.set(wait.key, new Map([[unit, timer]]));
    else units.set(unit, timer);
  }

  /** @returns whether it was waiting. */
  remove(unit: U): boolean {
    const key = this.#keyOf.get(unit);
    if (key === undefined) return false;
    this.#keyOf.delete(unit);
    const units = this.#byKey.get(key);
    units?.get(unit)?.cancel();
    units?.delete(unit);
    if (units?.size === 0) this.#forgetKey(key);
    return true;
  }

  /** Wakes the key at a time, unless it is woken before; of several times the earliest counts. */
  alarm(key: number, atMs: number): void {
    if (!this.has(key)) return;
    const set = this.#alarms.get(key);
    if (set !== undefined && set.atMs <= atMs) return;
    set?.timer.cancel();
    const timer = this.#clock.after(atMs - this.#clock.nowMs(), () => {
      this.#alarms.delete(key);
      this.#onDue(key);
    });
    this.#alarms.set(key, { atMs, timer });
  }

  /** Everything that waits, taken out. */
  drain(): U[] {
    const units = [...this.#keyOf.keys()];
    for (const unit of units) this.remove(unit);
    return units;
  }

  #forgetKey(key: number): void {
    this.#byKey.delete(key);
    this.#alarms.get(key)?.timer.cancel();
    this.#alarms.delete(key);
  }
}
