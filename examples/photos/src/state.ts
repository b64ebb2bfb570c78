import type { PhotoResponse, Result } from "./jobs.ts";

/**
 * Where a photo is. `queued` → `server-a` → (`waiting` → `server-b`) → `done`, or one of the two sad ends: `unusable`, the
 * photo is at fault; `failed`, the service is.
 */
export type Stage = "queued" | "server-a" | "waiting" | "server-b" | "failed" | "unusable" | "done";

/**
 * Messages come in any order, some twice. A photo only ever moves up this list, so a late message changes nothing; and a
 * result, should one arrive after a photo was given up, counts more than the giving up.
 */
const RANK: Record<Stage, number> = { queued: 0, "server-a": 1, waiting: 2, "server-b": 3, failed: 4, unusable: 5, done: 6 };

export interface PhotoStatus {
  readonly stage: Stage;
  /** How much of the job is done, 0 to 1. */
  readonly fraction: number;
  /** What is being done, for a person. */
  readonly step: string;
  /** Why the photo is unusable or has failed, for a person. */
  readonly text?: string;
  readonly results?: readonly Result[];
}

export const QUEUED: PhotoStatus = { stage: "queued", fraction: 0, step: "Waiting for a server" };

export function isFinal(status: PhotoStatus): boolean {
  return RANK[status.stage] >= RANK.failed;
}

/** @returns the same object where the message says nothing new. */
export function advance(status: PhotoStatus, response: PhotoResponse): PhotoStatus {
  const stage = response.kind === "progress" ? response.stage : response.kind;
  if (RANK[stage] < RANK[status.stage]) return status;
  switch (response.kind) {
    case "done":
      return status.stage === "done" ? status : { stage: "done", fraction: 1, step: "", results: response.results };
    case "unusable":
      return status.stage === "unusable" ? status : { stage: "unusable", fraction: 1, step: "", text: response.text };
    case "progress":
      // The bar never moves back, not even when a photo is started again by another worker.
      if (stage === status.stage && response.fraction <= status.fraction) return status;
      return { stage: response.stage, fraction: Math.max(status.fraction, response.fraction), step: response.step };
  }
}

/** A job that no worker could finish has ended in the dead-letter queue. */
export function fail(status: PhotoStatus, text: string): PhotoStatus {
  return isFinal(status) ? status : { stage: "failed", fraction: status.fraction, step: "", text };
}
