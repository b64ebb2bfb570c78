import type { Clock, Timer } from "../kernel/clock.ts";
import type { Random } from "../kernel/random.ts";
import { SECOND_MS } from "../kernel/units.ts";
import type { Connection } from "./connection.ts";
import type { Lane } from "./lanes.ts";
import { withDeadline } from "./pause.ts";
import { onceATurn } from "./once-a-turn.ts";
import { Pulse } from "./pulse.ts";
import { pauseMs } from "./rules/backoff.ts";
import { receiveCancelMs } from "./rules/drain.ts";
import { failureOf } from "./rules/failure.ts";
import { nextReceive, pollsAllowedAfter, RECEIVE_WAIT_MS_MAX, type SlotState } from "./rules/slots.ts";
import type { ReceivedMessage, Sqs } from "./sqs.ts";

/** What a receive may take beyond its wait before its connection is given up. */
const ANSWER_MS = 10 * SECOND_MS;

/** An empty answer that comes sooner than this was not waited for; asking again at once would be a hot loop. */
const EMPTY_MS_MIN = SECOND_MS;

const RETRY = { baseMs: 100, capMs: 5 * SECOND_MS };

export interface PollsOptions {
  readonly sqs: Sqs;
  readonly clock: Clock;
  readonly random: Random;
  readonly connection: Connection;
  readonly queueUrl: string;
  readonly leaseMs: number;
  readonly concurrency: number;
  /** Where several queues share the slots: asked instead which of them receives next. */
  readonly lane: Lane | undefined;
  /** Messages that have a slot, and messages that are being settled. */
  readonly load: () => { readonly taken: number; readonly settling: number };
  /** @param receivedMs the earliest moment when they can have arrived, in monotonic milliseconds. */
  readonly deliver: (messages: readonly ReceivedMessage[], receivedMs: number) => void;
  /** Called whenever a receive has ended. */
  readonly changed: () => void;
}

interface Poll {
  readonly asked: number;
  readonly waitMs: number;
  readonly startedMs: number;
  readonly controller: AbortController;
}

