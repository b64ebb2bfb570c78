import type { Clock } from "../kernel/clock.ts";
import type { Logger } from "../kernel/logger.ts";
import { pause } from "./pause.ts";
import { ABORT_MS, nextStage, RELEASE_MS, stageText, type Stage } from "./rules/drain.ts";

/** What a shutdown does to a worker, stage by stage. */
export interface Drainable {
  /** No new receives; messages that have not begun go back. */
  quiet(graceMs: number): void;
  /** Gives up receives in flight and tells running handlers to stop. */
  abort(): void;
  /** Decides for handlers that ignored it, ends retries, and returns what is left. */
  release(): void;
  /** Resolves when nothing is held and nothing is asked for. */
  settled(): Promise<void>;
}

export interface DrainOptions {
  readonly clock: Clock;
  readonly log: Logger;
  readonly worker: Drainable;
}

/** A shutdown: each stage ends when all is settled, when its time is over, or when somebody asks for the next one. */
export class Drain {
  readonly #options: DrainOptions;
  #stage: Stage = "running";
  #skip = new AbortController();
  #isSettled = false;

  constructor(options: DrainOptions) {
    this.#options = options;
  }

  get stage(): Stage {
    return this.#stage;
  }

  /** Moves on to the next stage, and says so before it does. */
  advance(): void {
    const next = nextStage(this.#stage);
    this.#options.log.warn("asked again to stop", { stage: next, meaning: stageText(next) });
    this.#skip.abort();
  }

  /** Runs all stages; to be called once. */
  async run(graceMs: number): Promise<void> {
    const { worker } = this.#options;
    void worker.settled().then(() => (this.#isSettled = true));
    await this.#enter("drain", graceMs, () => worker.quiet(graceMs));
    await this.#enter("abort", ABORT_MS, () => worker.abort());
    await this.#enter("release", RELEASE_MS, () => worker.release());
    this.#stage = "stopped";
  }

  async #enter(stage: Stage, timeMs: number, begin: () => void): Promise<void> {
    if (this.#isSettled) return;
    const { clock, log, worker } = this.#options;
    log.info("stopping", { stage, meaning: stageText(stage) });
    this.#stage = stage;
    this.#skip = new AbortController();
    begin();
    const ended = new AbortController();
    // All is settled, or the time is over, or the next stage was asked for.
    const skip = () => ended.abort();
    this.#skip.signal.addEventListener("abort", skip);
    await Promise.race([worker.settled().then(skip), pause(clock, timeMs, ended.signal)]);
  }
}
