import type { Clock } from "../../kernel/clock.ts";
import type { Departure } from "../../kernel/departure.ts";
import { HOUR_MS } from "../../kernel/units.ts";
import { StorageStopped, Unfinished, Wait, type Storage, type StoreCall } from "../storage.ts";
import type { EngineOptions } from "./engine-options.ts";
import { Figures } from "./figures.ts";
import { RunAgain, type OpenedStore } from "./module.ts";
import { isDiskFull, isStorageFailure, logHeld, storageFull } from "./failures.ts";
import { isPending, refuseAll, type Outcome, type Unit } from "./unit.ts";
import { UpkeepTimer } from "./upkeep-timer.ts";
import { WaitingUnits } from "./waiting.ts";

/**
 * The SQLite engine: one writer, group commit without a timer. A group is everything that arrived while the last one
 * was being fsynced; it runs in one transaction, and its units are answered after COMMIT has returned, never before.
 */
export class Engine implements Storage {
  readonly report: Figures;
  readonly #options: EngineOptions;
  readonly #stores: readonly OpenedStore[];
  readonly #operations = new Map<string, (args: unknown) => unknown>();
  readonly #saveHighWater;
  readonly #waiting: WaitingUnits<Unit>;
  #arrived: Unit[] = [];
  #scheduled = false;
  #state: "running" | "stopping" | "stopped" = "running";
  #nowMs = 0;
  /** Engine time as it was last stored. */
  #savedMs = 0;
  /** What the operations of the running group woke, and when they want to be woken later. */
  #woken = new Set<number>();
  #alarms = new Map<number, number>();
  /** Units that found nothing in the running group, by key; they are parked when it is committed. */
  #foundNothing = new Map<number, Set<Unit>>();
  readonly #upkeep: UpkeepTimer;

