import { assert } from "../kernel/assert.ts";
import type { ManualClock } from "../kernel/clock.ts";
import type { Random } from "../kernel/random.ts";
import type { Worker } from "../worker/index.ts";
import { Network, type CrashPoint, type Faults, type SentMessage } from "./network.ts";

/** One stage's worker, on a network of its own. */
interface StageRun {
  readonly network: Network;
  readonly worker: Worker;
}

export interface StageRunsOptions {
  readonly endpoint: string;
  readonly clock: ManualClock;
  readonly random: Random;
  readonly names: readonly string[];
  /** How many queues a stage works on: its own and its lanes'. */
  readonly queuesOf: (name: string) => number;
  /** Starts a stage's worker, whose AWS clients speak to this endpoint. */
  readonly start: (name: string, endpoint: string) => Worker;
}

/** How far the clock moves where a worker waits for it: as long as deletes wait for each other's company. */
const STEP_MS = 50;

/** A turn of the event loop moves what has arrived one step on; a request takes some dozen from one side to the other. */
const QUIET_TURNS = 40;

/** More than any test means to have; an output that leads back to its own input would otherwise never end. */
const MESSAGES_MAX = 10_000;

/** The workers of all stages, whose messages move only when the test says so. */
export class StageRuns {
  readonly #options: StageRunsOptions;
  readonly #runs = new Map<string, StageRun>();
  /** What workers that have crashed had sent. */
  readonly #sentBefore = new Map<string, SentMessage[]>();
  #faults: Faults = {};

  private constructor(options: StageRunsOptions) {
    this.#options = options;
  }

  static async start(options: StageRunsOptions): Promise<StageRuns> {
    const stages = new StageRuns(options);
    for (const name of options.names) await stages.#start(name);
    return stages;
  }

  /** All that a stage has sent, in order, whichever worker it was. */
  sent(name: string): SentMessage[] {
    return [...(this.#sentBefore.get(name) ?? []), ...this.#run(name).network.sent];
  }

  setFaults(faults: Faults): void {
    this.#faults = faults;
    for (const { network } of this.#runs.values()) network.faults = faults;
  }

  /** Resolves when no message can be received and none is held. @throws where there is no end of messages. */
  async drain(): Promise<void> {
    await this.#drainUntil(() => false);
  }

  async advance(ms: number): Promise<void> {
    for (const { network } of this.#runs.values()) network.answerEmpty();
    await this.#quiet();
    this.#options.clock.advance(ms);
    await this.#quiet();
  }

  /** Works on until the stage's worker is at this point with some message; there it dies, and another takes its place. */
  async crash(name: string, after: CrashPoint): Promise<void> {
    const { network } = this.#run(name);
    let isCrashed = false;
    void network.crashAt(after).then(() => (isCrashed = true));
    await this.#drainUntil(() => isCrashed);
    assert(isCrashed, `stage ${name} had no message that came as far as its ${after}: send one first, and see that its handler resolves`);
    const before = this.sent(name);
    this.#sentBefore.set(name, before);
    await this.#end(name);
    await this.#start(name);
  }

  async stop(): Promise<void> {
    for (const name of this.#options.names) await this.#end(name);
  }

  async #start(name: string): Promise<void> {
    const { endpoint, random, start } = this.#options;
    const network = await Network.start(endpoint, random);
    network.faults = this.#faults;
    this.#runs.set(name, { network, worker: start(name, network.endpoint) });
  }

  /** As a kill would: nothing that it still wants to say arrives. */
  async #end(name: string): Promise<void> {
    const { network, worker } = this.#run(name);
    network.die();
    void worker.stop({ grace: 0 });
    while (worker.stats().stage !== "stopped") {
      worker.hurry();
      await turn();
    }
    this.#runs.delete(name);
  }

  async #drainUntil(isOver: () => boolean): Promise<void> {
    let delivered = 0;
    for (;;) {
      await this.#quiet();
      if (isOver()) return;
      const before = this.#activity;
      let now = 0;
      for (const { network } of this.#runs.values()) now += await network.deliver(this.#options.clock.nowMs());
      delivered += now;
      assert(
        delivered <= MESSAGES_MAX,
        `more than ${MESSAGES_MAX} messages were delivered: does an output lead back to where it came from?`,
      );
      // A receive that does not wait, or no longer, is answered at once; what its worker does then takes no time.
      if (now > 0 || this.#activity !== before) continue;
      await turn();
      if (isOver() || this.#isIdle()) return;
      this.#options.clock.advance(STEP_MS);
    }
  }

  #isIdle(): boolean {
    return [...this.#runs].every(([name, { network, worker }]) => {
      const { running, settling, stage } = worker.stats();
      return stage !== "running" || (running.length === 0 && settling === 0 && network.waitsAt === this.#options.queuesOf(name));
    });
  }

  get #activity(): number {
    return [...this.#runs.values()].reduce((sum, { network }) => sum + network.activity, 0);
  }

  /** Nothing is on its way any more: what still moves waits for the clock, or for something that is not ours. */
  async #quiet(): Promise<void> {
    const seen = () => [...this.#runs.values()].reduce((sum, { network }) => sum + 1000 * network.inFlight, this.#activity);
    for (let turns = 0, before = seen(); turns < QUIET_TURNS; turns += 1) {
      await turn();
      const now = seen();
      const isBusy = [...this.#runs.values()].some(({ network }) => network.inFlight > 0);
      if (now !== before || isBusy) turns = 0;
      before = now;
    }
  }

  #run(name: string): StageRun {
    const run = this.#runs.get(name);
    assert(run !== undefined, `there is no stage ${JSON.stringify(name)}; there are ${this.#options.names.join(", ")}`);
    return run;
  }
}

async function turn(): Promise<void> {
  await new Promise<void>((resolve) => setImmediate(resolve));
}
