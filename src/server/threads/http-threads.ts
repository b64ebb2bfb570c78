import { Worker, type MessagePort } from "node:worker_threads";
import { systemClock } from "../../kernel/clock.ts";
import { eventLoopUtilization } from "../../kernel/event-loop.ts";
import type { Logger } from "../../kernel/logger.ts";
import { receivedError, type SentError } from "../../kernel/sent-error.ts";
import type { Handler } from "../http.ts";
import type { MeterFigures } from "../meter.ts";
import { Calls } from "./calls.ts";
import { Growth } from "./growth.ts";
import type { Beginning, OnFirst, OnThread } from "./messages.ts";
import { Relayed } from "./relay.ts";

/** One of the threads that answer requests has ended by itself. The others are never left alone with the port. */
export class ThreadFailed extends Error {
  override readonly name = "ThreadFailed";
}

/** What the threads are given by the first one once it serves. */
export interface ThreadsOptions {
  /** For each thread the same, but for its number and its way to the storage. */
  readonly beginning: Omit<Beginning, "storage">;
  readonly connectStorage: () => MessagePort;
  /** Answers what the threads hand over. */
  readonly handle: Handler;
  readonly logger: Logger;
  readonly report: (name: string, value: number, thread: number) => void;
  /** Something waits to be sent to an HTTP endpoint of a topic. */
  readonly wakeDeliveries: () => void;
  /** Has the first thread's connections come again, so that a thread that was added gets its part. */
  readonly shed: () => void;
}

export interface FailureListeners {
  /** The disk has failed under objects' bytes. */
  readonly onFatal: (reason: Error) => void;
  /** A thread that had begun has ended. Called once. */
  readonly onFailed: (reason: ThreadFailed) => void;
}

/**
 * The HTTP threads beyond the first, as the first sees them. Those that are there from the beginning load their modules
 * while the first opens the storage; they serve once they are told to `begin`.
 */
export class HttpThreads {
  /** At the most, the first one included. */
  readonly count: number;
  readonly #listeners: FailureListeners;
  readonly #threads: Thread[] = [];
  #growth: Growth | undefined;
  #failed = false;

