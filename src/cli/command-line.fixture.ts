import { type ChildProcess, fork, spawn } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import type { Ended } from "./host.fixture.ts";

export type { Ended } from "./host.fixture.ts";

const BIN = join(import.meta.dirname, "../../bin/millrace.js");
const HOST = join(import.meta.dirname, "host.fixture.ts");

/** Nothing of the person who runs the tests. */
function environment(endpoint: string): NodeJS.ProcessEnv {
  const others = Object.entries(process.env).filter(([name]) => !/^AWS_|^NODE_OPTIONS$|^NODE_TEST/.test(name));
  return { ...Object.fromEntries(others), AWS_ENDPOINT_URL: endpoint, AWS_CONFIG_FILE: "none", AWS_SHARED_CREDENTIALS_FILE: "none" };
}

/** A command that runs, as a process of its own. */
export class Running {
  readonly #child: ChildProcess;
  readonly #ended: Promise<unknown>;
  #out = "";
  #err = "";

  constructor(endpoint: string, args: readonly string[], input: string | undefined) {
    this.#child = spawn(process.execPath, [BIN, ...args], {
      env: environment(endpoint),
      stdio: ["pipe", "pipe", "pipe"],
      timeout: 30_000,
    });
    this.#child.stdout?.setEncoding("utf8").on("data", (text: string) => (this.#out += text));
    this.#child.stderr?.setEncoding("utf8").on("data", (text: string) => (this.#err += text));
    // Whoever waits for a text listens once more for each piece that is not it.
    this.#child.stdout?.setMaxListeners(0);
    this.#child.stderr?.setMaxListeners(0);
    this.#child.stdin?.end(input ?? "");
    this.#ended = once(this.#child, "close");
  }

  /** What it has printed so far, on either output. */
  get text(): string {
    return this.#out + this.#err;
  }

  /** Resolves when the command has printed this, on either output. */
  async says(text: string): Promise<void> {
    while (!this.text.includes(text)) {
      if (this.#child.exitCode !== null) throw new Error(`it ended with ${this.#child.exitCode} before it said "${text}": ${this.text}`);
      const streams = [this.#child.stdout, this.#child.stderr].flatMap((stream) => (stream === null ? [] : [stream]));
      await Promise.race([...streams.map((stream) => once(stream, "data")), this.#ended]);
    }
  }

  /** Ctrl-C. */
  interrupt(): void {
    this.#child.kill("SIGINT");
  }

  async ended(): Promise<Ended> {
    await this.#ended;
    return { code: this.#child.exitCode, out: this.#out, err: this.#err };
  }
}

/** `millrace …` against a server, as a process of its own. @param input what its standard input holds. */
export function begin(endpoint: string, args: readonly string[], input?: string): Running {
  return new Running(endpoint, args, input);
}

const hosts = new Map<string, ChildProcess>();

/** `millrace …` against a server: without input in a process that runs all such commands, one after the other. */
export async function millrace(endpoint: string, args: readonly string[], input?: string): Promise<Ended> {
  if (input !== undefined) return begin(endpoint, args, input).ended();
  const host = hosts.get(endpoint) ?? fork(HOST, [], { env: environment(endpoint), stdio: ["ignore", "ignore", "inherit", "ipc"] });
  hosts.set(endpoint, host);
  host.ref();
  host.channel?.ref();
  const ended = await new Promise<Ended>((resolve, reject) => {
    const fail = () => reject(new Error("the process of the commands has ended"));
    host.once("exit", fail);
    host.once("message", (answer: Ended) => {
      host.off("exit", fail);
      resolve(answer);
    });
    host.send(args);
  });
  // It ends with this process, and does not keep it.
  host.unref();
  host.channel?.unref();
  return ended;
}
