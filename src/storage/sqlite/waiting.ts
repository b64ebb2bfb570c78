import type { Clock, Timer } from "../../kernel/clock.ts";
import type { Wait } from "../storage.ts";
import { Deadlines, type Deadline } from "./deadlines.ts";

export interface WaitingEvents<U> {
  /** A key's time has come: who waits there is to be run again. */
  onDue(key: number): void;
  /** Whether that was said of it, by whomever, and not yet done. */
  isWoken(key: number): boolean;
  /** A unit's wait is over, and it is no longer kept. */
  onEnded(unit: U, wait: Wait<unknown>): void;
}

/** A unit that waits, until its deadline at the most. */
class Parked<U> implements Deadline {
  readonly unit: U;
  readonly wait: Wait<unknown>;
  index = 0;
  order = 0;

  constructor(unit: U, wait: Wait<unknown>) {
    this.unit = unit;
    this.wait = wait;
  }

  get untilMs(): number {
    return this.wait.untilMs;
  }
}

/**
 * Units that wait for something to become visible, per key in order of arrival, each with its own deadline. A unit
 * costs memory only: nothing here runs until a key is woken or a deadline passes.
 */
export class WaitingUnits<U extends object> {
  readonly #clock: Clock;
  readonly #events: WaitingEvents<U>;
  readonly #byKey = new Map<number, Set<U>>();
  readonly #parked = new Map<U, Parked<U>>();
  readonly #deadlines: Deadlines<Parked<U>>;
  readonly #alarms = new Map<number, { atMs: number; timer: Timer }>();
  /** Those whose time is over while their key is still to be looked at: they end when that has found nothing. */
  readonly #ending = new Map<U, Wait<unknown>>();

  constructor(clock: Clock, events: WaitingEvents<U>) {
    this.#clock = clock;
    this.#events = events;
    this.#deadlines = new Deadlines(clock, (parked) => this.#over(parked));
  }

  get size(): number {
    return this.#parked.size;
  }

  has(key: number): boolean {
    return this.#byKey.has(key);
  }

  holds(unit: U): boolean {
    return this.#parked.has(unit);
  }

  /** In order of arrival. */
  unitsOf(key: number): Iterable<U> {
    return this.#byKey.get(key) ?? [];
  }

  /** A unit that is parked again keeps its place and its deadline. */
  park(unit: U, wait: Wait<unknown>): void {
    if (this.#parked.has(unit)) return;
    const parked = new Parked(unit, wait);
    this.#parked.set(unit, parked);
    this.#deadlines.add(parked);
    const units = this.#byKey.get(wait.key);
    if (units === undefined) this.#byKey.set(wait.key, new Set([unit]));
    else units.add(unit);
  }

  /** @returns whether it was waiting. */
  remove(unit: U): boolean {
    const parked = this.#parked.get(unit);
    if (parked === undefined) return false;
    this.#parked.delete(unit);
    this.#deadlines.remove(parked);
    const { key } = parked.wait;
    const units = this.#byKey.get(key);
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
    for (const { unit, wait } of this.#parked.values()) this.#end(unit, wait);
  }

  /** After woken keys have been looked at. */
  endLookedAt(): void {
    for (const [unit, wait] of this.#ending) if (!this.#events.isWoken(wait.key) && this.#ending.delete(unit)) this.#end(unit, wait);
  }

  /** Everything that waits, taken out. */
  drain(): U[] {
    const units = [...this.#parked.keys()];
    for (const unit of units) this.remove(unit);
    return units;
  }

  #over({ unit, wait }: Parked<U>): void {
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
