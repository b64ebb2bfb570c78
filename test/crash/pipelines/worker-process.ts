import { spawn, type ChildProcess } from "node:child_process";
import { join } from "node:path";
import type { Orders } from "./killed-worker.ts";

/** How a worker's life ended. */
export type End =
  /** By its own hand, where it was told to. */
  | "reached"
  /** By ours: it had nothing to do any more. */
  | "idle"
  /** By ours, after so long that it may have hung. */
  | "late"
  /** As nobody has asked for. */
  | "broken";

/** Far more than a wave of work takes on a machine that does ten other things: who is that late is killed, and the step tried again. */
const LATE_MS = 180_000;

export interface WorkerProcessOptions {
  readonly endpoint: string;
  /** A mistake that is planted in it. */
  readonly fault?: string | undefined;
}

/** A process that works on pipelines until it dies. It is started ahead of its orders, since most of a short life is the start. */
export class WorkerProcess {
  readonly ended: Promise<{ readonly end: End; readonly how: string }>;
  readonly #child: ChildProcess;
  #said = "";
  #late: NodeJS.Timeout | undefined;

  constructor({ endpoint, fault }: WorkerProcessOptions) {
    const here = (file: string) => join(import.meta.dirname, file);
    const args = [...(fault === undefined ? [] : ["--import", here("plant.fixture.ts")]), here("killed-worker.ts")];
    const credentials = { AWS_REGION: "us-east-1", AWS_ACCESS_KEY_ID: "test", AWS_SECRET_ACCESS_KEY: "test" };
    const env = { ...process.env, ...credentials, AWS_ENDPOINT_URL: endpoint, MILLRACE_PLANTED_FAULT: fault };
    this.#child = spawn(process.execPath, args, { env, stdio: ["pipe", "pipe", "inherit"] });
    this.ended = new Promise((resolve) => {
      this.#child.once("error", (error) => resolve({ end: "broken", how: `could not be started: ${error.message}` }));
      this.#child.once("close", (code, signal) => {
        clearTimeout(this.#late);
        resolve({
          end: this.#endOf(signal),
          how: `ended with ${signal ?? `exit code ${code}`} after saying ${JSON.stringify(this.#said)}`,
        });
      });
    });
    // It may die before it has read its orders.
    this.#child.stdin?.on("error", () => {});
    this.#child.stdout?.setEncoding("utf8").on("data", (text: string) => {
      this.#said += text;
      if (this.#said === "idle\n") this.#onIdle();
    });
  }

  /** @param isKilledIdle whether it is to be killed when it has nothing to do; else it goes on waiting for work. */
  go(orders: Orders, isKilledIdle: boolean = true): void {
    if (isKilledIdle) {
      this.#onIdle = () => this.kill();
      this.#late = setTimeout(() => {
        this.#said += "late";
        this.kill();
      }, LATE_MS);
    }
    this.#child.stdin?.write(`${JSON.stringify(orders)}\n`);
  }

  kill(): void {
    this.#child.kill("SIGKILL");
  }

  #onIdle: () => void = () => {};

  #endOf(signal: NodeJS.Signals | null): End {
    if (signal !== "SIGKILL") return "broken";
    if (this.#said.endsWith("reached\n")) return "reached";
    return this.#said.endsWith("late") ? "late" : "idle";
  }
}
