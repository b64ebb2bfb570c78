import { type ChildProcess, spawn } from "node:child_process";
import { watch } from "node:fs";
import { dirname, resolve } from "node:path";
import { Command, Option } from "commander";
import { systemClock, type Timer } from "../kernel/clock.ts";
import { readConfig } from "../server/config.ts";
import { startServer } from "../server/server.ts";
import { Guard } from "../worker/exec/guard.ts";
import { EXIT } from "./failure.ts";
import { note, print } from "./output.ts";

interface Options {
  readonly port?: string;
  readonly data?: string;
  readonly memory?: true;
}

/** Editors write a file in several steps; what changes within this time is one change. */
const SETTLE_MS = 150;

/** `millrace dev`: a server, and a worker for all stages that begins anew when the source changes. */
export function devCommand(): Command {
  return new Command("dev")
    .description("For development: the server, and a worker for all stages of a pipeline that is reloaded when its source changes.")
    .argument("[file]", "module whose default export is the pipeline; without it there is the server alone")
    .addOption(new Option("--port <number>", "Port to listen on, 0 for a free one; else MILLRACE_PORT or 4566."))
    .addOption(new Option("--data <directory>", "Where the server keeps its data; else MILLRACE_DATA_DIR or ./.millrace."))
    .addOption(new Option("--memory", "Keep nothing: everything is gone when it ends."))
    .action(dev)
    .addHelpText(
      "after",
      `
Queues, topics and the bucket of the pipeline are created. When a source file changes beside the pipeline's module or below,
the worker is stopped, running handlers are told to stop, and the new source goes on with their messages.

Examples:
  millrace dev pipeline.ts
  millrace dev pipeline.ts --memory --port 0`,
    );
}

async function dev(file: string | undefined, options: Options): Promise<void> {
  const flags = {
    ...(options.port === undefined ? {} : { port: options.port }),
    ...(options.data === undefined ? {} : { data: options.data }),
  };
  const server = await startServer(readConfig({ ...flags, ...(options.memory === true ? { memory: true } : {}) }, process.env));
  print(`Millrace serves on ${server.endpoint}, console ${server.endpoint}/_console/`);
  print(`  export AWS_ENDPOINT_URL=${server.endpoint} AWS_REGION=us-east-1 AWS_ACCESS_KEY_ID=test AWS_SECRET_ACCESS_KEY=test`);
  const worker = file === undefined ? undefined : new ReloadedWorker(resolve(file), server.endpoint);
  let isStopping = false;
  const stop = async () => {
    if (isStopping) process.exit(EXIT.interrupted);
    isStopping = true;
    note("Stopping; again to leave at once.");
    await worker?.stop();
    await server.stop();
    process.exit(EXIT.done);
  };
  process.on("SIGINT", () => void stop());
  process.on("SIGTERM", () => void stop());
  print("Ready.");
}

/** A process that works on the pipeline, replaced whenever a source file changes. A process, since a loaded module stays loaded. */
class ReloadedWorker {
  readonly #file: string;
  readonly #endpoint: string;
  readonly #guard = new Guard();
  readonly #watcher: ReturnType<typeof watch>;
  #child: ChildProcess | undefined;
  #ended: Promise<void> = Promise.resolve();
  #timer: Timer | undefined;

  constructor(file: string, endpoint: string) {
    this.#file = file;
    this.#endpoint = endpoint;
    this.#watcher = watch(dirname(file), { recursive: true }, (_, name) => {
      if (name !== null && /\.(?:[cm]?[jt]s|json)$/.test(name) && !/(?:^|[\\/])(?:node_modules|\.[^\\/]+)[\\/]/.test(name))
        this.#changed(name);
    });
    this.#start();
  }

  async stop(): Promise<void> {
    this.#watcher.close();
    this.#timer?.cancel();
    await this.#end();
  }

  #changed(name: string): void {
    this.#timer?.cancel();
    this.#timer = systemClock().after(SETTLE_MS, () => {
      note(`${name} has changed: reloading.`);
      void this.#end().then(() => this.#start());
    });
  }

  #start(): void {
    if (this.#child !== undefined) return;
    const [, program = ""] = process.argv;
    const args = [...process.execArgv, program, "worker", this.#file, "--ensure", "--endpoint", this.#endpoint];
    // In a group of its own: a Ctrl-C reaches it through us, and nothing of it outlives us.
    const child = spawn(process.execPath, args, { stdio: ["ignore", "inherit", "inherit"], detached: true });
    const group = child.pid;
    if (group !== undefined) this.#guard.watch(group);
    this.#child = child;
    this.#ended = new Promise((resolve) => {
      const ended = (code: number | null) => {
        if (group !== undefined) this.#guard.forget(group);
        if (this.#child === child) this.#child = undefined;
        if (code !== null && code !== 0 && code !== EXIT.nothing) note("The worker has ended; it begins anew with the next change.");
        resolve();
      };
      child.once("exit", ended);
      child.once("error", () => ended(EXIT.failed));
    });
  }

  /** Handlers that run are told to stop: their messages are for the new source. */
  async #end(): Promise<void> {
    const child = this.#child;
    child?.kill("SIGTERM");
    const hurry = systemClock().after(SETTLE_MS, () => child?.kill("SIGTERM"));
    await this.#ended;
    hurry.cancel();
  }
}
