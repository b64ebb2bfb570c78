import { spawn } from "node:child_process";
import type { ChildProcess } from "node:child_process";
import { once } from "node:events";
import { createInterface } from "node:readline";

/** A worker lets a running job finish for 25 s. */
const STOP_MS_MAX = 35_000;

export interface ProcessOptions {
  /** For a person: `server A`. */
  readonly name: string;
  /** What Node runs, with its flags and arguments. */
  readonly args: readonly string[];
  readonly env: NodeJS.ProcessEnv;
  /** The process is ready when it has printed a line that fits. */
  readonly ready: RegExp;
  /** Hears every line of standard error. */
  readonly onComplaint?: (line: string) => void;
}

/**
 * A child process that says when it is ready. It has a process group of its own: Ctrl-C reaches only us, and we end our
 * children in the order that loses least.
 */
export class Process {
  readonly name: string;
  /** The line that said it was ready. @throws when the process ends before it. */
  readonly ready: Promise<string>;
  /** How it ended: its exit code or the signal. */
  readonly exited: Promise<number | NodeJS.Signals>;
  readonly #child: ChildProcess;

  constructor({ name, args, env, ready, onComplaint }: ProcessOptions) {
    this.name = name;
    const child = spawn(process.execPath, args, { env, stdio: ["ignore", "pipe", "pipe"], detached: true });
    this.#child = child;
    const last: string[] = [];
    createInterface({ input: child.stderr }).on("line", (line) => {
      last.push(line);
      if (last.length > 40) last.shift();
      onComplaint?.(line);
    });
    const { promise, resolve } = Promise.withResolvers<string>();
    createInterface({ input: child.stdout }).on("line", (line) => ready.test(line) && resolve(line));
    this.exited = once(child, "close").then(([code, signal]) => (signal ?? code) as number | NodeJS.Signals);
    const early = this.exited.then((end) => Promise.reject(new Error([`${name} ended (${end}) before it was ready.`, ...last].join("\n"))));
    // Whoever does not wait for it to be ready hears of its end by `exited`.
    early.catch(() => undefined);
    this.ready = Promise.race([promise, early]);
    this.ready.catch(() => undefined);
  }

  get pid(): number {
    return this.#child.pid ?? 0;
  }

  kill(signal: NodeJS.Signals): void {
    this.#child.kill(signal);
  }

  /** Asks it to end and waits until it has; one that does not hear is ended. */
  async stop(): Promise<void> {
    this.kill("SIGTERM");
    const deaf = setTimeout(() => this.kill("SIGKILL"), STOP_MS_MAX);
    await this.exited;
    clearTimeout(deaf);
  }
}

const source = (file: string): string => new URL(file, import.meta.url).pathname;

/** A process of the photo service. In a checkout, `millrace` is its source. */
export function photoProcess(kind: "web" | "server-a" | "server-b", env: NodeJS.ProcessEnv, onComplaint?: (line: string) => void): Process {
  const name = { web: "web tier", "server-a": "server A", "server-b": "server B" }[kind];
  const args = ["--conditions=millrace-source", source(`./${kind}.ts`)];
  return new Process({ name, args, env, ready: / is ready/, ...(onComplaint === undefined ? {} : { onComplaint }) });
}
