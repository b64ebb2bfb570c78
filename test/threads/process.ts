import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import { createInterface } from "node:readline";

const BIN = join(import.meta.dirname, "../../bin/millrace.js");

export interface Run {
  readonly endpoint: string;
  /** All that it said on standard error, once it has ended. */
  readonly ended: Promise<{ code: number | null; words: string }>;
  readonly kill: (signal: NodeJS.Signals) => void;
}

/**
 * The real server in a process of its own, once it serves.
 * @param options `preload`: a module that is loaded before its own, into each of its threads.
 */
export async function started(options: { preload: string; flags: readonly string[]; env?: Record<string, string> }): Promise<Run> {
  const child = spawn(process.execPath, ["--import", options.preload, BIN, "serve", "--port", "0", "--json", ...options.flags], {
    env: { ...process.env, ...options.env },
    stdio: ["ignore", "pipe", "pipe"],
  });
  let words = "";
  child.stderr.on("data", (chunk: Buffer) => (words += chunk.toString()));
  const ended = once(child, "close").then(([code]) => ({ code: code as number | null, words }));
  const lines = createInterface(child.stdout)[Symbol.asyncIterator]();
  const described = await lines.next();
  if (described.done === true) throw new Error(`it has ended: ${(await ended).words}`);
  const { endpoint } = JSON.parse(described.value) as { endpoint: string };
  assert.equal((await lines.next()).value, "Ready.");
  return { endpoint, ended, kill: (signal) => void child.kill(signal) };
}