/** Keeps as many receives in flight as there are free slots to fill, and keeps trying while the server is away. */
export class Polls {
  readonly #options: PollsOptions;
  readonly #inFlight = new Set<Poll>();
  readonly #pulse: Pulse;
  #allowed = 1;
  #failures = 0;
  #pause: Timer | undefined;
  #isStopped = false;
  /** How many receives have come back empty. */
  emptyAnswers = 0;
  /**
   * Sends what receives the free slots call for. To be called whenever a slot becomes free. Those that become free in one turn of the event loop,
   * by answers that have come together, go with one receive.
   */
  readonly wake = onceATurn(() => this.#wake());

  constructor(options: PollsOptions) {
    this.#options = options;
    this.#pulse = new Pulse(options.clock, options.leaseMs / 12);
    if (options.lane !== undefined) options.lane.polls = this;
  }

  get count(): number {
    return this.#inFlight.size;
  }

  /** Monotonic milliseconds when the longest-waiting receive was sent. */
  get oldestMs(): number | undefined {
    for (const poll of this.#inFlight) return poll.startedMs;
    return undefined;
  }

  /** What decides over the next receive, of this queue alone. */
  get state(): Omit<SlotState, "concurrency"> & { readonly isPaused: boolean } {
    const isPaused = this.#isStopped || this.#pause !== undefined;
    return { ...this.#options.load(), polls: this.#inFlight.size, asked: this.#asked, pollsAllowed: this.#allowed, isPaused };
  }

  #wake(): void {
    if (this.#options.lane !== undefined) return this.#options.lane.wake();
    for (let asked = this.#next(); asked > 0; asked = this.#next()) this.receive(asked, RECEIVE_WAIT_MS_MAX);
  }

  /** Sends a receive for so many messages, which waits so long where there are none. */
  receive(asked: number, waitMs: number): void {
    void this.#poll(asked, waitMs);
  }

  /** No more receives; those in flight are given up as soon as that strands nothing; see `receiveCancelMs`. */
  stop(graceMs: number): void {
    this.#isStopped = true;
    this.#pause?.cancel();
    if (this.#inFlight.size === 0) this.#pulse.stop();
    const { clock, queueUrl } = this.#options;
    const nowMs = clock.monotonicMs();
    for (const poll of this.#inFlight) {
      const ageMs = nowMs - poll.startedMs;
      const delayMs = receiveCancelMs({ ageMs, remainingMs: poll.waitMs - ageMs }, graceMs, queueUrl);
      if (delayMs === 0) poll.controller.abort();
      else if (delayMs !== undefined) clock.after(delayMs, () => poll.controller.abort());
    }
  }

  cancel(): void {
    for (const poll of this.#inFlight) poll.controller.abort();
  }

  #next(): number {
    const { isPaused, ...state } = this.state;
    return isPaused ? 0 : nextReceive({ ...state, concurrency: this.#options.concurrency });
  }

  get #asked(): number {
    let asked = 0;
    for (const poll of this.#inFlight) asked += poll.asked;
    return asked;
  }

  async #poll(asked: number, waitMs: number): Promise<void> {
    const { clock, connection, deliver, changed } = this.#options;
    const poll: Poll = { asked, waitMs, startedMs: clock.monotonicMs(), controller: new AbortController() };
    this.#inFlight.add(poll);
    let messages: readonly ReceivedMessage[] = [];
    try {
      messages = await this.#receive(poll);
      connection.up();
      this.#answered(poll, messages.length);
    } catch (error) {
      // A receive that was given up on purpose says nothing of the server.
      if (!poll.controller.signal.aborted) this.#failed(error);
    }
    this.#inFlight.delete(poll);
    // An answer that lay here while this process stood still is as old as that: its lease may be over.
    if (messages.length > 0) deliver(messages, Math.max(poll.startedMs, this.#pulse.arrivedMs()));
    if (this.#isStopped && this.#inFlight.size === 0) this.#pulse.stop();
    changed();
    this.#wake();
  }

  async #receive(poll: Poll): Promise<readonly ReceivedMessage[]> {
    const { sqs, clock, queueUrl, leaseMs } = this.#options;
    const deadline = { clock, timeoutMs: poll.waitMs + ANSWER_MS, signal: poll.controller.signal };
    return await withDeadline(deadline, async (signal) => {
      const seconds = { waitSeconds: poll.waitMs / SECOND_MS, leaseSeconds: leaseMs / SECOND_MS };
      return await sqs.receive({ queueUrl, count: poll.asked, ...seconds, signal });
    });
  }

  #answered(poll: Poll, received: number): void {
    const { clock, concurrency, lane } = this.#options;
    this.#failures = 0;
    lane?.answered(received);
    this.#allowed = pollsAllowedAfter(this.#allowed, { asked: poll.asked, received, concurrency });
    if (received > 0) return;
    this.emptyAnswers += 1;
    const tookMs = clock.monotonicMs() - poll.startedMs;
    const waitMs = Math.min(poll.waitMs, EMPTY_MS_MIN);
    if (tookMs < waitMs) this.#pauseFor(waitMs - tookMs);
  }

  #failed(error: unknown): void {
    const { connection, random } = this.#options;
    connection.down(failureOf(error));
    this.#allowed = 1;
    // Several receives fail when one server dies; that is one failure.
    if (this.#pause !== undefined) return;
    this.#failures += 1;
    this.#pauseFor(pauseMs(this.#failures, RETRY, random.fraction()));
  }

  #pauseFor(delayMs: number): void {
    if (this.#isStopped || this.#pause !== undefined) return;
    this.#pause = this.#options.clock.after(delayMs, () => {
      this.#pause = undefined;
      this.wake();
    });
  }
}
