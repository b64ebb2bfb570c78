import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";

const BIN = join(import.meta.dirname, "../../bin/millrace.js");

export interface Ended {
  readonly code: number | null;
  readonly out: string;
  readonly err: string;
}

/** A command that runs, as a process of its own. */
export class Running {
  readonly #child: ChildProcess;
  readonly #ended: Promise<unknown>;
  #out = "";
  #err = "";

  constructor(endpoint: string, args: readonly string[], input: string | undefined) {
    const environment = Object.fromEntries(Object.entries(process.env).filter(([name]) => !/^AWS_|^NODE_OPTIONS$|^NODE_TEST/.test(name)));
    this.#child = spawn(process.execPath, [BIN, ...args], {
      env: { ...environment, AWS_ENDPOINT_URL: endpoint, AWS_CONFIG_FILE: "none", AWS_SHARED_CREDENTIALS_FILE: "none" },
      stdio: ["pipe", "pipe", "pipe"],
      timeout: 30_000,
    });
    this.#child.stdout?.setEncoding("utf8").on("data", (text: string) => (this.#out += text));
    this.#child.stderr?.setEncoding("utf8").on("data", (text: string) => (this.#err += text));
    this.#child.stdin?.end(input ?? "");
    this.#ended = once(this.#child, "close");
  }

  /** Resolves when the command has printed this, on either output. */
  async says(text: string): Promise<void> {
    while (!(this.#out + this.#err).includes(text)) {
      if (this.#child.exitCode !== null)
        throw new Error(`it ended with ${this.#child.exitCode} before it said "${text}": ${this.#out}${this.#err}`);
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

/** `millrace …` against a server. @param input what its standard input holds. */
export function begin(endpoint: string, args: readonly string[], input?: string): Running {
  return new Running(endpoint, args, input);
}

export async function millrace(endpoint: string, args: readonly string[], input?: string): Promise<Ended> {
  return begin(endpoint, args, input).ended();
}
