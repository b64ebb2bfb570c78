import type { Clock } from "../kernel/clock.ts";
import type { Logger } from "../kernel/logger.ts";
import type { Random } from "../kernel/random.ts";
import { BatchedCalls } from "./calls.ts";
import type { Connection } from "./connection.ts";
import type { Events } from "./events.ts";
import type { Job, RunningMessage } from "./job.ts";
import type { Lane } from "./lanes.ts";
import { Leases } from "./lease.ts";
import type { Settings } from "./options.ts";
import { Outputs } from "./outputs.ts";
import { Polls } from "./poll.ts";
import type { QueueUrls } from "./queues.ts";
import { chainsOf } from "./rules/fifo.ts";
import { BATCH_BYTES_MAX, isFifo, lineageOf } from "./rules/outgoing.ts";
import { isExhausted, type Outcome } from "./rules/settle.ts";
import { Run } from "./run.ts";
import { eventOf, Settler, type Ending } from "./settle.ts";
import type { ReceivedMessage, Sqs } from "./sqs.ts";
import type { Tracing } from "./tracing.ts";
import { Cancelled, Stopping, type LeaseLost } from "./verdicts.ts";

export interface WorkerLoopOptions {
  readonly sqs: Sqs;
  readonly clock: Clock;
  readonly random: Random;
  readonly log: Logger;
  readonly settings: Settings;
  readonly queues: QueueUrls;
  readonly events: Events;
  readonly connection: Connection;
  /** Of a worker with several queues, this one's. */
  readonly lane: Lane | undefined;
  readonly tracing: Tracing | undefined;
  /** Called whenever what is held or asked for has changed. */
  readonly changed: () => void;
}

/** Receive, run, publish, delete: the way of every message through its slot. */
export class WorkerLoop {
  readonly polls: Polls;
  readonly #options: WorkerLoopOptions;
  readonly #leases: Leases;
  readonly #settler: Settler;
  readonly #jobs = new Set<Job>();
  /** Ends the retries of deletes and publishes when the worker's time is over. */
  readonly #lastCall = new AbortController();
  /** Slots whose handler has not returned, though its message may be settled. */
  #slotsTaken = 0;
  #isQuiet = false;
  #released = 0;