  constructor(options: EngineOptions) {
    this.#options = options;
    this.report = options.figures ?? new Figures();
    const { database } = options.opened;
    this.#savedMs = options.opened.highWaterMs;
    this.#saveHighWater = database.prepare("UPDATE engine SET value = ? WHERE name = 'high_water_ms'");
    this.#waiting = new WaitingUnits<Unit>(options.clock, {
      onDue: (key) => {
        this.#woken.add(key);
        this.#schedule();
      },
      isWoken: (key) => this.#woken.has(key),
      onEnded(unit, wait) {
        wait.onEmpty?.();
        unit.resolve([wait.empty]);
      },
    });
    const port = {
      run: (call: StoreCall) => this.#runWithin(call),
      nowMs: () => this.#nowMs,
      monotonicMs: () => options.clock.monotonicMs(),
      diskIsBehind: () => options.checkpointer?.isBehind() ?? false,
      wake: (key: number) => {
        if (this.#waiting.has(key) || this.#foundNothing.has(key)) this.#woken.add(key);
      },
      wakeAt: (key: number, atMs: number) => void this.#alarms.set(key, Math.min(atMs, this.#alarms.get(key) ?? Infinity)),
      ageingHeld: () => options.ageing?.isHeld() ?? false,
      report: (name: string, value: number) => void this.report.set(name, value),
    };
    this.#nowMs = options.clock.nowMs();
    this.#stores = options.modules.map((module) => {
      const store = module.open(database, port);
      for (const [name, operation] of Object.entries(store.operations)) this.#operations.set(`${module.service}.${name}`, operation);
      for (const name of store.growing ?? []) options.admission?.grows(`${module.service}.${name}`);
      return store;
    });
    this.#upkeep = new UpkeepTimer(options.clock, () => this.#runUpkeep());
    this.#upkeep.within(0);
  }

  unit(calls: readonly StoreCall[], signal?: Departure): Promise<unknown[]> {
    return new Promise((resolve, reject) => {
      const cancel = this.submit(calls, resolve, reject);
      signal?.addEventListener("abort", cancel, { once: true });
    });
  }

  /**
   * The same without a promise, for the thread that carries units here.
   * @returns gives the unit up while it waits, for its first group too; one that was already decided is answered all the same.
   */
  submit(calls: readonly StoreCall[], resolve: (results: unknown[]) => void, reject: (reason: unknown) => void): () => void {
    const unit: Unit = { calls, resolve, reject };
    if (this.#state !== "running") {
      reject(new StorageStopped("the storage engine has stopped"));
      return () => {};
    }
    this.#arrived.push(unit);
    this.#schedule();
    return () => {
      if (this.#waiting.remove(unit) || this.#removeArrived(unit)) reject(new DOMException("the caller has gone", "AbortError"));
    };
  }

  /** Engine time, for whoever stands beside the engine on its thread. */
  get clock(): Clock {
    return this.#options.clock;
  }

  /** Units that wait, for metrics. */
  get waiting(): number {
    return this.#waiting.size;
  }

  async stop(): Promise<void> {
    if (this.#state !== "running") return;
    this.#state = "stopping";
    this.#runGroup();
    for (const unit of this.#arrived) unit.reject(new StorageStopped("the storage engine stopped before the operation was finished"));
    this.#arrived = [];
    this.#waiting.endAll();
    this.#state = "stopped";
    this.#upkeep.cancel();
    this.#options.space?.stop();
    await this.#options.checkpointer?.stop();
    this.#options.opened.close();
  }

  /** @returns whether the unit was waiting for a group. */
  #removeArrived(unit: Unit): boolean {
    const index = this.#arrived.indexOf(unit);
    if (index !== -1) this.#arrived.splice(index, 1);
    return index !== -1;
  }

  #schedule(): void {
    if (this.#scheduled || this.#state !== "running") return;
    this.#scheduled = true;
    this.#options.soon(() => {
      this.#scheduled = false;
      if (this.#state === "running") this.#runGroup();
    });
  }

  /** @returns whether it was committed. */
  #runGroup(upkeep?: () => void): boolean {
    const units = this.#arrived;
    this.#arrived = [];
    this.#nowMs = this.#options.clock.nowMs();
    if (this.#options.admission?.closed === true) {
      refuseAll(units, logHeld());
      this.#upkeep.within(UPKEEP_AGAIN_MS);
      return false;
    }
    const due = [...this.#woken];
    let outcomes: Map<Unit, Outcome>;
    try {
      outcomes = this.#commitGroup(units, upkeep);
    } catch (error) {
      for (const key of due) this.#woken.add(key);
      this.#giveUpGroup(units, error);
      return false;
    }
    this.#answer(outcomes);
    this.#options.checkpointer?.committed();
    // What upkeep has woken, and what was not finished.
    if (this.#woken.size > 0 || this.#arrived.length > 0) this.#schedule();
    return true;
  }

  #commitGroup(units: readonly Unit[], upkeep?: () => void): Map<Unit, Outcome> {
    const due = [...this.#woken];
    for (let attempts = 1; ; attempts += 1) {
      try {
        return this.#attemptGroup(units, upkeep);
      } catch (error) {
        if (!(error instanceof RunAgain) || attempts === ATTEMPTS_MAX) throw error;
        this.#woken = new Set(due);
      }
    }
  }

  /** Runs the units together; should one of them write and then refuse, all of them again, each behind a savepoint. */
  #attemptGroup(units: readonly Unit[], upkeep?: () => void): Map<Unit, Outcome> {
    const { database } = this.#options.opened;
    const due = [...this.#woken];
    const writesBefore = database.writes;
    let outcomes: Map<Unit, Outcome>;
    database.exec("BEGIN IMMEDIATE");
    try {
      try {
        outcomes = this.#runUnits(units, (unit) => this.#runUnit(unit));
      } catch (error) {
        if (!(error instanceof WroteThenRefused)) throw error;
        database.exec("ROLLBACK");
        this.#forget();
        database.exec("BEGIN IMMEDIATE");
        this.#woken = new Set(due);
        outcomes = this.#runUnits(units, (unit) => this.#runUnitAlone(unit));
      }
      upkeep?.();
      this.#flush();
      const hasWritten = database.writes !== writesBefore;
      const saves = hasWritten || this.#nowMs - this.#savedMs >= HEARTBEAT_MS;
      if (saves) this.#saveHighWater.run(this.#nowMs);
      database.exec("COMMIT");
      if (saves) this.#savedMs = this.#nowMs;
      if (hasWritten) this.#upkeep.within(UPKEEP_AFTER_WRITE_MS);
    } catch (error) {
      this.#rollback();
      throw error;
    }
    return outcomes;
  }

  #runUnits(units: readonly Unit[], run: (unit: Unit) => Outcome): Map<Unit, Outcome> {
    const outcomes = new Map<Unit, Outcome>();
    const runAndNote = (unit: Unit) => {
      const outcome = run(unit);
      outcomes.set(unit, outcome);
      if ("wait" in outcome) this.#noteNothing(unit, outcome.wait.key);
      return outcome;
    };
    this.#foundNothing.clear();
    this.#runWoken(outcomes, runAndNote);
    for (const unit of units) {
      runAndNote(unit);
      // Before the next unit, so that whoever has waited longest is served first.
      if (this.#woken.size > 0) this.#runWoken(outcomes, runAndNote);
    }
    return outcomes;
  }

  /** Runs what waits on woken keys, in order of arrival, up to the first that finds nothing: then nobody would. */
  #runWoken(outcomes: ReadonlyMap<Unit, Outcome>, run: (unit: Unit) => Outcome): void {
    for (const key of this.#woken) {
      this.#woken.delete(key);
      for (const unit of this.#waitersOf(key)) {
        const before = outcomes.get(unit);
        if (before !== undefined && !("wait" in before)) continue; // Served earlier in this group.
        if (isPending(run(unit))) break;
      }
    }
  }

  /** Those of earlier groups first. */
  #waitersOf(key: number): Unit[] {
    const units = [...(this.#foundNothing.get(key) ?? [])];
    if (!this.#waiting.has(key)) return units;
    return [...new Set([...this.#waiting.unitsOf(key), ...units])];
  }

  #noteNothing(unit: Unit, key: number): void {
    const units = this.#foundNothing.get(key);
    if (units === undefined) this.#foundNothing.set(key, new Set([unit]));
    else units.add(unit);
  }

  #runUnit(unit: Unit): Outcome {
    const { database } = this.#options.opened;
    const writesBefore = database.writes;
    try {
      return this.#call(unit.calls);
    } catch (error) {
      if (isStorageFailure(error) || error instanceof RunAgain) throw error;
      if (database.writes !== writesBefore) throw new WroteThenRefused();
      return { refused: error };
    }
  }

  #runUnitAlone(unit: Unit): Outcome {
    const { database } = this.#options.opened;
    this.#flush();
    database.exec("SAVEPOINT unit");
    try {
      const outcome = this.#call(unit.calls);
      database.exec("RELEASE unit");
      return outcome;
    } catch (error) {
      if (isStorageFailure(error) || error instanceof RunAgain) throw error;
      database.exec("ROLLBACK TO unit; RELEASE unit");
      this.#forget();
      return { refused: error };
    }
  }

  #call(calls: readonly StoreCall[]): Outcome {
    const results: unknown[] = [];
    for (const call of calls) {
      this.#options.admission?.check(call.operation);
      const result = this.#operation(call)(call.args);
      if (result instanceof Wait || result instanceof Unfinished) {
        if (calls.length > 1) throw new TypeError(`${call.operation} cannot wait inside a unit of several operations`);
        return result instanceof Wait ? { wait: result } : { unfinished: result };
      }
      results.push(result);
    }
    return { results };
  }

  #operation({ operation }: StoreCall): (args: unknown) => unknown {
    const run = this.#operations.get(operation);
    if (run === undefined) throw new TypeError(`no store operation is called ${operation}`);
    return run;
  }

  /** An operation that another one asks for: whether it is taken was decided with that one. */
  #runWithin(call: StoreCall): unknown {
    const result = this.#operation(call)(call.args);
    if (result instanceof Wait || result instanceof Unfinished)
      throw new TypeError(`${call.operation} cannot wait inside another operation`);
    return result;
  }

  #answer(outcomes: Map<Unit, Outcome>): void {
    for (const [unit, outcome] of outcomes) {
      if ("wait" in outcome) {
        this.#waiting.park(unit, outcome.wait);
        continue;
      }
      if ("unfinished" in outcome) {
        this.#runAgain(unit, outcome.unfinished);
        continue;
      }
      this.#waiting.remove(unit);
      if ("refused" in outcome) unit.reject(outcome.refused);
      else unit.resolve(outcome.results);
    }
    for (const [key, atMs] of this.#alarms) this.#waiting.alarm(key, atMs);
    this.#alarms.clear();
    this.#waiting.endLookedAt();
  }

  /** A unit that waits keeps its place and its deadline. */
  #runAgain(unit: Unit, { key }: Unfinished): void {
    if (this.#waiting.holds(unit)) this.#woken.add(key);
    else this.#arrived.push(unit);
  }

  /** The group could not be made durable. A full disk can be waited out; anything else ends the engine. */
  #giveUpGroup(units: readonly Unit[], error: unknown): void {
    if (!isDiskFull(error) || this.#state === "stopped") return this.fail(error, units);
    if (this.#options.space?.full() !== true) {
      this.#upkeep.within(UPKEEP_AGAIN_MS);
      return refuseAll(units, storageFull());
    }
    this.#arrived.unshift(...units); // There is space now for those that do not store more.
    this.#schedule();
  }

  /** Nothing is acknowledged from now on: after a failed write or fsync nothing is known of what is on the disk. */
  fail(reason: unknown, units: readonly Unit[] = []): void {
    if (this.#state === "stopped") return;
    this.#state = "stopped";
    this.#options.space?.stop();
    refuseAll([...units, ...this.#arrived, ...this.#waiting.drain()], new StorageStopped("the storage engine stopped at an I/O error"));
    this.#arrived = [];
    this.#options.onFatal(reason);
  }

  #rollback(): void {
    try {
      this.#options.opened.database.exec("ROLLBACK");
    } catch {
      // SQLite has rolled back by itself; the error that led here is the one to report.
    }
    this.#forget();
  }

  #flush(): void {
    for (const store of this.#stores) store.flush?.();
  }

  #forget(): void {
    for (const store of this.#stores) store.forget?.();
  }

  /** Upkeep runs in groups of its own, between those of requests, each time a bounded piece. @returns when it wants to come again. */
  #runUpkeep(): number {
    if (this.#state !== "running") return Infinity;
    let nextMs = Infinity;
    const isCommitted = this.#runGroup(() => {
      nextMs = Math.min(...this.#stores.map((store) => store.upkeep?.() ?? Infinity));
    });
    return isCommitted ? Math.min(nextMs, HEARTBEAT_MS) : UPKEEP_AGAIN_MS;
  }
}

/** How often a group is begun anew at most: each time has found something that was not known. */
const ATTEMPTS_MAX = 100;

/** What was written may be work for upkeep: dead messages, a task. */
const UPKEEP_AFTER_WRITE_MS = 1000;
/** A full disk may have space again, and who was woken in a group that could not be committed is still waiting. */
const UPKEEP_AGAIN_MS = 1000;
/** An idle engine stores its time so often, so that a start can tell how long nothing ran. */
const HEARTBEAT_MS = HOUR_MS;

/** A unit that has written and then refused: its group is run again with savepoints. */
class WroteThenRefused extends Error {}
