import { Worker } from "node:worker_threads";
import type { Clock, Timer } from "../../kernel/clock.ts";
import type { Database } from "./database.ts";

/** Frames of the log, of one page each, that are worth a checkpoint: 16 MiB. */
const FRAMES_WORTH_IT = 2048;

/** Groups between two looks at the log; a look costs a few microseconds. */
const GROUPS_BETWEEN_LOOKS = 32;

/** An idle log is folded into the database after this time, so that a restart has little to recover. */
const IDLE_MS = 1000;

/**
 * Moves committed pages from the write-ahead log into the database, off the committing thread: the bulk by a connection
 * on a thread of its own, the small rest by the writer, after which the log starts again from its beginning. A
 * checkpoint on the committing thread held sends up for 20 ms and more (two cores, November 2026).
 */
export class Checkpointer {
  readonly #database: Database;
  readonly #clock: Clock;
  readonly #file: string;
  readonly #onFailure: (reason: unknown) => void;
  /** Started by the first checkpoint: a server that only starts does not wait for it. */
  #worker: Worker | undefined;
  #busy = false;
  #groups = 0;
  #idle: Timer | undefined;
  #ended: (() => void) | undefined;

  /** @param onFailure an I/O error of the checkpoint thread. */
  constructor(file: string, options: { database: Database; clock: Clock; onFailure: (reason: unknown) => void }) {
    this.#database = options.database;
    this.#clock = options.clock;
    this.#file = file;
    this.#onFailure = options.onFailure;
  }

  /** To be told after each commit. */
  committed(): void {
    this.#groups += 1;
    if (this.#groups % GROUPS_BETWEEN_LOOKS === 0) this.#look(FRAMES_WORTH_IT);
    this.#idle ??= this.#clock.after(IDLE_MS, () => {
      this.#idle = undefined;
      this.#look(1);
    });
  }

  async stop(): Promise<void> {
    this.#idle?.cancel();
    const worker = this.#worker;
    if (worker === undefined) return;
    worker.ref(); // Its end is waited for, also where nothing else keeps the process alive.
    await new Promise<void>((resolve) => {
      this.#ended = resolve;
      worker.postMessage("stop");
    });
  }

  #look(framesMin: number): void {
    if (this.#busy || this.#framesLeft("NOOP") < framesMin) return;
    this.#busy = true;
    this.#worker ??= this.#startWorker();
    this.#worker.postMessage("checkpoint");
  }

  #startWorker(): Worker {
    const entry = new URL(import.meta.url.endsWith(".ts") ? "./checkpoint-thread.ts" : "./checkpoint-thread.js", import.meta.url);
    const worker = new Worker(entry, { workerData: { file: this.#file } });
    worker.unref();
    worker.on("message", () => this.#bulkDone());
    worker.on("error", this.#onFailure);
    worker.on("exit", () => this.#ended?.());
    return worker;
  }

  #bulkDone(): void {
    this.#busy = false;
    const left = this.#framesLeft("NOOP");
    if (left > FRAMES_WORTH_IT) this.#look(FRAMES_WORTH_IT);
    else if (left > 0) this.#framesLeft("PASSIVE");
  }

  #framesLeft(mode: "NOOP" | "PASSIVE"): number {
    const result = this.#checkpoint(mode);
    return result.log - result.checkpointed;
  }

  readonly #statements = new Map<string, ReturnType<Database["prepare"]>>();

  #checkpoint(mode: string): { log: number; checkpointed: number } {
    let statement = this.#statements.get(mode);
    if (statement === undefined) this.#statements.set(mode, (statement = this.#database.prepare(`PRAGMA wal_checkpoint(${mode})`)));
    return statement.get() as { log: number; checkpointed: number };
  }
}
