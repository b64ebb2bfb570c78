import type { Rule } from "./rules.ts";

/**
 * What the clients of a run saw. Every operation has the interval from when it was asked to when it was answered, on one
 * clock that never goes back, in milliseconds; the server did it somewhere in between. Rules that compare intervals are
 * therefore never stricter than the truth. What an entry leaves out no rule asks about. A request that the network has
 * doubled is another operation, one without an answer.
 */

/**
 * - `done`: answered with success, so it holds for ever.
 * - `refused`: answered with an error, or never complete enough to be done, or taken back: it must have no effect.
 * - `unknown`: the connection broke before the answer: it happened once or not at all.
 */
export type Outcome = "done" | "refused" | "unknown";

interface Timed {
  /** Who did it: `writer 3`. One client does one thing at a time. */
  readonly client: string;
  readonly invokeMs: number;
  /** Of an operation without an answer: after this time it has no effect any more. */
  readonly completeMs: number;
  readonly outcome: Outcome;
  /** What is wrong with the answer by itself: an error nobody provoked, or none at all for a long time. */
  readonly problem?: string;
  /** The server let go of the connection before it had answered. It may do so only by dying. */
  readonly broken?: string;
  /** What went wrong, and may as long as faults are under way: `503 ServiceUnavailable`. */
  readonly failed?: string;
}

export interface Send extends Timed {
  readonly op: "send";
  /** By name; absent where there is one queue. */
  readonly queue?: string;
  /** SHA-256 of the body and the attributes. No two messages have one content, but attempts at the same may. */
  readonly content: string;
  readonly delayMs: number;
  /** Where it is done. */
  readonly messageId?: string;
  /** To a FIFO queue. */
  readonly fifo?: Numbered;
}

/** A message of a FIFO queue: the how-manieth of its group, which has one writer, and where it was accepted its SequenceNumber. */
export interface Numbered {
  readonly group: string;
  /** 1 is the first. A writer goes on with the next one when this one was acknowledged. */
  readonly number: number;
  readonly sequence?: string;
}

export interface Receive extends Timed {
  readonly op: "receive";
  readonly queue?: string;
  readonly visibilityMs: number;
  readonly deliveries: readonly Delivery[];
  /** Part of the drain at the end, which takes and deletes everything that is there. */
  readonly final: boolean;
  /** Messages asked for. */
  readonly max?: number;
  /** How long it is willing to wait. */
  readonly waitMs?: number;
  /** ReceiveRequestAttemptId. */
  readonly attemptId?: string;
}

export interface Delivery {
  readonly messageId: string;
  readonly content: string;
  readonly receiveCount: number;
  readonly fifo?: Numbered;
}

export interface Delete extends Timed {
  readonly op: "delete";
  /** Where it was asked for. */
  readonly queue?: string;
  readonly messageId: string;
}

/** ChangeMessageVisibility with the handle of one receive. */
export interface Change extends Timed {
  readonly op: "change";
  readonly messageId: string;
  readonly receiveCount: number;
  readonly visibilityMs: number;
}

/** PurgeQueue, or DeleteQueue. */
export interface Purge extends Timed {
  readonly op: "purge";
  readonly queue?: string;
}

/** StartMessageMoveTask: from then on messages of this queue may go elsewhere, under a new MessageId. */
export interface Move extends Timed {
  readonly op: "move";
  readonly queue: string;
}

/** What a queue says of itself. */
export interface Count extends Timed {
  readonly op: "count";
  readonly queue?: string;
  readonly visible: number;
  readonly inFlight: number;
  readonly delayed: number;
}

/** How a queue is, for the whole history. */
export interface QueueSettings {
  readonly op: "queue";
  readonly queue?: string;
  readonly retentionMs: number;
  readonly redrive?: { readonly deadLetterQueue: string; readonly receivesMax: number };
}

