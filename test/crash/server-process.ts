import { spawn, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import { createInterface } from "node:readline";

const BIN = join(import.meta.dirname, "../../bin/millrace.js");

export interface ServerOptions {
  readonly preload?: string | undefined;
  readonly flags?: readonly string[] | undefined;
  readonly env?: Readonly<Record<string, string>> | undefined;
}

/** The real server in a process of its own, which can be killed and started again on the same data and port. */
export class ServerProcess {
  readonly #data: string;
  readonly #preload: readonly string[];
  readonly #flags: readonly string[];
  readonly #env: NodeJS.ProcessEnv;
  #child: ChildProcess | undefined;
  #port = 0;
  #serving = false;
  #up = Promise.withResolvers<void>();
  #lastWords = "";

  /** @param options `preload`: a module that is loaded before the server's own. `flags`: further ones of `millrace serve`. `env`: further variables. */
  constructor(data: string, options: ServerOptions = {}) {
    this.#data = data;
    this.#preload = options.preload === undefined ? [] : ["--import", options.preload];
    this.#flags = options.flags ?? [];
    this.#env = { ...process.env, ...options.env };
  }

  get port(): number {
    return this.#port;
  }

  /**
   * Resolves as soon as the server serves, at once if it does, whichever start brings it there.
   * @throws when it ended by itself.
   */
  get up(): Promise<void> {
    return this.#up.promise;
  }

  /** Starts the process without waiting for it. The first start takes a free port, all others the same one. */
  start(): void {
    const flags = ["--port", String(this.#port), "--data", this.#data, "--json", ...this.#flags];
    const child = spawn(process.execPath, [...this.#preload, BIN, "serve", ...flags], {
      env: this.#env,
      stdio: ["ignore", "pipe", "pipe"],
    });
    this.#child = child;
    const leaveNothingBehind = () => child.kill("SIGKILL");
    process.once("exit", leaveNothingBehind);
    child.once("exit", () => process.off("exit", leaveNothingBehind));
    child.stderr.on("data", (chunk: Buffer) => (this.#lastWords = `${this.#lastWords}${String(chunk)}`.slice(-4000)));
    child.once("exit", () => {
      if (this.#child === child) this.#up.reject(new Error(`the server ended by itself: ${this.#lastWords}`));
    });
    createInterface(child.stdout).on("line", (line) => {
      if (line.startsWith("{")) this.#port = Number(new URL((JSON.parse(line) as { endpoint: string }).endpoint).port);
      else if (line === "Ready." && this.#child === child) {
        this.#serving = true;
        this.#up.resolve();
      }
    });
  }

  /** SIGKILL; resolves when the process is gone. */
  async kill(): Promise<void> {
    const child = this.#child;
    if (child === undefined || child.exitCode !== null || child.signalCode !== null) return;
    this.#child = undefined;
    // Who waits since before the server was ready goes on waiting for the same promise.
    if (this.#serving) this.#up = Promise.withResolvers();
    this.#serving = false;
    const gone = once(child, "exit");
    child.kill("SIGKILL");
    await gone;
  }
}
