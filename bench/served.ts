import { spawn } from "node:child_process";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";

/** A durable server in a process of its own, with a data directory that goes with it. */
export interface Served extends AsyncDisposable {
  readonly endpoint: string;
}

/** @param name begins the name of the data directory. */
export async function served(name: string): Promise<Served> {
  const data = await mkdtemp(join(tmpdir(), `millrace-${name}-`));
  const cli = join(import.meta.dirname, "../src/cli/main.ts");
  const child = spawn(process.execPath, [cli, "serve", "--json", "--port", "0", "--data", data], { stdio: ["ignore", "pipe", "inherit"] });
  // A bench that fails leaves nothing running.
  process.once("exit", () => child.kill("SIGKILL"));
  const ended = new Promise((resolve) => child.once("exit", resolve));
  const stop = async () => {
    child.kill("SIGTERM");
    await ended;
    await rm(data, { recursive: true, force: true });
  };
  let endpoint = "";
  for await (const line of createInterface(child.stdout)) {
    if (line.startsWith("{")) endpoint = (JSON.parse(line) as { endpoint: string }).endpoint;
    if (line === "Ready.") return { endpoint, [Symbol.asyncDispose]: stop };
  }
  await stop();
  throw new Error("the server ended before it was ready");
}

export const CREDENTIALS = { region: "us-east-1", credentials: { accessKeyId: "test", secretAccessKey: "test" } };
