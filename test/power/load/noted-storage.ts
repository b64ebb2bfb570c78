import { AsyncLocalStorage } from "node:async_hooks";
import type { Clock } from "../../../src/kernel/clock.ts";
import type { Storage, StoreCall } from "../../../src/storage/storage.ts";
import { Account } from "../model/account.ts";
import type { Backup, Journal, Remembered } from "./journal.ts";
import type { Marks } from "./marks.ts";
import type { Submitting } from "./threaded.ts";

/** An operation and what it answered. */
export interface Answered {
  readonly call: StoreCall;
  readonly result: unknown;
}

interface Asked {
  readonly calls: readonly StoreCall[];
  readonly number: number | undefined;
  readonly nowMs: number;
  /** Undefined: not answered yet; "refused": nothing has happened. */
  answer: unknown[] | "refused" | undefined;
}

/** An engine whose units are numbered, marked and accounted for in the order in which they are handed over. */
export class NotedStorage implements Storage {
  readonly account = new Account();
  readonly #marks: Marks;
  #engine: Submitting;
  #clock: Clock;
  #units = 0;
  #asked: Asked[] = [];
  readonly #states: string[] = [];
  readonly #timesMs: number[] = [];
  readonly #sequences: number[] = [];
  readonly #remembered: Remembered[] = [];
  readonly #backups: Backup[] = [];
  readonly #problems: string[] = [];
  /** Units of the request that runs, which must be answered before it is. */
  readonly #request = new AsyncLocalStorage<Set<number>>();

  constructor(engine: Submitting, options: { clock: Clock; marks: Marks; known: readonly Answered[] }) {
    this.#engine = engine;
    this.#clock = options.clock;
    this.#marks = options.marks;
    for (const { call, result } of options.known) this.account.apply(call, result, this.#clock.nowMs());
    this.#noteState(this.#clock.nowMs());
  }

  /** Goes on with another engine: a server that was stopped has been started again. */
  continueWith(engine: Submitting): void {
    this.#engine = engine;
  }

  get journal(): Journal {
    return {
      states: this.#states,
      timesMs: this.#timesMs,
      sequences: this.#sequences,
      remembered: this.#remembered,
      backups: this.#backups,
      problems: this.#problems,
    };
  }

  /** Whether all that was asked has been answered. */
  get quiet(): boolean {
    return this.#asked.length === 0;
  }

  async unit(calls: readonly StoreCall[]): Promise<unknown[]> {
    const number = calls.some((call) => Account.changes(call)) ? (this.#units += 1) : undefined;
    const asked: Asked = { calls, number, nowMs: this.#clock.nowMs(), answer: undefined };
    this.#asked.push(asked);
    const ofRequest = this.#request.getStore();
    if (number !== undefined) {
      ofRequest?.add(number);
      this.#marks.note({ mark: "asked", unit: number });
    }
    try {
      const results = await this.#submit(calls, () => {
        if (number !== undefined) this.#marks.note({ mark: "answered", unit: number });
      });
      asked.answer = results;
      return results;
    } catch (refusal) {
      asked.answer = "refused";
      throw refusal;
    } finally {
      if (number !== undefined) ofRequest?.delete(number);
      this.#account();
    }
  }

  /** @param answered is called in the moment of the answer, before anything that waits for it goes on. */
  #submit(calls: readonly StoreCall[], answered: () => void): Promise<unknown[]> {
    return new Promise((resolve, reject) => {
      const answer = (results: unknown[]) => {
        answered();
        resolve(results);
      };
      this.#engine.submit(calls, answer, reject);
    });
  }

  /** Something that changes what can be seen without being asked for: upkeep. */
  async unasked<T>(change: () => T, account: () => Promise<void>): Promise<T> {
    this.#units += 1;
    this.#marks.note({ mark: "asked", unit: this.#units });
    const changed = change();
    this.#marks.note({ mark: "answered", unit: this.#units });
    await account();
    this.#noteState(this.#clock.nowMs());
    return changed;
  }

  /** Runs a request; it must not be answered before what it has asked for. */
  async request<T>(run: () => Promise<T>): Promise<T> {
    const units = new Set<number>();
    const answer = await this.#request.run(units, run);
    if (units.size > 0) this.#problems.push(`a request was answered before its units ${[...units].join(", ")}`);
    return answer;
  }

  /** A backup is made, and noted as one that must be there from now on. @param make answers with its id. */
  async backedUp(make: () => Promise<string>): Promise<string> {
    const fromUnit = this.#states.length - 1;
    const id = await make();
    this.#backups.push({ id, fromUnit, toUnit: this.#units });
    this.#marks.note({ mark: "backed up", id });
    return id;
  }

  get report(): Storage["report"] {
    return this.#engine.report;
  }

  stop(): Promise<void> {
    return this.#engine.stop();
  }

  #account(): void {
    while (this.#asked[0]?.answer !== undefined) {
      const { calls, number, nowMs, answer } = this.#asked.shift() as Asked;
      const told = calls.some(({ operation }) => operation === "queues.deliver");
      if (!told && calls.some((call) => this.account.objects.tells(call)))
        this.#problems.push(`unit ${number}: the change of an object and the message about it are not one unit`);
      if (answer !== "refused") for (const [index, call] of calls.entries()) this.account.apply(call, answer?.[index], nowMs);
      if (number !== undefined) this.#noteState(nowMs);
    }
  }

  #noteState(nowMs: number): void {
    const { remembered, lastSequence } = this.account.queues;
    for (const one of [...remembered.values()].slice(this.#remembered.length))
      this.#remembered.push({ sinceUnit: this.#states.length, ...one });
    this.#states.push(this.account.lines().join("\n"));
    this.#timesMs.push(nowMs);
    this.#sequences.push(lastSequence);
  }
}
