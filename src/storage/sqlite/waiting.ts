import type { Clock, Timer } from "../../kernel/clock.ts";
import type { Wait } from "../storage.ts";

/**
 * Units that wait for something to become visible, per key in order of arrival, each with its own deadline. A unit
 * costs memory only: nothing here runs until a key is woken or a deadline passes.
 */
export class WaitingUnits<U extends object> {
  readonly #clock: Clock;
  readonly #onDue: (key: number) => void;
  readonly #onOver: (unit: U, wait: Wait<unknown>) => void;
  readonly #byKey = new Map<number, Map<U, Timer>>();
  readonly #waits = new Map<U, Wait<unknown>>();
  readonly #alarms = new Map<number, { atMs: number; timer: Timer }>();

  /**
   * @param events `onDue`: a key's time has come; `onOver`: that of a unit's wait, which is kept until it is removed.
   */
  constructor(clock: Clock, events: { onDue: (key: number) => void; onOver: (unit: U, wait: Wait<unknown>) => void }) {
    this.#clock = clock;
    this.#onDue = events.onDue;
    this.#onOver = events.onOver;
  }

  get size(): number {
    return this.#waits.size;
  }

  has(key: number): boolean {
    return this.#byKey.has(key);
  }

  holds(unit: U): boolean {
    return this.#waits.has(unit);
  }

  /** In order of arrival. */
  unitsOf(key: number): Iterable<U> {
    return this.#byKey.get(key)?.keys() ?? [];
  }

  /** A unit that is parked again keeps its place and its deadline. */
  park(unit: U, wait: Wait<unknown>): void {
    if (this.#waits.has(unit)) return;
    const timer = this.#clock.after(wait.untilMs - this.#clock.nowMs(), () => this.#onOver(unit, wait));
    this.#waits.set(unit, wait);
    const units = this.#byKey.get(wait.key);
    if (units === undefined) this.#byKey.set(wait.key, new Map([[unit, timer]]));
    else units.set(unit, timer);
  }

  /** @returns whether it was waiting. */
  remove(unit: U): boolean {
    const key = this.#waits.get(unit)?.key;
    if (key === undefined) return false;
    this.#waits.delete(unit);
    const units = this.#byKey.get(key);
    units?.get(unit)?.cancel();
    units?.delete(unit);
    if (units?.size === 0) this.#forgetKey(key);
    return true;
  }

  /** Whether a key's time has come though its alarm has not yet rung. */
  isDue(key: number): boolean {
    const alarm = this.#alarms.get(key);
    return alarm !== undefined && alarm.atMs <= this.#clock.nowMs();
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

  /** Ends every wait as if its time were over. */
  endAll(end: (unit: U, wait: Wait<unknown>) => void): void {
    for (const [unit, wait] of this.#waits) end(unit, wait);
  }

  /** Everything that waits, taken out. */
  drain(): U[] {
    const units = [...this.#waits.keys()];
    for (const unit of units) this.remove(unit);
    return units;
  }

  #forgetKey(key: number): void {
    this.#byKey.delete(key);
    this.#alarms.get(key)?.timer.cancel();
    this.#alarms.delete(key);
  }
}
