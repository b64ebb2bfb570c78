import { Worker } from "node:worker_threads";
import type { Clock, Timer } from "../../kernel/clock.ts";
import { MIB } from "../../kernel/units.ts";
import { Admission } from "./admission.ts";
import type { Database } from "./database.ts";
import { isDiskFull } from "./failures.ts";
import { Figures } from "./figures.ts";
import { PAGE_BYTES } from "./open.ts";

/** A page in the log, with what stands before it. */
const FRAME_BYTES = PAGE_BYTES + 24;

/** How long the log may become, in frames. Readers that keep it from being shortened make it grow; else it stays below the first. */
export interface LogLimits {
  /** Worth a checkpoint by the thread. */
  readonly bulk: number;
  /** The writer folds it itself where the thread does not, and if that is in vain, what stores more is refused: a reader is in the way. */
  readonly mark: number;
  /** The writer does not wait for the thread to get there, but for the thread. */
  readonly high: number;
  /** Everything is refused. One group more fits below 256 MiB. */
  readonly hard: number;
}

const LIMITS: LogLimits = {
  bulk: Math.floor((16 * MIB) / FRAME_BYTES),
  mark: Math.floor((176 * MIB) / FRAME_BYTES),
  high: Math.floor((192 * MIB) / FRAME_BYTES),
  hard: Math.floor((232 * MIB) / FRAME_BYTES),
};

/** An idle log is folded into the database after this time, so that a restart has little to recover. */
const IDLE_MS = 1000;

/** So much more than is worth a checkpoint has come while one is made: whoever can wait is to. */
const BEHIND_BULKS = 2;

/** Between two attempts at a log that something keeps from being folded. */
const RETRY_MS = 500;

/**
 * So many commits pass between two looks at a log that is short, since a look takes as long as a message. Groups are not so
 * large that the log is long before the next.
 */
const PASSED_BY = 3;
/** Of the frames that are worth a checkpoint, so many are a short log. */
const SHORT = 1 / 4;

/** How long the writer waits for the thread in all, and for how long at once. */
const THREAD_MS_MAX = 5000;
const PAUSE_MS = 5;

export interface CheckpointerOptions {
  readonly database: Database;
  readonly clock: Clock;
  /** What is told when the log cannot be shortened; nobody by default. */
  readonly admission?: Admission;
  /** An I/O error, on whichever thread: the engine is to end. */
  readonly onFailure: (reason: unknown) => void;
  readonly limits?: LogLimits;
}

/** The log: its frames, and how many of them are in the database already. When all are, the next write begins it anew. */
interface Log {
  readonly frames: number;
  readonly folded: number;
}

/** What SQLite says of a checkpoint: whether another one was under way, frames of the log, and those in the database. */
type Checkpointed = { readonly busy: number; readonly log: number; readonly checkpointed: number };

/** What the checkpoint thread says when it is done; the error of SQLite, if there was one. */
type Done = { readonly error?: { readonly message: string; readonly errcode: number } };

/**
 * Moves committed pages from the write-ahead log into the database, off the committing thread: the bulk by a connection
 * on a thread of its own, the small rest by the writer, after which the log starts again from its beginning. A
 * checkpoint on the committing thread held sends up for 20 ms and more (two cores, November 2026).
 *
 * A reader elsewhere, such as a forgotten sqlite3 shell, keeps the log from starting again for as long as it reads. Then
 * what stores more is refused before the log is too long.
 */
export class Checkpointer {
  readonly #options: CheckpointerOptions;
  readonly #admission: Admission;
  readonly #file: string;
  readonly #limits: LogLimits;
  readonly #noop;
  readonly #passive;
  /** Started by the first checkpoint: a server that only starts does not wait for it. */
  #worker: Worker | undefined;
  #busy = false;
  /** Frames that were not in the database when the log was last read. */
  #unfolded = 0;
  /** How far the log was folded when the thread was last asked to. */
  #foldedBefore = 0;
  /** Commits until the next look. */
  #passBy = 0;
  #idle: Timer | undefined;
  #retry: Timer | undefined;
  #ended: (() => void) | undefined;

  constructor(file: string, options: CheckpointerOptions) {
    this.#options = options;
    this.#file = file;
    this.#limits = options.limits ?? LIMITS;
    this.#admission = options.admission ?? new Admission(new Figures());
    this.#noop = options.database.prepare<Checkpointed>("PRAGMA wal_checkpoint(NOOP)");
    this.#passive = options.database.prepare<Checkpointed>("PRAGMA wal_checkpoint(PASSIVE)");
  }