  /**
   * @param count of threads, the first one included.
   * @param options `onDemand`: they are started when there is work for them.
   */
  constructor(count: number, { onDemand, ...listeners }: FailureListeners & { readonly onDemand: boolean }) {
    this.count = count;
    const onFailed = (reason: ThreadFailed) => {
      if (this.#failed) return;
      this.#failed = true;
      listeners.onFailed(reason);
    };
    this.#listeners = { ...listeners, onFailed };
    if (!onDemand) for (let thread = 1; thread < count; thread += 1) this.#start();
  }

  /** How many serve, the first one included. */
  get serving(): number {
    return this.#serving().length + 1;
  }

  /** Resolves when all of them listen that were started. @throws {ThreadFailed} @throws the error of `listen`. */
  async begin(options: ThreadsOptions): Promise<void> {
    await Promise.all(this.#threads.map((thread) => thread.begin(options)));
    const max = this.count - 1 - this.#threads.length;
    const clock = systemClock();
    this.#growth = new Growth({ clock, max, utilization: eventLoopUtilization(), add: () => this.#add(options) });
  }

  #start(): Thread {
    const thread = new Thread({ thread: this.#threads.length + 1, threads: this.count }, this.#listeners);
    this.#threads.push(thread);
    return thread;
  }

  /** Whoever serves goes on doing so if it fails: nothing has come to that thread yet. */
  async #add(options: ThreadsOptions): Promise<void> {
    const thread = this.#start();
    try {
      await thread.begin(options);
      options.shed();
      for (const { calls } of this.#serving()) calls.tell("shed", null);
    } catch (error) {
      this.#growth?.stop();
      await thread.end();
      options.logger.warn("no further HTTP thread", { serving: this.serving, reason: String(error) });
    }
  }

  async heldOf(blobs: readonly string[]): Promise<readonly string[]> {
    return (await Promise.all(this.#serving().map(({ calls }) => calls.ask("heldOf", blobs)))).flat();
  }

  figures(): Promise<MeterFigures[]> {
    return Promise.all(this.#serving().map(({ calls }) => calls.ask("figures", null)));
  }

  /** When it resolves none takes a new connection, and what they were asked before is with the storage. */
  async quiet(): Promise<void> {
    this.#growth?.stop();
    await Promise.allSettled(this.#serving().map(({ calls }) => calls.ask("quiet", null)));
  }

  /** To be called when the storage has stopped: the last answers are sent, and the threads end. */
  async close(): Promise<void> {
    await Promise.allSettled(this.#serving().map(({ calls }) => calls.ask("close", null)));
    await this.end();
  }

  /** At once, whatever they are at. */
  async end(): Promise<void> {
    this.#growth?.stop();
    await Promise.all(this.#threads.map((thread) => thread.end()));
  }

  /** Before they begin, and when they have ended, they have nothing. */
  #serving(): Thread[] {
    return this.#threads.filter(({ serves }) => serves);
  }
}

/** Which of how many threads it is, from 0. */
interface Part {
  readonly thread: number;
  readonly threads: number;
}

class Thread implements OnFirst {
  readonly calls: Calls<OnFirst, OnThread>;
  readonly #part: Part;
  readonly #worker: Worker;
  readonly #listeners: FailureListeners;
  #relayed: Relayed | undefined;
  #options: ThreadsOptions | undefined;
  #begun = false;
  #ended = false;

  constructor(part: Part, listeners: FailureListeners) {
    this.#part = part;
    this.#listeners = listeners;
    const entry = new URL(import.meta.url.endsWith(".ts") ? "./http-thread.ts" : "./http-thread.js", import.meta.url);
    this.#worker = new Worker(entry, { name: `millrace-http-${part.thread + 1}` });
    this.calls = new Calls<OnFirst, OnThread>(this.#worker, this);
    this.#worker.once("error", (error: unknown) => this.#gone(error instanceof Error ? error.message : String(error)));
    this.#worker.once("exit", (code) => this.#gone(`it ended with exit code ${code}`));
  }

  get serves(): boolean {
    return this.#begun && !this.#ended;
  }

  async begin(options: ThreadsOptions): Promise<void> {
    this.#options = options;
    this.#relayed = new Relayed(options.handle, this.calls);
    const storage = options.connectStorage();
    await this.calls.ask("begin", { ...options.beginning, storage }, [storage]);
    this.#begun = true;
  }

  async end(): Promise<void> {
    this.#ended = true;
    await this.#worker.terminate();
  }

  async relay(args: Parameters<OnFirst["relay"]>[0]): ReturnType<OnFirst["relay"]> {
    if (this.#relayed === undefined) throw new Error("a thread hands over requests once it has begun");
    return this.#relayed.relay(args);
  }

  async relayNext({ relay }: { relay: number }): Promise<Uint8Array | undefined> {
    return this.#relayed?.next(relay);
  }

  relayGone({ relay }: { relay: number }): void {
    void this.#relayed?.gone(relay);
  }

  log({ level, event, fields }: Parameters<OnFirst["log"]>[0]): void {
    this.#options?.logger[level](event, fields);
  }

  report({ name, value }: { name: string; value: number }): void {
    this.#options?.report(name, value, this.#part.thread);
  }

  wakeDeliveries(): void {
    this.#options?.wakeDeliveries();
  }

  fatal(reason: SentError): void {
    this.#listeners.onFatal(receivedError(reason));
  }

  #gone(because: string): void {
    if (this.#ended) return;
    this.#ended = true;
    const { thread, threads } = this.#part;
    const reason = new ThreadFailed(`HTTP thread ${thread + 1} of ${threads} has failed: ${because}`);
    this.calls.fail(reason);
    if (this.#begun) this.#listeners.onFailed(reason);
  }
}
