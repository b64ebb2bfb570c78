import { readFileSync, writeFileSync } from "node:fs";
import { dirname, join, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import type { Process } from "../../examples/photos/src/processes.ts";
import type { Children } from "../children.ts";
import type { Keys } from "../job.ts";

/** A server in a process of its own, on loopback and a free port. */
export interface RunningServer {
  readonly port: number;
  readonly pid: number;
  /** Ends it and removes its data. */
  stop(): Promise<void>;
}

/** What was asked for cannot be measured; the message says why. */
export class NotOffered extends Error {
  override readonly name = "NotOffered";
}

const file = (path: string): string => fileURLToPath(new URL(path, import.meta.url));
export const MILLRACE = file("../../bin/millrace.js");

export async function startEcho(children: Children): Promise<RunningServer> {
  const child = children.start("echo", [file("./echo.ts")], /^\{/);
  const { port } = JSON.parse(await child.ready) as { port: number };
  return { port, pid: child.pid, stop: () => child.stop() };
}

/** One that holds receives until something is sent to their queue. */
export async function startHeldEcho(children: Children): Promise<RunningServer> {
  const child = children.start("held echo", [file("./held-echo.ts")], /^\{/);
  const { port } = JSON.parse(await child.ready) as { port: number };
  return { port, pid: child.pid, stop: () => child.stop() };
}

/** @param options `directory`: an existing one is served again; left out, everything stays in memory. With `keys` every request must be signed. */
export async function startMillrace(
  children: Children,
  options: { readonly directory?: string; readonly keys?: Keys },
): Promise<RunningServer & { readonly child: Process }> {
  const { directory, keys } = options;
  const where = directory === undefined ? ["--memory"] : ["--data", directory];
  const who = keys === undefined ? [] : ["--credentials", credentialsFile(children, keys)];
  const child = children.start("Millrace", [MILLRACE, "serve", "--port", "0", "--json", ...where, ...who], /^\{/);
  const { endpoint } = JSON.parse(await child.ready) as { endpoint: string };
  const stop = async (): Promise<void> => {
    await child.stop();
    if (directory !== undefined) children.remove(directory);
  };
  return { port: Number(new URL(endpoint).port), pid: child.pid, child, stop };
}

function credentialsFile(children: Children, keys: Keys): string {
  const path = join(children.directory, "credentials.json");
  writeFileSync(path, JSON.stringify([{ ...keys, accountId: "000000000000" }]));
  return path;
}

/** Where the peer is: the package that is installed, or another version's directory. */
export interface Peer {
  readonly entry: string;
  readonly version: string;
}

/** @param directory that has it in its node_modules; undefined: the installed one. */
export function findFauxqs(directory: string | undefined): Peer {
  const entry =
    directory === undefined
      ? fileURLToPath(import.meta.resolve("fauxqs"))
      : join(resolve(directory), "node_modules", "fauxqs", "dist", "app.js");
  const { version } = JSON.parse(readFileSync(join(dirname(entry), "..", "package.json"), "utf8")) as { version: string };
  return { entry, version };
}

/** @throws {NotOffered} this version keeps nothing on disk. */
export async function startFauxqs(children: Children, peer: Peer, directory?: string): Promise<RunningServer> {
  const args = [file("./fauxqs.ts"), peer.entry, ...(directory === undefined ? [] : [directory])];
  const child = children.start("fauxqs", args, /^\{/);
  const { port, keepsFiles } = JSON.parse(await child.ready) as { port: number; keepsFiles: boolean };
  const stop = async (): Promise<void> => {
    await child.stop();
    if (directory !== undefined) children.remove(directory);
  };
  if (directory !== undefined && !keepsFiles) {
    await stop();
    throw new NotOffered(`fauxqs ${peer.version} has no durable mode: it keeps everything in memory, by its own README`);
  }
  return { port, pid: child.pid, stop };
}