  constructor(options: WorkerLoopOptions) {
    const { sqs, clock, random, log, settings, queues, connection, lane } = options;
    const { queueUrl, deadLetterUrl } = queues;
    const { leaseMs, concurrency, limits } = settings;
    this.#options = options;
    const calls = new BatchedCalls({ sqs, clock, queueUrl });
    this.#leases = new Leases({ clock, leaseMs, log, extend: async (entry, isHeld) => await calls.changeVisibility(entry, isHeld) });
    const signal = this.#lastCall.signal;
    const shared = { clock, random, log, leaseMs, queueUrl, calls, leases: this.#leases, events: options.events };
    this.#settler = new Settler({ ...shared, deadLetterUrl, limits, signal });
    this.polls = new Polls({
      sqs,
      clock,
      random,
      connection,
      queueUrl,
      leaseMs,
      concurrency,
      lane,
      load: () => this.load(),
      deliver: (messages, receivedMs) => this.#accept(messages, receivedMs),
      changed: options.changed,
    });
  }

  /** How many messages this worker holds, in whatever state. */
  get held(): number {
    return this.#jobs.size;
  }

  /** Messages whose handlers had begun and that were not settled by their outcome. */
  get unfinished(): number {
    let left = 0;
    for (const job of this.#jobs) if (job.state !== "waiting") left += 1;
    return this.#released + left;
  }

  load(): { taken: number; settling: number } {
    let settling = 0;
    for (const job of this.#jobs) if (job.state === "settling") settling += 1;
    return { taken: this.#slotsTaken, settling };
  }

  running(): RunningMessage[] {
    const nowMs = this.#options.clock.monotonicMs();
    return [...this.#jobs]
      .filter((job) => job.state === "running")
      .map((job) => ({
        ...eventOf(job),
        runningMs: Math.round(nowMs - job.startedMs),
        progress: job.progress?.fraction,
        progressText: job.progress?.text,
      }));
  }

  /** @returns whether the message's handler was running here. */
  cancel(messageId: string, reason: string): boolean {
    const job = [...this.#jobs].find(({ message, state }) => message.messageId === messageId && state === "running");
    job?.run?.abort(new Cancelled(reason));
    return job?.run !== undefined;
  }

  quiet(graceMs: number): void {
    this.#isQuiet = true;
    this.polls.stop(graceMs);
  }

  abort(): void {
    this.polls.cancel();
    for (const job of this.#jobs) job.run?.abort(new Stopping("the worker is stopping"));
  }

  release(): void {
    this.#lastCall.abort();
    for (const job of this.#jobs) job.run?.giveUp();
  }

  /** Forgets what is left: its leases end by themselves. */
  close(): void {
    this.#lastCall.abort();
    for (const job of this.#jobs) this.#leases.letGo(job.lease);
  }

  #accept(messages: readonly ReceivedMessage[], receivedMs: number): void {
    const { queueUrl } = this.#options.queues;
    const jobs = messages.map((message) => this.#job(message, receivedMs));
    this.#slotsTaken += jobs.length;
    for (const job of jobs) this.#options.events.tell("received", eventOf(job));
    const byGroup = jobs.map((job) => ({ job, groupId: job.message.groupId }));
    for (const chain of chainsOf(byGroup, isFifo(queueUrl))) void this.#workOn(chain.map(({ job }) => job));
  }

  #job(message: ReceivedMessage, receivedMs: number): Job {
    const { queues, settings, tracing } = this.#options;
    const lineage = lineageOf(message.messageId, message.attributes);
    const bytesMax = settings.around === undefined ? BATCH_BYTES_MAX : Number.POSITIVE_INFINITY;
    const given = { input: message, lineage, stage: queues.stage, targets: queues.outputs };
    const outputs = new Outputs({ ...given, codec: settings.codec, bytesMax, tracing });
    const lease = this.#leases.hold(message.receiptHandle, receivedMs);
    const job: Job = {
      message,
      lineage,
      lease,
      outputs,
      state: "waiting",
      startedMs: 0,
      run: undefined,
      error: undefined,
      progress: undefined,
    };
    this.#jobs.add(job);
    return job;
  }

  /** One after the other. After one that was not done, the later ones of its group go back: they must not overtake it. */
  async #workOn(chain: readonly Job[]): Promise<void> {
    let isBroken = false;
    for (const job of chain) {
      const isDone: boolean = isBroken || this.#isQuiet ? await this.#handBack(job) : await this.#work(job);
      isBroken ||= !isDone;
    }
  }

  async #handBack(job: Job): Promise<boolean> {
    const lost = this.#lossOf(job);
    await this.#settler.end(
      job,
      lost === undefined ? { do: "return", delayMs: 0, as: "released", death: undefined } : { do: "leave", because: lost },
    );
    this.#forget(job);
    this.#freeSlot();
    return false;
  }

  async #work(job: Job): Promise<boolean> {
    // While it waited for an earlier one of its group, it may have been lost.
    if (this.#lossOf(job) !== undefined) return await this.#handBack(job);
    job.state = "running";
    job.startedMs = this.#options.clock.monotonicMs();
    const run = isExhausted(job.message.receiveCount, this.#options.settings.limits) ? undefined : this.#run(job);
    job.run = run;
    const outcome: Outcome = run === undefined ? { is: "exhausted" } : await run.outcome;
    const ending = await this.#settler.publish(job, outcome);
    if (ending.do === "return" && ending.as === "released") this.#released += 1;
    job.state = "settling";
    // The slot is free once the handler has returned; nobody waits for the delete's answer.
    void this.#end(job, ending);
    await run?.returned;
    this.#freeSlot();
    return ending.do === "delete";
  }

  #run(job: Job): Run {
    const { settings, clock, log, events, tracing, queues } = this.#options;
    const onProgress = (fraction: number, text: string | undefined) => {
      job.progress = { fraction, text };
      events.tell("progress", { ...eventOf(job), fraction, text });
    };
    const run = new Run({
      settings,
      clock,
      log,
      message: job.message,
      outputs: job.outputs,
      queueUrl: queues.queueUrl,
      tracing,
      onProgress,
    });
    job.lease.onEnd = (reason) => run.abort(reason);
    return run;
  }

  async #end(job: Job, ending: Ending): Promise<void> {
    const isEnded = await this.#settler.end(job, ending);
    // Nobody took its delete before the worker's time was over: it will run again.
    if (!isEnded && this.#isQuiet) this.#released += 1;
    this.#forget(job);
  }

  #lossOf(job: Job): LeaseLost | undefined {
    return this.#leases.isHeld(job.lease) ? undefined : job.lease.lost;
  }

  #forget(job: Job): void {
    this.#jobs.delete(job);
    this.#options.changed();
    this.polls.wake();
  }

  #freeSlot(): void {
    this.#slotsTaken -= 1;
    this.#options.changed();
    this.polls.wake();
  }
}