  /** To be told after each commit. */
  committed(): void {
    if (this.#passBy > 0) this.#passBy -= 1;
    else this.#guarded(() => this.#look(this.#limits.bulk));
    this.#idle ??= this.#options.clock.after(IDLE_MS, () => {
      this.#idle = undefined;
      this.#guarded(() => this.#look(1));
    });
  }

  /** Whether the thread is at work and far from done. Where it works in vain, since a reader is in the way, it is not at work. */
  isBehind(): boolean {
    return this.#busy && this.#unfolded > this.#limits.bulk * BEHIND_BULKS;
  }

  async stop(): Promise<void> {
    this.#idle?.cancel();
    this.#retry?.cancel();
    const worker = this.#worker;
    if (worker === undefined) return;
    worker.ref(); // Its end is waited for, also where nothing else keeps the process alive.
    await new Promise<void>((resolve) => {
      this.#ended = resolve;
      worker.postMessage("stop");
    });
  }

  #look(framesMin: number): void {
    const log = this.#read();
    const left = log.frames - log.folded;
    this.#limit(log);
    if (this.#retry !== undefined || left < framesMin || left === 0) return;
    if (log.frames >= (this.#busy ? this.#limits.high : this.#limits.mark)) return this.#foldHere();
    if (this.#busy) return;
    this.#busy = true;
    this.#foldedBefore = log.folded;
    this.#worker ??= this.#startWorker();
    this.#worker.postMessage("checkpoint");
  }

  /** Refuses by how long the log is, and takes that back when it is folded: the next write begins it anew. */
  #limit({ frames, folded }: Log): void {
    const admission = this.#admission;
    admission.closed = frames >= this.#limits.hard && folded < frames;
    if (folded === frames && admission.refuses("log")) admission.admit("log");
    if (admission.refuses("log")) this.#tryLater();
  }

  /** On this thread. Where the log is long everybody waits for it, and if it is in vain a reader is in the way. */
  #foldHere(): void {
    for (let waitedMs = 0; this.#passive.get()?.busy === 1 && waitedMs < THREAD_MS_MAX; waitedMs += PAUSE_MS) pause(PAUSE_MS);
    const log = this.#read();
    if (log.frames >= this.#limits.mark && log.folded < log.frames) this.#admission.refuse("log");
    this.#limit(log);
  }

  #tryLater(): void {
    this.#retry ??= this.#options.clock.after(RETRY_MS, () => {
      this.#retry = undefined;
      this.#guarded(() => (this.#busy ? this.#tryLater() : this.#foldHere()));
    });
  }

  #bulkDone({ error }: Done): void {
    this.#busy = false;
    if (error !== undefined && !isDiskFull(error)) return this.#options.onFailure(Object.assign(new Error(error.message), error));
    this.#guarded(() => {
      const log = this.#read();
      const left = log.frames - log.folded;
      const inVain = log.folded <= this.#foldedBefore || error !== undefined;
      if (left > this.#limits.bulk && inVain) this.#tryLater();
      else if (left > this.#limits.bulk) this.#look(this.#limits.bulk);
      else if (left > 0) this.#foldHere();
    });
  }

  #startWorker(): Worker {
    const entry = new URL(import.meta.url.endsWith(".ts") ? "./checkpoint-thread.ts" : "./checkpoint-thread.js", import.meta.url);
    const worker = new Worker(entry, { workerData: { file: this.#file } });
    worker.unref();
    worker.on("message", (done: Done) => this.#bulkDone(done));
    worker.on("error", (reason: unknown) => this.#options.onFailure(reason));
    worker.on("exit", () => this.#ended?.());
    return worker;
  }

  /** A full disk leaves pages in the log, where they are safe; after any other error nothing is. */
  #guarded(work: () => void): void {
    try {
      work();
    } catch (error) {
      if (isDiskFull(error)) this.#tryLater();
      else this.#options.onFailure(error);
    }
  }

  #read(): Log {
    const { log, checkpointed } = this.#noop.get() ?? { log: 0, checkpointed: 0 };
    this.#unfolded = log - checkpointed;
    this.#passBy = log < this.#limits.bulk * SHORT ? PASSED_BY : 0;
    return { frames: log, folded: checkpointed };
  }
}

/** Blocks this thread, as the checkpoint itself would. */
function pause(ms: number): void {
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, ms);
}
