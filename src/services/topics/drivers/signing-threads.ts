import { availableParallelism } from "node:os";
import { Worker } from "node:worker_threads";
import { assert } from "../../../kernel/assert.ts";

/** What a thread is sent: a digest by its name, and the text. */
export type ToSign = readonly [digest: string, text: string];

/** Signed in a row and answered together: about 10 ms of work. */
const BATCH_MAX = 32;
/** On their way to a thread: one that it works on and one that waits for it, so that it never waits for us. */
const BATCHES_MAX = 2;
const THREADS_MAX = 4;

interface Asker {
  readonly asked: ToSign;
  readonly resolve: (signature: string) => void;
  readonly reject: (reason: unknown) => void;
}

interface Thread {
  readonly worker: Worker;
  /** In the order in which they will be answered. */
  readonly batches: (readonly Asker[])[];
}

/**
 * Threads that do nothing but sign. RSA takes more of a processor than all else that a publish costs, so it is not done where
 * requests are served. Nor in Node's pool: its sixteen threads would take the processor from the one that serves, and would
 * answer one signature at a time, so that each publish would be a group of its own for the storage engine, with an fsync of
 * its own. What is signed in a row is answered together here, and commits together.
 */
export class SigningThreads {
  readonly #key: string;
  readonly #threadsMax: number;
  readonly #threads = new Set<Thread>();
  readonly #waiting: Asker[] = [];
  #closed = false;

  /** @param key in PEM. @param processors one of them is left to those who ask. */
  constructor(key: string, processors: number = availableParallelism()) {
    this.#key = key;
    this.#threadsMax = Math.min(THREADS_MAX, Math.max(1, processors - 1));
  }

  /** @returns the signature in base64. */
  sign(digest: string, text: string): Promise<string> {
    return new Promise((resolve, reject) => {
      // A turn of the event loop reads many sockets; what they all ask for crosses together.
      if (this.#waiting.push({ asked: [digest, text], resolve, reject }) === 1) setImmediate(() => this.#hand());
    });
  }

  /** Whoever waits is still answered; threads with nothing to do end. */
  close(): void {
    this.#closed = true;
    for (const thread of this.#threads) this.#endIdle(thread);
  }

  #hand(): void {
    while (this.#waiting.length > 0) {
      const thread = this.#freeOrRefused();
      if (thread === undefined) return; // The first that answers takes what waits.
      const batch = this.#waiting.splice(0, BATCH_MAX);
      if (thread.batches.push(batch) === 1) thread.worker.ref();
      thread.worker.postMessage(batch.map(({ asked }) => asked));
    }
  }

  /** Where the system gives no thread, whoever waits is told so: there may be none that would ever answer. */
  #freeOrRefused(): Thread | undefined {
    try {
      return this.#free();
    } catch (reason) {
      for (const { reject } of this.#waiting.splice(0)) reject(reason);
      return undefined;
    }
  }

  /** One with nothing to do, a new one, or one with the next batch still to come. */
  #free(): Thread | undefined {
    const [least] = [...this.#threads].sort((one, other) => one.batches.length - other.batches.length);
    if (least === undefined || (least.batches.length > 0 && this.#threads.size < this.#threadsMax)) return this.#start();
    return least.batches.length < BATCHES_MAX ? least : undefined;
  }

  #start(): Thread {
    const entry = new URL(import.meta.url.endsWith(".ts") ? "./signing-thread.ts" : "./signing-thread.js", import.meta.url);
    const thread: Thread = { worker: new Worker(entry, { workerData: this.#key }), batches: [] };
    this.#threads.add(thread);
    thread.worker.unref(); // It keeps nobody alive but while somebody waits for it.
    thread.worker.on("message", (signatures: readonly string[]) => this.#signed(thread, signatures));
    thread.worker.on("error", (reason) => this.#ended(thread, reason));
    thread.worker.on("exit", () => this.#ended(thread, new Error("the thread that signs has ended")));
    return thread;
  }

  #signed(thread: Thread, signatures: readonly string[]): void {
    const batch = thread.batches.shift() ?? [];
    for (const [at, { resolve }] of batch.entries()) {
      const signature = signatures[at];
      assert(signature !== undefined, "a thread answers each text of a batch");
      resolve(signature);
    }
    this.#hand();
    this.#endIdle(thread);
  }

  #endIdle(thread: Thread): void {
    if (thread.batches.length > 0) return;
    thread.worker.unref();
    if (!this.#closed) return;
    this.#threads.delete(thread); // What is asked for later must not wait for one that is ending.
    void thread.worker.terminate();
  }

  /** Another one is started for what is asked next. */
  #ended(thread: Thread, reason: unknown): void {
    this.#threads.delete(thread);
    for (const { reject } of thread.batches.splice(0).flat()) reject(reason);
    this.#hand();
  }
}
