import { assert } from "../kernel/assert.ts";
import type { Clock } from "../kernel/clock.ts";
import type { Polls } from "./poll.ts";
import { joined, nextLaneReceive, type LaneState } from "./rules/lanes.ts";

/** One queue of several that share slots. */
export class Lane {
  readonly #lanes: Lanes;
  readonly #weight: number;
  #emptyMs: number | undefined;
  #pass = 0;
  /** The receives from it, which know their lane and tell it of themselves. */
  polls: Polls | undefined;

  constructor(lanes: Lanes, weight: number) {
    this.#lanes = lanes;
    this.#weight = weight;
  }

  get state(): LaneState {
    assert(this.polls !== undefined, "no lane is received from before all of them are there");
    return { weight: this.#weight, emptyMs: this.#emptyMs, pass: this.#pass, ...this.polls.state };
  }

  /** Sends what receives the free slots call for, of whichever lane. */
  wake(): void {
    this.#lanes.wake();
  }

  /** A receive has brought so many messages. */
  answered(received: number): void {
    if (received === 0) {
      this.#emptyMs = this.#lanes.clock.monotonicMs();
      return;
    }
    if (this.#emptyMs !== undefined) this.#pass = joined(this.#pass, this.#lanes.busyPasses);
    this.#emptyMs = undefined;
    this.#pass += received / this.#weight;
  }
}

/** The lanes of one worker, whose slots they share; `rules/lanes.ts` decides. */
export class Lanes {
  readonly clock: Clock;
  readonly #lanes: Lane[] = [];
  readonly #concurrency: number;

  constructor(about: { readonly concurrency: number; readonly clock: Clock }) {
    this.#concurrency = about.concurrency;
    this.clock = about.clock;
  }

  add(weight: number): Lane {
    const lane = new Lane(this, weight);
    this.#lanes.push(lane);
    return lane;
  }

  /** How far those are that have messages. */
  get busyPasses(): number[] {
    return this.#lanes.flatMap(({ state }) => (state.emptyMs === undefined ? [state.pass] : []));
  }

  wake(): void {
    const about = { concurrency: this.#concurrency, nowMs: this.clock.monotonicMs() };
    for (;;) {
      const states = this.#lanes.map(({ state }) => state);
      const next = nextLaneReceive(states, about);
      if (next === undefined) return;
      this.#lanes[next.lane]?.polls?.receive(next.count, next.waitMs);
    }
  }
}
