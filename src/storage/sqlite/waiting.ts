import type { Clock, Timer } from "../../kernel/clock.ts";
import type { Wait } from "../storage.ts";

export interface WaitingEvents<U> {
  /** A key's time has come: who waits there is to be run again. */
  onDue(key: number): void;
  /** Whether that was said of it, by whomever, and not yet done. */
  isWoken(key: number): boolean;
  /** A unit's wait is over, and it is no longer kept. */
  onEnded(unit: U, wait: Wait<unknown>): void;
}

/**
 * Units that wait for something to become visible, per key in order of arrival, each with its own deadline. A unit
 * costs memory only: nothing here runs until a key is woken or a deadline passes.
 */
export class WaitingUnits<U extends object> {
  readonly #clock: Clock;
  readonly #events: WaitingEvents<U>;
  readonly #byKey = new Map<number, Map<U, Timer>>();
  readonly #waits = new Map<U, Wait<unknown>>();
  readonly #alarms = new Map<number, { atMs: number; timer: Timer }>();
  /** Those whose time is over while their key is still to be looked at: they end when that has found nothing. */
  readonly #ending = new Map<U, Wait<unknown>>();

  constructor(clock: Clock, events: WaitingEvents<U>) {
    this.#clock = clock;
    this.#events = events;
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
    const timer = this.#clock.after(wait.untilMs - this.#clock.nowMs(), () => this.#over(unit, wait));
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

  /** Wakes the key at a time, unless it is woken before; of several times the earliest counts. */
  alarm(key: number, atMs: number): void {
    if (!this.has(key)) return;
    const set = this.#alarms.get(key);
    if (set !== undefined && set.atMs <= atMs) return;
    set?.timer.cancel();
    const timer = this.#clock.after(atMs - this.#clock.nowMs(), () => {
      this.#alarms.delete(key);
      this.#events.onDue(key);
    });
    this.#alarms.set(key, { atMs, timer });
  }

  /** Ends every wait as if its time were over. */
  endAll(): void {
    for (const [unit, wait] of this.#waits) this.#end(unit, wait);
  }

  /** After woken keys have been looked at. */
  endLookedAt(): void {
    for (const [unit, wait] of this.#ending) if (!this.#events.isWoken(wait.key) && this.#ending.delete(unit)) this.#end(unit, wait);
  }

  /** Everything that waits, taken out. */
  drain(): U[] {
    const units = [...this.#waits.keys()];
    for (const unit of units) this.remove(unit);
    return units;
  }

  #over(unit: U, wait: Wait<unknown>): void {
    const { key } = wait;
    const isDue = (this.#alarms.get(key)?.atMs ?? Infinity) <= this.#clock.nowMs();
    if (!isDue && !this.#events.isWoken(key)) return this.#end(unit, wait);
    this.#ending.set(unit, wait);
    this.#events.onDue(key);
  }

  #end(unit: U, wait: Wait<unknown>): void {
    if (this.remove(unit)) this.#events.onEnded(unit, wait);
  }

  #forgetKey(key: number): void {
    this.#byKey.delete(key);
    this.#alarms.get(key)?.timer.cancel();
    this.#alarms.delete(key);
  }
}
