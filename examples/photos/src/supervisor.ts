import { once } from "node:events";
import { setTimeout as pause } from "node:timers/promises";
import type { Process } from "./processes.ts";

const RESTART_PAUSE_MS = 500;
/** A process that dies this often before it has ever been ready again will not be helped by one more start. */
const FAILURES_MAX = 5;

/** Starts processes, starts again what dies, and ends them in the opposite order, the last started first. */
export class Supervisor {
  readonly #say: (text: string) => void;
  readonly #kept: { process: Process }[] = [];
  readonly #hopeless = Promise.withResolvers<Error>();
  #isStopping = false;

  constructor({ say }: { readonly say: (text: string) => void }) {
    this.#say = say;
  }

  /**
   * Starts what `start` starts, and keeps it alive until Ctrl-C or SIGTERM, or until a process cannot be kept alive.
   * @returns the exit code, once all has ended.
   */
  async run(start: () => Promise<void>): Promise<number> {
    const signal = Promise.race([once(process, "SIGINT"), once(process, "SIGTERM")]);
    const failed = start().then(() => this.#hopeless.promise, errorOf);
    const failure = await Promise.race([signal.then(() => undefined), failed]);
    if (failure !== undefined) this.#say(failure.message);
    this.#say("Stopping; Ctrl-C again leaves at once.");
    process.once("SIGINT", () => process.exit(130));
    await this.stop();
    return failure === undefined ? 0 : 1;
  }

  /** @returns the line with which the process says that it is ready. @throws when it does not get that far the first time. */
  async keep(start: () => Process): Promise<string> {
    const kept = { process: start() };
    this.#kept.push(kept);
    const line = await kept.process.ready;
    void this.#watch(kept, start);
    return line;
  }

  async stop(): Promise<void> {
    this.#isStopping = true;
    for (const { process } of this.#kept.toReversed()) await process.stop();
  }

  async #watch(kept: { process: Process }, start: () => Process): Promise<void> {
    for (let failures = 0; !this.#isStopping;) {
      const end = await kept.process.exited;
      if (this.#isStopping) return;
      this.#say(`${kept.process.name} ended (${end}); starting it again.`);
      await pause(RESTART_PAUSE_MS);
      if (this.#isStopping) return;
      kept.process = start();
      try {
        this.#say(await kept.process.ready);
        failures = 0;
      } catch (failure) {
        failures += 1;
        if (failures >= FAILURES_MAX) return this.#hopeless.resolve(errorOf(failure));
      }
    }
  }
}

function errorOf(failure: unknown): Error {
  return failure instanceof Error ? failure : new Error(String(failure));
}
