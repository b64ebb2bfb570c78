import type { Departure } from "../kernel/departure.ts";

/**
 * The storage port: what a service may ask of an engine, and what an engine asks of a service.
 *
 * A service's store operation is a function that runs where the data is: it reads rows, applies the service's pure
 * rules to them and writes what they decide. Operations that belong together form a unit, which is committed whole or
 * not at all; an engine commits all units that have arrived in one transaction, fsyncs once and only then answers them.
 */
export interface Storage {
  /**
   * Runs the calls of one unit in order, in one transaction, and resolves with their results after they are durable.
   * @param signal gives up a unit that waits, for its first group or for others (`Wait`), or is not finished; a unit that was
   * already decided is not taken back.
   * @throws {DOMException} AbortError: it was given up.
   * @throws {ServiceError} what an operation refused with: the whole unit has then written nothing.
   * @throws {StorageStopped} the engine has stopped; nothing is known of this unit.
   */
  unit(calls: readonly StoreCall[], signal?: Departure): Promise<unknown[]>;
  /** What the engine and the stores tell of themselves, for health and metrics: figures by name that change rarely. */
  readonly report: ReadonlyMap<string, number>;
  /** Resolves when all that was asked has been answered and the data is closed. */
  stop(): Promise<void>;
}

/** One operation by name: `queues.send`. Arguments and results cross threads as JSON; `undefined` is how a result says nothing. */
export interface StoreCall {
  readonly operation: string;
  readonly args: unknown;
}

/** The engine is closing, or stopped at an I/O error; the process is about to end. */
export class StorageStopped extends Error {
  override readonly name = "StorageStopped";
}

/** Something wrong in what is stored, in words for a person. */
export interface Problem {
  readonly what: string;
  /** What can be done about it. */
  readonly remedy: string;
}

/** What a check of a store is asked for: pieces of a bounded number of rows, each from where the one before has ended. */
export interface CheckArgs {
  /** Empty: from the beginning. */
  readonly after: string;
  readonly limit: number;
}

export interface CheckPiece {
  readonly problems: readonly Problem[];
  /** How many rows were looked at. */
  readonly looked: number;
  /** Where the next piece begins; null: there is none. */
  readonly next: string | null;
}

/** The operations of a service's store port: an interface of functions that take one argument. */
// oxlint-disable-next-line typescript/no-explicit-any -- The constraint of a generic: each port names its own types.
export type Operations<O> = { [K in keyof O]: (args: any) => unknown };

/** The same operations as seen from a request: asynchronous, each a unit of its own unless combined. */
export type StoreClient<O extends Operations<O>> = {
  [K in keyof O]: (args: Parameters<O[K]>[0], signal?: Departure) => Promise<Answer<ReturnType<O[K]>>>;
} & {
  /** One operation as data, to be combined with others in one unit. */
  call<K extends keyof O & string>(operation: K, args: Parameters<O[K]>[0]): StoreCall;
};

/** What the asker gets: a wait has ended by then. */
export type Answer<R> = R extends Wait<infer T> ? T : R extends Unfinished ? never : R;

/**
 * What an operation answers when there is nothing yet but the asker is willing to wait: the unit is parked beside the
 * engine, in order of arrival, and runs again whenever something wakes its key. When `untilMs` passes it is answered
 * with `empty`. Only a unit of a single operation may wait.
 */
export class Wait<T> {
  readonly key: number;
  readonly untilMs: number;
  readonly empty: T;
  /** Called where the store is when the wait has ended without anything, for those who count that. */
  onEmpty?: () => void;

  constructor(key: number, untilMs: number, empty: T) {
    this.key = key;
    this.untilMs = untilMs;
    this.empty = empty;
  }
}

/**
 * What an operation answers when it has done a bounded piece of its work and there is more to do before it can answer:
 * what it wrote is committed, and it runs again with the next group, so that no other unit waits for all of it. Only a
 * unit of a single operation may do so.
 */
export class Unfinished {
  /** Where the unit waits already, should it be one that waits. */
  readonly key: number;

  constructor(key: number) {
    this.key = key;
  }
}

function onlyResult([result]: unknown[]): unknown {
  return result;
}

/** Makes the asynchronous face of a service's store port. */
export function storeClient<O extends Operations<O>>(
  storage: Storage,
  service: string,
  operations: readonly (keyof O & string)[],
): StoreClient<O> {
  const client: Record<string, unknown> = {
    call: (operation: string, args: unknown): StoreCall => ({ operation: `${service}.${operation}`, args }),
  };
  for (const operation of operations) {
    const name = `${service}.${operation}`;
    client[operation] = (args: unknown, signal?: Departure) => storage.unit([{ operation: name, args }], signal).then(onlyResult);
  }
  return client as StoreClient<O>;
}
