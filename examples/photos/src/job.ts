import type { PhotoResponse } from "./jobs.ts";
import type { Objects, Send } from "./objects.ts";
import type { RunsOptions } from "./runs.ts";
import type { Names } from "./settings.ts";

/** What a processing server works with. */
export interface ServerParts {
  readonly objects: Objects;
  readonly send: Send;
  readonly names: Names;
  readonly nowMs: () => number;
  /** Who this process is, for the records of its runs. */
  readonly worker: string;
}

/** What the worker SDK tells a handler of its message: the part of its context that is used here. */
export interface JobContext<Output extends string> {
  readonly id: string;
  readonly receiveCount: number;
  readonly signal: AbortSignal;
  emit(output: Output, body: unknown): void;
  progress(fraction: number, text?: string): void;
}

/** Said to the web tier once the job has succeeded. */
export function respond(context: JobContext<"responses">, response: PhotoResponse): void {
  context.emit("responses", response);
}

export const runsOf = ({ objects, names, nowMs, worker }: ServerParts): RunsOptions => ({ objects, bucket: names.results, nowMs, worker });

/** Steps that follow each other faster than this are not all told: the page could not show them. */
const TELL_EVERY_MS = 250;

export interface Teller {
  /** Tells the web tier, at once, what is being done. */
  tell(fraction: number, step: string): void;
}

/**
 * Progress does not wait for the job's end as its outputs do, and a message lost costs a moment of the progress bar and nothing
 * else; so nobody waits for it, and no failure of it is a failure of the job.
 */
export function tellerOf(
  parts: ServerParts,
  context: JobContext<"responses">,
  job: { batchId: string; photoId: string; stage: "server-a" | "server-b" },
): Teller {
  let toldMs = -Infinity;
  return {
    tell(fraction, step) {
      context.progress(fraction, step);
      if (parts.nowMs() - toldMs < TELL_EVERY_MS) return;
      toldMs = parts.nowMs();
      const { batchId, photoId, stage } = job;
      parts.send(parts.names.responses, { kind: "progress", batchId, photoId, stage, fraction, step }).catch(() => undefined);
    },
  };
}
