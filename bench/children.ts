import { mkdirSync, mkdtempSync, rmSync } from "node:fs";
import { join } from "node:path";
import { Process } from "../examples/photos/src/processes.ts";
import type { Job, Measurement } from "./job.ts";

/** Beside the sources, so that it is on their disk and not in memory; nobody commits or publishes it. */
const WORK_PARENT = new URL("../node_modules/.cache/", import.meta.url).pathname;

/** Settings of whoever runs the bench must not become the server's. */
const environment = Object.fromEntries(Object.entries(process.env).filter(([name]) => !/^(?:MILLRACE_|FAUXQS_|NODE_OPTIONS$)/.test(name)));

/** Every process that was started and every directory that was made, to end and remove them however the bench ends. */
export class Children {
  readonly directory: string;
  readonly #running = new Set<Process>();
  #made = 0;

  constructor() {
    mkdirSync(WORK_PARENT, { recursive: true });
    this.directory = mkdtempSync(join(WORK_PARENT, "millrace-bench-"));
    process.on("exit", () => {
      for (const child of this.#running) child.kill("SIGKILL");
      this.remove(this.directory);
    });
  }

  /** @param ready fits the line with which it says that it serves. */
  start(name: string, args: readonly string[], ready: RegExp): Process {
    const child = new Process({ name, args, env: environment, ready });
    this.#running.add(child);
    void child.exited.then(() => this.#running.delete(child));
    return child;
  }

  /** Puts load on something and waits for the measurement. */
  async load(job: Job): Promise<Measurement> {
    const program = new URL("./load.ts", import.meta.url).pathname;
    const child = this.start("load generator", [program, JSON.stringify(job)], /^\{/);
    const line = await child.ready;
    await child.exited;
    return JSON.parse(line) as Measurement;
  }

  /** After a failure: nothing of one question goes on beside the next. */
  async stopAll(): Promise<void> {
    await Promise.all([...this.#running].map((child) => child.stop()));
  }

  /** The name of a directory that does not exist yet. */
  freshDirectory(): string {
    this.#made += 1;
    return join(this.directory, String(this.#made));
  }

  remove(directory: string): void {
    rmSync(directory, { recursive: true, force: true, maxRetries: 5, retryDelay: 50 });
  }
}
