import type { EventEmitter } from "node:events";
import type { Clock } from "../kernel/clock.ts";
import { holdProcess } from "../kernel/lifecycle.ts";
import type { Logger } from "../kernel/logger.ts";
import type { Random } from "../kernel/random.ts";
import { SECOND_MS } from "../kernel/units.ts";
import { Changes } from "./changes.ts";
import { Connection } from "./connection.ts";
import { Drain } from "./drain.ts";
import { Lanes } from "./lanes.ts";
import { Events, type EventName, type WorkerEvents } from "./events.ts";
import type { RunningMessage } from "./job.ts";
import { WorkerLoop } from "./loop.ts";
import type { Settings } from "./options.ts";
import { resolveQueues } from "./queues.ts";
import { durationMs, type Duration } from "./rules/duration.ts";
import type { Stage } from "./rules/drain.ts";
import type { Sqs } from "./sqs.ts";
import { loadTracing } from "./tracing.ts";

/** How long a receive must have waited on the server before the queue counts as empty. */
const EMPTY_AFTER_MS = SECOND_MS / 2;

export interface StopReport {
  /** Messages whose handlers had begun and that were given back, or left to come back when their lease ends. */
  readonly released: number;
}

export interface WorkerStats {
  readonly stage: Stage;
  readonly isReachable: boolean;
  readonly slots: number;
  readonly running: readonly RunningMessage[];
  /** Messages whose handler has ended and whose delete or return is not yet acknowledged. */
  readonly settling: number;
  readonly receivesInFlight: number;
  /** How often each event was told since the start. */
  readonly counts: Readonly<Record<EventName, number>>;
}

/** What is injected. */
export interface WorkerParts {
  readonly sqs: Sqs;
  readonly clock: Clock;
  readonly random: Random;
  readonly log: Logger;
}

/** A running consumer of one queue, or of several that share its slots. */
export class Worker implements AsyncDisposable {
  readonly #parts: WorkerParts;
  readonly #events: Events;
  readonly #connection: Connection;
  readonly #changes = new Changes();
  readonly #starting = new AbortController();
  readonly #drain: Drain;
  readonly #graceMs: number;
  readonly #concurrency: number;
  readonly #releaseProcess = holdProcess();
  /** One for each queue, once their URLs are known. */
  #loops: readonly WorkerLoop[] = [];
  readonly #stopped = Promise.withResolvers<StopReport>();
  #isStopping = false;

  /** Starts at once; use `consume`. @param queue URL or name. */
  constructor(queue: string, settings: Settings, parts: WorkerParts) {
    const { clock, log } = parts;
    this.#parts = parts;
    this.#graceMs = settings.graceMs;
    this.#concurrency = settings.concurrency;
    this.#events = new Events(log);
    this.#connection = new Connection({ clock, log, queue });
    this.#drain = new Drain({ clock, log, worker: this.#drainable() });
    void this.#start(queue, settings);
  }

