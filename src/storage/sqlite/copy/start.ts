import { spawn } from "node:child_process";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import { MIB } from "../../../kernel/units.ts";
import type { DatabaseDescription } from "./description.ts";

/** What the copying process says. */
export type CopyMessage =
  | { readonly copiedBytes: number }
  | { readonly pinned: true }
  | { readonly done: DatabaseDescription }
  | { readonly failed: string };

export interface CopyOptions {
  /** Paths of the database, and of the copy: at the second there is nothing yet. */
  readonly from: string;
  readonly to: string;
  /** A log that grows by more than this ends the copy; 192 MiB where it is not said. */
  readonly logBytesMax?: number;
  /** Gives the copy up; what there is of it is the caller's to remove. */
  readonly signal: AbortSignal;
  readonly onProgress: (copiedBytes: number) => void;
  /** The copy is of a moment before this: nothing that is committed from now on is in it. */
  readonly onPinned: () => void;
}

/** Short of the length at which the engine would refuse what stores more (`../checkpointer.ts`). */
const LOG_BYTES_MAX = 128 * MIB;

/**
 * Copies a database while it is in use, in a process of its own (`copying.ts` says why). Resolves when the copy is whole
 * and on stable storage.
 * @throws {CopyFailed}
 */
export async function startCopy({
  from,
  to,
  logBytesMax = LOG_BYTES_MAX,
  signal,
  onProgress,
  onPinned,
}: CopyOptions): Promise<DatabaseDescription> {
  const entry = new URL(import.meta.url.endsWith(".ts") ? "./process.ts" : "./process.js", import.meta.url);
  const child = spawn(process.execPath, [fileURLToPath(entry), from, to, String(logBytesMax)], {
    stdio: ["pipe", "pipe", "inherit"],
    signal,
    killSignal: "SIGKILL",
  });
  let failure: string | undefined;
  let done: DatabaseDescription | undefined;
  child.once("error", (error) => (failure ??= error.message)); // Aborted, or never started.
  createInterface(child.stdout).on("line", (line) => {
    const message = JSON.parse(line) as CopyMessage;
    if ("copiedBytes" in message) onProgress(message.copiedBytes);
    else if ("pinned" in message) onPinned();
    else if ("failed" in message) failure = message.failed;
    else ({ done } = message);
  });
  const exitCode = await new Promise<number | null>((resolve) => child.once("close", resolve));
  if (failure !== undefined || done === undefined) throw new CopyFailed(failure ?? `the copying process ended with ${exitCode}`);
  return done;
}

/** A copy that could not be made; there is nothing to be used of it. */
export class CopyFailed extends Error {
  override readonly name = "CopyFailed";
}