/** A PUT, or a DELETE where `content` is undefined. All writes of a key come from one client. */
export interface Write extends Timed {
  readonly op: "write";
  readonly key: string;
  /** SHA-256 of the bytes; each attempt has bytes of its own. */
  readonly content: string | undefined;
  /** Without quotes; undefined for a DELETE. */
  readonly etag: string | undefined;
}

export interface Read extends Timed {
  readonly op: "read";
  readonly key: string;
  /** SHA-256 of the bytes that came; undefined: there is no such object. */
  readonly content: string | undefined;
  readonly etag: string | undefined;
}

/** A message about an object, received at the end. */
export interface Notice {
  readonly op: "notice";
  readonly messageId: string;
  /** Without `s3:`: `ObjectCreated:Put`. */
  readonly name: string;
  readonly key: string;
  readonly etag: string | undefined;
  /** Hexadecimal; grows with each event of a key. */
  readonly sequencer: string;
}

/** The server died, or was stopped. */
export interface Crash {
  readonly op: "crash";
  readonly atMs: number;
}

/** It serves again. */
export interface Up {
  readonly op: "up";
  readonly atMs: number;
  /** What the opened database says of itself, where somebody asked. */
  readonly facts?: {
    readonly journalMode: string;
    readonly synchronous: number;
    readonly integrity: string;
    readonly sqliteVersion: string;
  };
}

/** The disk is full or slow, the machine stands still: being late is excused. */
export interface Trouble {
  readonly op: "trouble";
  readonly atMs: number;
  readonly untilMs: number;
}

/** The last fault is over. */
export interface Heal {
  readonly op: "heal";
  readonly atMs: number;
}

export type Operation = Send | Receive | Delete | Change | Purge | Move | Count | Write | Read;
export type Entry = Operation | Notice | QueueSettings | Crash | Up | Trouble | Heal;

/** Messages by rule, so that a fault shows as one verdict and not as a thousand. */
export interface Violation {
  readonly rule: Rule;
  /** One sentence. */
  readonly what: string;
  /** Everything that was ever done to that message or object, in order: the smallest history that shows it. */
  readonly history: readonly Entry[];
}

/** How exact the history's times are, and what is fast enough. */
export interface CheckOptions {
  /** The clocks of clients and server differ by no more. A restarted server sets its own by the wall clock. */
  readonly clockToleranceMs: number;
  /** A receive that waits is answered so soon after there is something for it, or after its wait. */
  readonly promptMs: number;
  /** A message may be delivered so long after its retention. */
  readonly expiryMs: number;
  /** Operations succeed so soon after the last fault. */
  readonly healMs: number;
}

export const CHECK_OPTIONS: CheckOptions = { clockToleranceMs: 50, promptMs: 1000, expiryMs: 60_000, healMs: 10_000 };

export function entriesOf<O extends Entry["op"]>(history: readonly Entry[], op: O): Extract<Entry, { op: O }>[] {
  return history.filter((entry): entry is Extract<Entry, { op: O }> => entry.op === op);
}

/** When it began; notices have no time and come last, settings first. */
function startOf(entry: Entry): number {
  if (entry.op === "notice") return Infinity;
  if (entry.op === "queue") return -Infinity;
  return "atMs" in entry ? entry.atMs : entry.invokeMs;
}

/** The entries in order of their beginning, with the crashes among them. */
export function inOrder(entries: readonly Entry[], crashes: readonly Crash[]): Entry[] {
  const first = Math.min(...entries.map(startOf));
  const around = crashes.filter(({ atMs }) => atMs >= first);
  return [...new Set(entries), ...around].sort((a, b) => startOf(a) - startOf(b));
}

/** JSON lines, which other checkers can read. */
export function toJsonLines(entries: readonly Entry[]): string {
  return entries.map((entry) => `${JSON.stringify(entry)}\n`).join("");
}

/** The history that was written as JSON lines. */
export function fromJsonLines(text: string): Entry[] {
  return text
    .split("\n")
    .filter((line) => line !== "")
    .map((line) => JSON.parse(line) as Entry);
}
