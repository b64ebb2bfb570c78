import type { Fleet, Role } from "./fleet.ts";

/** Shares of the photos after which the disasters come. */
const WORKER_DIES_AT = 0.2;
const SERVER_DIES_AT = 0.5;

const NAMES: Readonly<Record<Role, string>> = {
  server: "the Millrace server itself",
  web: "the web tier",
  "server-a": "a worker (server A)",
  "server-b": "a worker (server B)",
};

export interface DisastersOptions {
  readonly fleet: Fleet;
  /** 0: one worker and then the server, once each. */
  readonly killEverySeconds: number;
  readonly nowMs: () => number;
  readonly say: (text: string) => void;
}

/** Kills processes in the middle of their work, and replaces them. */
export class Disasters {
  /** How many workers were killed. */
  workersKilled = 0;
  readonly #options: DisastersOptions;
  readonly #pending: { at: number; role: Role }[];
  readonly #replacing: Promise<void>[] = [];
  #nextMs: number;

  constructor(options: DisastersOptions) {
    this.#options = options;
    const once = [
      { at: WORKER_DIES_AT, role: "server-a" },
      { at: SERVER_DIES_AT, role: "server" },
    ] as const;
    this.#pending = options.killEverySeconds > 0 ? [] : [...once];
    this.#nextMs = options.nowMs() + options.killEverySeconds * 1000;
  }

  /** To be called now and then, with the share of photos that are done. */
  look(done: number): void {
    const { killEverySeconds, nowMs } = this.#options;
    const [next] = this.#pending;
    if (next !== undefined && done >= next.at) {
      this.#pending.shift();
      this.#strike(next.role);
    }
    if (killEverySeconds > 0 && nowMs() >= this.#nextMs) {
      this.#nextMs += killEverySeconds * 1000;
      // Every fifth is the one server B.
      this.#strike(this.workersKilled % 5 === 4 ? "server-b" : "server-a");
    }
  }

  /** Waits until all that was killed has been replaced. */
  async over(): Promise<void> {
    await Promise.all(this.#replacing);
  }

  #strike(role: Role): void {
    const { fleet, say } = this.#options;
    if (role !== "server") this.workersKilled += 1;
    say(`  ✗ killing ${NAMES[role]}`);
    const replacing = fleet.killAndReplace(role).then(({ killed, started }) => say(`  ✓ process ${killed} is replaced by ${started}`));
    replacing.catch(() => undefined); // Told by `over`, after which the others are stopped.
    this.#replacing.push(replacing);
  }
}
