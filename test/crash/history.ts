/**
 * What the clients of a run saw. Every operation has the interval from when it was asked to when it was answered, on one
 * monotonic clock, in milliseconds; the server did it somewhere in between. Rules that compare intervals are therefore
 * never stricter than the truth.
 */

/**
 * - `done`: answered with success, so it holds for ever.
 * - `refused`: answered with an error, or never complete enough to be done: it must have no effect.
 * - `unknown`: the connection broke before the answer: it happened once or not at all.
 */
export type Outcome = "done" | "refused" | "unknown";

interface Timed {
  /** Who did it: `writer 3`. One client does one thing at a time. */
  readonly client: string;
  readonly invokeMs: number;
  readonly completeMs: number;
  readonly outcome: Outcome;
  /** What is wrong with the answer by itself: an error nobody provoked, or none at all for a long time. */
  readonly problem?: string;
  /** The server let go of the connection before it had answered. It may do so only by dying. */
  readonly broken?: string;
}

export interface Send extends Timed {
  readonly op: "send";
  /** SHA-256 of the body and the attributes. Each attempt has bodies of its own, so this names the attempt. */
  readonly content: string;
  readonly delayMs: number;
  /** Where it is done. */
  readonly messageId?: string;
  /** To a FIFO queue. Attempts at one message have one content, because they have one deduplication id. */
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
  readonly visibilityMs: number;
  readonly deliveries: readonly Delivery[];
  /** Part of the drain at the end, which takes and deletes everything that is there. */
  readonly final: boolean;
}

export interface Delivery {
  readonly messageId: string;
  readonly content: string;
  readonly receiveCount: number;
  readonly fifo?: Numbered;
}

export interface Delete extends Timed {
  readonly op: "delete";
  readonly messageId: string;
}

/** ChangeMessageVisibility with the handle of one receive. */
export interface Change extends Timed {
  readonly op: "change";
  readonly messageId: string;
  readonly receiveCount: number;
  readonly visibilityMs: number;
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

/** The server process was killed. */
export interface Crash {
  readonly op: "crash";
  readonly atMs: number;
}

/** It serves again. */
export interface Up {
  readonly op: "up";
  readonly atMs: number;
}

export type Entry = Send | Receive | Delete | Change | Write | Read | Notice | Crash | Up;

/** Messages by rule, so that a fault shows as one verdict and not as a thousand. */
export interface Violation {
  readonly rule: string;
  /** One sentence. */
  readonly what: string;
  /** Everything that was ever done to that message or object, in order: the smallest history that shows it. */
  readonly history: readonly Entry[];
}

export function entriesOf<O extends Entry["op"]>(history: readonly Entry[], op: O): Extract<Entry, { op: O }>[] {
  return history.filter((entry): entry is Extract<Entry, { op: O }> => entry.op === op);
}

/** When it began; notices have no time and come last. */
function startOf(entry: Entry): number {
  if (entry.op === "notice") return Infinity;
  return "atMs" in entry ? entry.atMs : entry.invokeMs;
}

/** The entries in order of their beginning, with the crashes among them. */
export function inOrder(entries: readonly Entry[], crashes: readonly Crash[]): Entry[] {
  const first = Math.min(...entries.map(startOf));
  const around = crashes.filter(({ atMs }) => atMs >= first);
  return [...entries, ...around].sort((a, b) => startOf(a) - startOf(b));
}

/** JSON lines, which other checkers can read. */
export function toJsonLines(entries: readonly Entry[]): string {
  return entries.map((entry) => `${JSON.stringify(entry)}\n`).join("");
}
