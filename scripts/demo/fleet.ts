import { createServer } from "node:net";
import { once } from "node:events";
import type { AddressInfo } from "node:net";
import { setTimeout as pause } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { Process, photoProcess } from "../../examples/photos/src/processes.ts";

/** How long a dead process is missing before it is replaced, as by a supervisor. */
const REPLACE_AFTER_MS = 500;
const PROGRAM = fileURLToPath(new URL("../../bin/millrace.js", import.meta.url));

export async function freePort(): Promise<number> {
  const probe = createServer().listen(0, "127.0.0.1");
  await once(probe, "listening");
  const { port } = probe.address() as AddressInfo;
  probe.close();
  await once(probe, "close");
  return port;
}

/** Photos that one worker has in its hands at most. */
export const SLOTS = 2;

export type Role = "server" | "web" | "server-a" | "server-b";

export interface FleetOptions {
  readonly dataDirectory: string;
  readonly serverPort: number;
  readonly webPort: number;
  /** Hears what the processes complain about. */
  readonly onComplaint: (line: string) => void;
}

/** All processes of the demonstration, each of which may be killed and is then replaced. */
export class Fleet {
  readonly #options: FleetOptions;
  readonly #processes: { role: Role; process: Process }[] = [];
  /** Those that were killed on purpose. */
  readonly #struck = new WeakSet<Process>();
  #isStopping = false;

  constructor(options: FleetOptions) {
    this.#options = options;
  }

  async start(...roles: readonly Role[]): Promise<void> {
    for (const role of roles) {
      const member = { role, process: this.#spawn(role) };
      this.#processes.push(member);
      await member.process.ready;
    }
  }

  /**
   * Ends a process of that role as a power failure would, the longest-lived first, and starts another in its place. On a
   * slow machine that may be one that has not even started: it is replaced like any other.
   * @returns both process ids.
   */
  async killAndReplace(role: Role): Promise<{ killed: number; started: number }> {
    const member = this.#processes.find((candidate) => candidate.role === role);
    if (member === undefined) throw new Error(`there is no ${role}`);
    this.#processes.push(...this.#processes.splice(this.#processes.indexOf(member), 1));
    const killed = member.process.pid;
    this.#struck.add(member.process);
    member.process.kill("SIGKILL");
    await member.process.exited;
    await pause(REPLACE_AFTER_MS);
    if (this.#isStopping) return { killed, started: 0 };
    const replacement = this.#spawn(role);
    member.process = replacement;
    try {
      await replacement.ready;
    } catch (error) {
      if (!this.#struck.has(replacement)) throw error;
    }
    return { killed, started: replacement.pid };
  }

  async stop(): Promise<void> {
    this.#isStopping = true;
    // Whoever works for the server goes before it, so that nothing waits for a server that has gone.
    const last = this.#processes.toSorted((one, other) => Number(one.role === "server") - Number(other.role === "server"));
    for (const { process } of last) await process.stop();
  }

  #spawn(role: Role): Process {
    const { dataDirectory, serverPort, webPort, onComplaint } = this.#options;
    if (role === "server") {
      const args = [PROGRAM, "serve", "--port", String(serverPort), "--data", dataDirectory];
      return new Process({ name: "Millrace server", args, env: process.env, ready: /^Ready\./, onComplaint });
    }
    const endpoint = `http://127.0.0.1:${serverPort}`;
    // A short lease: what a dead worker held is with another one after five seconds and not after sixty. And a photo may see
    // many workers die that it did not kill.
    const own = { AWS_ENDPOINT_URL: endpoint, PORT: String(webPort), LEASE_SECONDS: "5", MAX_RECEIVES: "100", CONCURRENCY: String(SLOTS) };
    const env = { ...process.env, ...own };
    return photoProcess(role, env, onComplaint);
  }
}
