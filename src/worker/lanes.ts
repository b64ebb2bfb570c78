import type { Clock } from "../kernel/clock.ts";
import type { Polls } from "./poll.ts";
import { joined, nextLaneReceive } from "./rules/lanes.ts";

/** What a lane's receives are decided by, besides what its `Polls` knows. */
interface LaneLoad {
  readonly polls: Polls;
  readonly load: () => { readonly taken: number; readonly settling: number };
}

/** One queue of several that share slots. */
export class Lane {
  readonly weight: number;
  isEmpty = false;
  emptyMs = 0;
  turn = 0;
  /** Known once its loop is there. */
  own: LaneLoad | undefined;
  readonly #lanes: Lanes;

  constructor(lanes: Lanes, weight: number) {
    this.#lanes = lanes;
    this.weight = weight;
  }

  /** Sends what receives the free slots call for, of whichever lane. */
  wake(): void {
    this.#lanes.wake();
  }

  /** A receive has brought so many messages. */
  answered(received: number): void {
    this.#lanes.answered(this, received);
  }
}

/** The lanes of one worker, whose slots they share; `rules/lanes.ts` decides. */
export class Lanes {
  readonly #lanes: Lane[] = [];
  readonly #concurrency: number;
  readonly #clock: Clock;

  constructor(about: { readonly concurrency: number; readonly clock: Clock }) {
    this.#concurrency = about.concurrency;
    this.#clock = about.clock;
  }

  add(weight: number): Lane {
    const lane = new Lane(this, weight);
    this.#lanes.push(lane);
    return lane;
  }

  wake(): void {
    const open = this.#lanes.flatMap((lane) => (lane.own === undefined ? [] : [{ lane, ...lane.own }]));
    const nowMs = this.#clock.monotonicMs();
    for (;;) {
      const states = open.map(({ lane: { weight, isEmpty, emptyMs, turn }, polls, load }) => ({
        weight,
        isEmpty,
        emptyMs,
        turn,
        ...polls.state,
        ...load(),
      }));
      const next = nextLaneReceive(states, { concurrency: this.#concurrency, nowMs });
      if (next === undefined) return;
      open[next.lane]?.polls.receive(next.count, next.waitMs);
    }
  }

  answered(lane: Lane, received: number): void {
    if (received === 0) {
      lane.isEmpty = true;
      lane.emptyMs = this.#clock.monotonicMs();
      return;
    }
    const others = this.#lanes.filter((other) => other !== lane && !other.isEmpty);
    if (lane.isEmpty)
      lane.turn = joined(
        lane.turn,
        others.map(({ turn }) => turn),
      );
    lane.isEmpty = false;
    lane.turn += received / lane.weight;
  }
}
