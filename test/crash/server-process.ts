import { spawn, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { setTimeout as pause } from "node:timers/promises";

const BIN = join(import.meta.dirname, "../../bin/millrace.js");
/** Another build of the same server, which starts sooner: for thousands of kills. What is planted is planted in the source. */
const BUILT = process.env["MILLRACE_CRASH_BIN"] ?? BIN;

export interface ServerOptions {
  readonly preload?: string | undefined;
  readonly flags?: readonly string[] | undefined;
  readonly env?: Readonly<Record<string, string>> | undefined;
}

/** What a server gets to stop when it is asked. */
const STOP_MS_MAX = 15_000;

/**
 * Starts a server on nothing and asks it to stop. Only a process that ends by itself keeps what it has compiled; those
 * that are killed after it start in a third of the processor time (Node 26, November 2026).
 */
export async function warmUp(): Promise<void> {
  const data = mkdtempSync(join(tmpdir(), "millrace-warm-"));
  const server = new ServerProcess(data);
  server.start();
  await server.up;
  server.mayEnd();
  server.signal("SIGTERM");
  await server.kill(STOP_MS_MAX);
  rmSync(data, { recursive: true });
}

/** A letter for each, as in `/proc/<pid>/stat`; none where the process is gone. */
function stateOfThreads(tasks: string): string[] {
  try {
    return readdirSync(tasks).map((thread) => /\) (\S)/.exec(readFileSync(join(tasks, thread, "stat"), "utf8"))?.[1] ?? "");
  } catch {
    return []; // It ends at this moment.
  }
}

/** The real server in a process of its own, which can be killed and started again on the same data and port. */
export class ServerProcess {
  readonly #data: string;
  readonly #program: readonly string[];
  readonly #flags: readonly string[];
  readonly #env: NodeJS.ProcessEnv;
  #child: ChildProcess | undefined;
  #exit: Promise<[code: number | null, signal: string | null]> = Promise.resolve([null, null]);
  #port = 0;
  #serving = false;
  #mayEnd = false;
  #up = Promise.withResolvers<void>();
  #lastWords = "";

  /** @param options `preload`: a module that is loaded before the server's own. `flags`: further ones of `millrace serve`. `env`: further variables. */
  constructor(data: string, options: ServerOptions = {}) {
    this.#data = data;
    this.#program = options.preload === undefined ? [BUILT] : ["--import", options.preload, BIN];
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
    const child = spawn(process.execPath, [...this.#program, "serve", ...flags], {
      env: this.#env,
      stdio: ["ignore", "pipe", "pipe"],
    });
    this.#child = child;
    this.#exit = once(child, "exit") as Promise<[code: number | null, signal: string | null]>;
    this.#mayEnd = false;
    const leaveNothingBehind = () => child.kill("SIGKILL");
    process.once("exit", leaveNothingBehind);
    child.once("exit", () => process.off("exit", leaveNothingBehind));
    child.stderr.on("data", (chunk: Buffer) => (this.#lastWords = `${this.#lastWords}${String(chunk)}`.slice(-4000)));
    child.once("exit", () => {
      if (this.#child !== child) return;
      if (this.#mayEnd) this.#down();
      else this.#up.reject(new Error(`the server ended by itself: ${this.#lastWords}`));
    });
    createInterface(child.stdout).on("line", (line) => {
      if (line.startsWith("{")) this.#port = Number(new URL((JSON.parse(line) as { endpoint: string }).endpoint).port);
      else if (line === "Ready." && this.#child === child) {
        this.#serving = true;
        this.#up.resolve();
      }
    });
  }

  /** From now on it may end by itself, for what is done to it. */
  mayEnd(): void {
    this.#mayEnd = true;
  }

  signal(name: NodeJS.Signals): void {
    this.#child?.kill(name);
  }

  /** Stops it (SIGSTOP); resolves when all its threads stand still, and none is in a system call any more. */
  async standStill(): Promise<void> {
    const tasks = `/proc/${this.#child?.pid}/task`;
    this.signal("SIGSTOP");
    while (stateOfThreads(tasks).some((state) => state !== "T")) await pause(1);
  }

  /** What it wrote last to standard error, whichever start it was. */
  get lastWords(): string {
    return this.#lastWords;
  }

  /**
   * SIGKILL, unless it ends by itself within that time; resolves when the process is gone.
   * @returns its exit code, or the signal that ended it; undefined where there was none.
   */
  async kill(afterMs = 0): Promise<number | string | undefined> {
    const child = this.#child;
    if (afterMs > 0) await Promise.race([this.#exit, pause(afterMs, undefined, { ref: false })]);
    this.#down();
    child?.kill("SIGKILL");
    const [code, signal] = await this.#exit;
    return code ?? signal ?? undefined;
  }

  #down(): void {
    this.#child = undefined;
    // Who waits since before the server was ready goes on waiting for the same promise.
    if (this.#serving) this.#up = Promise.withResolvers();
    this.#serving = false;
  }
}
