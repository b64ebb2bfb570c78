import type { MessageAttributes } from "./outgoing.ts";

/** The attribute of a message that the calendar has sent: when it was due, in epoch milliseconds. */
export const DUE_ATTRIBUTE = "Millrace.Due";

/**
 * What all workers of a stage know of its schedule, in the object store; only ever replaced by who has seen its last version.
 *
 *     { "doneMs": 1735689600000, "run": "…" }
 *     { "doneMs": 1735689600000, "sending": { "dueMs": 1735693200000, "untilMs": 1735693230000 }, "run": "…" }
 */
export interface ScheduleRecord {
  /** All that was due up to here has been sent, or is not to be. */
  readonly doneMs: number;
  /** Somebody is sending what is due; after that time it is anybody's again. */
  readonly sending?: { readonly dueMs: number; readonly untilMs: number } | undefined;
  /** Chance, so that no two versions of a record are equal. */
  readonly run: string;
}

export type ScheduleStep =
  /** Nobody has looked at this schedule before: it begins now. */
  | { readonly do: "begin" }
  /** Until then there is nothing to do; `undefined` if never again. */
  | { readonly do: "wait"; readonly untilMs: number | undefined }
  /** `missed` are those before it that were due and are not sent any more. */
  | { readonly do: "send"; readonly dueMs: number; readonly missed: number };

export interface ScheduleView {
  readonly nowMs: number;
  readonly catchUpMs: number;
  /** The first moment after this one when something is due. */
  readonly next: (afterMs: number) => number | undefined;
  /** Whether the record is as this worker has left it. */
  readonly isOwn: boolean;
}

/** Of several that are due the last is sent: whoever comes after a long time without workers does not do its work many times over. */
export function scheduleStep(record: ScheduleRecord | undefined, view: ScheduleView): ScheduleStep {
  if (record === undefined) return { do: "begin" };
  const { nowMs, catchUpMs, next, isOwn } = view;
  // What is older than can be caught up with is not even counted: that could be a year's.
  const fromMs = Math.max(record.doneMs, nowMs - catchUpMs - 1);
  let dueMs: number | undefined;
  let found = 0;
  for (let atMs = next(fromMs); atMs !== undefined && atMs <= nowMs; atMs = next(atMs)) {
    dueMs = atMs;
    found += 1;
  }
  if (dueMs === undefined) return { do: "wait", untilMs: next(nowMs) };
  const { sending } = record;
  if (sending !== undefined && sending.dueMs === dueMs && sending.untilMs > nowMs && !isOwn)
    return { do: "wait", untilMs: sending.untilMs };
  return { do: "send", dueMs, missed: found - 1 };
}

/** When a message was due; `undefined` of one that the calendar has not sent. */
export function dueOf(attributes: MessageAttributes): number | undefined {
  const value = attributes[DUE_ATTRIBUTE]?.value;
  const dueMs = typeof value === "string" ? Number(value) : Number.NaN;
  return Number.isSafeInteger(dueMs) ? dueMs : undefined;
}