  /** Calls the listener for every event of that name; see `WorkerEvents`. */
  on<Name extends EventName>(name: Name, listener: (...event: WorkerEvents[Name]) => void): this {
    (this.#events.emitter as EventEmitter).on(name, listener as (...event: unknown[]) => void);
    return this;
  }

  off<Name extends EventName>(name: Name, listener: (...event: WorkerEvents[Name]) => void): this {
    (this.#events.emitter as EventEmitter).off(name, listener as (...event: unknown[]) => void);
    return this;
  }

  /**
   * Resolves when no message is held and the queue has nothing to give: a receive came back empty, or one has waited half
   * a second in vain. Messages that are delayed, or in flight elsewhere, are not seen. For tests and one-off runs.
   */
  async idle(): Promise<void> {
    const { clock } = this.#parts;
    const emptyAtStart = new Map(this.#loops.map(({ polls }) => [polls, polls.emptyAnswers]));
    const isEmpty = ({ polls }: WorkerLoop) => {
      const { emptyAnswers, oldestMs } = polls;
      const isWaiting = this.#connection.isUp && oldestMs !== undefined && clock.monotonicMs() - oldestMs >= EMPTY_AFTER_MS;
      return emptyAnswers > (emptyAtStart.get(polls) ?? 0) || isWaiting;
    };
    const isIdle = () => {
      if (this.#drain.stage === "stopped") return true;
      return this.#loops.length > 0 && this.#sum(({ held }) => held) === 0 && this.#loops.every(isEmpty);
    };
    let isOver = false;
    const look = () => {
      this.#changes.notify();
      if (!isOver) clock.after(EMPTY_AFTER_MS / 2, look);
    };
    look();
    await this.#changes.until(isIdle);
    isOver = true;
  }

  stats(): WorkerStats {
    const counts = {} as Record<EventName, number>;
    for (const name of this.#events.names) counts[name] = this.#events.count(name);
    return {
      stage: this.#drain.stage,
      isReachable: this.#connection.isUp,
      slots: this.#concurrency,
      running: this.#loops.flatMap((loop) => loop.running()),
      settling: this.#sum((loop) => loop.load().settling),
      receivesInFlight: this.#sum(({ polls }) => polls.count),
      counts,
    };
  }

  /**
   * Aborts the handler that runs on this message with `Cancelled`; unless it resolves nevertheless, the message is a dead letter.
   * @returns false where this worker does not run it now.
   */
  cancel(messageId: string, reason: string = "cancelled"): boolean {
    return this.#loops.some((loop) => loop.cancel(messageId, reason));
  }

  /**
   * Receives no more, lets running handlers finish for the grace, then aborts them, then gives their messages back.
   * Resolves when that is over; every call gets the same answer. @param options `grace` instead of the worker's own.
   */
  async stop(options: { readonly grace?: Duration } = {}): Promise<StopReport> {
    const graceMs = options.grace === undefined ? this.#graceMs : durationMs(options.grace, "grace");
    if (!this.#isStopping) void this.#stop(graceMs);
    return await this.stopped;
  }

  /** Resolves when the worker has stopped, whoever asked for it. */
  get stopped(): Promise<StopReport> {
    return this.#stopped.promise;
  }

  /** Moves a stop that is under way on to its next stage. */
  hurry(): void {
    if (this.#isStopping && this.#drain.stage !== "stopped") this.#drain.advance();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.stop();
  }

  async #stop(graceMs: number): Promise<void> {
    this.#isStopping = true;
    this.#starting.abort();
    await this.#drain.run(graceMs);
    this.#each((loop) => loop.close());
    this.#releaseProcess();
    this.#changes.notify();
    const released = this.#sum(({ unfinished }) => unfinished);
    this.#parts.log.info("stopped", { released, succeeded: this.#events.count("succeeded") });
    this.#stopped.resolve({ released });
  }

  async #start(queue: string, settings: Settings): Promise<void> {
    const { signal } = this.#starting;
    const resolved = await resolveQueues({ ...this.#parts, connection: this.#connection, signal }, { queue, settings });
    const tracing = await loadTracing();
    if (resolved === undefined || signal.aborted) return;
    const { log, clock } = this.#parts;
    const { concurrency } = settings;
    const lanes = resolved.length === 1 ? undefined : new Lanes({ concurrency, clock });
    this.#loops = resolved.map((queues) => {
      const { queueUrl, deadLetterUrl = "none", weight } = queues;
      const lane = lanes?.add(weight);
      log.info("consuming", { queueUrl, slots: concurrency, deadLetterUrl, ...(lane === undefined ? {} : { weight }) });
      const shared = { events: this.#events, connection: this.#connection, tracing, changed: () => this.#changes.notify() };
      return new WorkerLoop({ ...this.#parts, ...shared, settings, queues, lane });
    });
    for (const { polls } of this.#loops) polls.wake();
  }

  #each(act: (loop: WorkerLoop) => void): void {
    for (const loop of this.#loops) act(loop);
  }

  #sum(of: (loop: WorkerLoop) => number): number {
    return this.#loops.reduce((sum, loop) => sum + of(loop), 0);
  }

  #drainable() {
    return {
      quiet: (graceMs: number) => this.#each((loop) => loop.quiet(graceMs)),
      abort: () => this.#each((loop) => loop.abort()),
      release: () => this.#each((loop) => loop.release()),
      settled: async () => await this.#changes.until(() => this.#sum(({ held, polls }) => held + polls.count) === 0),
    };
  }
}
