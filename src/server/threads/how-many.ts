import { availableParallelism } from "node:os";
import type { ServerConfig } from "../config.ts";

/** Beyond these the one storage thread is what all wait for. */
const USEFUL_MAX = 3;

/** How many threads answer requests, at the most where that is not asked for by number: docs/decisions/0014-http-threads.md. */
export function httpThreadsOf({ httpThreads, memory }: ServerConfig, processors: number = availableParallelism()): number {
  if (httpThreads !== "auto") return httpThreads;
  if (memory || processors <= 2) return 1; // The engine runs beside the sockets then, and a crossing costs more than it brings.
  return Math.min(processors - 1, USEFUL_MAX);
}

/** On two processors the crossing costs as much as the engine itself: docs/decisions/0006-where-the-engine-runs.md. */
export function wantsStorageThread(config: ServerConfig, processors: number = availableParallelism()): boolean {
  const { storageThread } = config;
  return storageThread === "auto" ? processors > 2 || httpThreadsOf(config, processors) > 1 : storageThread === "on";
}
