import { runKey } from "./keys.ts";
import type { Objects } from "./objects.ts";

/** One execution of a job by one server. A record without an end is of a worker that died in the middle. */
export interface RunRecord {
  readonly photoId: string;
  readonly server: "a" | "b";
  /** Process that did it, for a person: `pid 1234`. */
  readonly worker: string;
  /** 1 at the first receive of the message. */
  readonly receive: number;
  readonly startedMs: number;
  readonly durationMs?: number;
  readonly outcome?: "done" | "passed on" | "unusable" | "error";
}

export interface RunsOptions {
  readonly objects: Objects;
  readonly bucket: string;
  readonly nowMs: () => number;
  readonly worker: string;
}

export interface RunOf {
  readonly photoId: string;
  readonly server: "a" | "b";
  readonly messageId: string;
  readonly receive: number;
}

/**
 * Counts an execution: a record is written before the work and again, with its end, after it. So the number of records of a
 * photo is the number of times that it was worked on, whoever died on the way.
 */
export async function counted(
  { objects, bucket, nowMs, worker }: RunsOptions,
  { photoId, server, messageId, receive }: RunOf,
  work: () => Promise<NonNullable<RunRecord["outcome"]>>,
): Promise<void> {
  const key = runKey(photoId, server, `${messageId}-${receive}`);
  const begun: RunRecord = { photoId, server, worker, receive, startedMs: nowMs() };
  const save = (record: RunRecord) =>
    objects.write(bucket, key, { bytes: Buffer.from(JSON.stringify(record)), contentType: "application/json" });
  await save(begun);
  const end = (outcome: NonNullable<RunRecord["outcome"]>) => save({ ...begun, durationMs: nowMs() - begun.startedMs, outcome });
  try {
    await end(await work());
  } catch (failure) {
    // The failure is what matters; that its record could not be written as well would only hide it.
    await end("error").catch(() => undefined);
    throw failure;
  }
}
