import type { EventEmitter } from "node:events";
import type { Clock } from "../kernel/clock.ts";
import { holdProcess } from "../kernel/lifecycle.ts";
import type { Logger } from "../kernel/logger.ts";
import type { Random } from "../kernel/random.ts";
import { SECOND_MS } from "../kernel/units.ts";
import { Changes } from "./changes.ts";
import { Connection } from "./connection.ts";
import { Drain } from "./drain.ts";
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

/** A running consumer of one queue. */
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
  #loop: WorkerLoop | undefined;
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
    const emptyAtStart = this.#loop?.polls.emptyAnswers ?? 0;
    const { clock } = this.#parts;
    const isIdle = () => {
      if (this.#drain.stage === "stopped") return true;
      if (this.#loop === undefined || this.#loop.held > 0) return false;
      const { emptyAnswers, oldestMs } = this.#loop.polls;
      const isWaiting = this.#connection.isUp && oldestMs !== undefined && clock.monotonicMs() - oldestMs >= EMPTY_AFTER_MS;
      return emptyAnswers > emptyAtStart || isWaiting;
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
      running: this.#loop?.running() ?? [],
      settling: this.#loop?.load().settling ?? 0,
      receivesInFlight: this.#loop?.polls.count ?? 0,
      counts,
    };
  }

  /**
   * Aborts the handler that runs on this message with `Cancelled`; unless it resolves nevertheless, the message is a dead letter.
   * @returns false where this worker does not run it now.
   */
  cancel(messageId: string, reason: string = "cancelled"): boolean {
    return this.#loop?.cancel(messageId, reason) ?? false;
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
    this.#loop?.close();
    this.#releaseProcess();
    this.#changes.notify();
    const released = this.#loop?.unfinished ?? 0;
    this.#parts.log.info("stopped", { released, succeeded: this.#events.count("succeeded") });
    this.#stopped.resolve({ released });
  }

  async #start(queue: string, settings: Settings): Promise<void> {
    const { signal } = this.#starting;
    const resolved = await resolveQueues({ ...this.#parts, connection: this.#connection, signal }, { queue, settings });
    const tracing = await loadTracing();
    if (resolved === undefined || signal.aborted) return;
    const { log } = this.#parts;
    log.info("consuming", { queueUrl: resolved.queueUrl, slots: settings.concurrency, deadLetterUrl: resolved.deadLetterUrl ?? "none" });
    this.#loop = new WorkerLoop({
      ...this.#parts,
      settings,
      queues: resolved,
      events: this.#events,
      connection: this.#connection,
      tracing,
      changed: () => this.#changes.notify(),
    });
    this.#loop.polls.wake();
  }

  #drainable() {
    return {
      quiet: (graceMs: number) => this.#loop?.quiet(graceMs),
      abort: () => this.#loop?.abort(),
      release: () => this.#loop?.release(),
      settled: async () =>
        await this.#changes.until(() => this.#loop === undefined || (this.#loop.held === 0 && this.#loop.polls.count === 0)),
    };
  }
}
