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
  #isStopping = false;
  #fail: (reason: Error) => void;
  readonly #failed: Promise<never>;

  constructor({ say }: { readonly say: (text: string) => void }) {
    this.#say = say;
    const { promise, reject } = Promise.withResolvers<never>();
    this.#failed = promise;
    this.#failed.catch(() => undefined);
    this.#fail = reject;
  }

  /** @returns the line with which the process says that it is ready. @throws when it does not get that far the first time. */
  async keep(start: () => Process): Promise<string> {
    const kept = { process: start() };
    this.#kept.push(kept);
    const line = await kept.process.ready;
    void this.#watch(kept, start);
    return line;
  }

  /** Waits for Ctrl-C or SIGTERM, or for a process that cannot be kept alive, and ends all. @returns the exit code. */
  async untilSignal(): Promise<number> {
    const signals = Promise.race([once(process, "SIGINT"), once(process, "SIGTERM")]);
    const code = await Promise.race([signals.then(() => 0), this.#failed.catch((reason: Error) => (this.#say(reason.message), 1))]);
    this.#say("Stopping; Ctrl-C again leaves at once.");
    process.once("SIGINT", () => process.exit(130));
    await this.stop();
    return code;
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
        if (failures >= FAILURES_MAX) return this.#fail(failure instanceof Error ? failure : new Error(String(failure)));
      }
    }
  }
}
