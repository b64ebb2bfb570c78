import type { StoreCall } from "../storage.ts";
import type { Database } from "./database.ts";

/** A service's tables and operations, as the SQLite engine takes them. */
export interface StoreModule {
  /** The service's name; its operations are called `<service>.<operation>`. */
  readonly service: string;
  /** SQL scripts, oldest first. What has once been released is never edited: a change is a further script. */
  readonly migrations: readonly string[];
  open(database: Database, engine: EnginePort): OpenedStore;
  /**
   * What must be different in tables that were taken back to an earlier moment, because others remember what came after
   * it: run once, on a database that nobody has open.
   */
  readonly onRestored?: string;
}

export interface OpenedStore {
  // oxlint-disable-next-line typescript/no-explicit-any -- A table of operations with different arguments; the service's port typed each.
  readonly operations: Readonly<Record<string, (args: any) => unknown>>;
  /** Names of the operations that store more, as opposed to those that read, hide and delete: refused while there is no space. */
  readonly growing?: readonly string[];
  /** Writes what was kept in memory during the group (counters); called before each commit. */
  flush?(): void;
  /** Drops everything that was kept in memory since the last commit; called after a rollback. */
  forget?(): void;
  /**
   * A bounded piece of the work that time brings without a request, in a group of its own. It is called again within a
   * second of whatever is written, so that it need not look for what only a write can bring.
   * @returns milliseconds until it wants to be called again although nothing was written; 0 when there is more to do now.
   */
  upkeep?(): number;
}

/** What an operation may ask of the engine it runs in. */
export interface EnginePort {
  /**
   * Runs an operation of another store as a part of this one, in its transaction: what it refuses with refuses the whole
   * unit. It must be one that answers at once.
   */
  run(call: StoreCall): unknown;
  /** Engine time in epoch milliseconds, the same for all operations of a group. */
  nowMs(): number;
  /** Milliseconds that pass while a group runs: how long a piece of work has taken. */
  monotonicMs(): number;
  /** Runs the units that wait on the key again, in this group. */
  wake(key: number): void;
  /** The same at a later time. */
  wakeAt(key: number, atMs: number): void;
  /** Whether what was committed lately is still to be written to where it belongs: what nobody waits for is better done later. */
  diskIsBehind(): boolean;
  /** Whether nothing may be ended by its age at the moment, since the clock is in doubt. */
  ageingHeld(): boolean;
  /** Tells a figure to those who watch the server: `queues.quarantined`. */
  report(name: string, value: number): void;
}

/**
 * Thrown by an operation that has learned something, by which it would go another way if its transaction began anew, and
 * whose transaction cannot go on: its group is rolled back and run again. What was learned must be kept in memory.
 */
export class RunAgain extends Error {
  override readonly name = "RunAgain";
}
