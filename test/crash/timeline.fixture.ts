import { check } from "./check.ts";
import type { Change, Crash, Delete, Delivery, Entry, Notice, Outcome, Read, Receive, Send, Up, Write } from "./history.ts";

/** Hand-made histories: each entry takes ten milliseconds from the time that is given, unless another end is. */
interface At {
  readonly outcome?: Outcome;
  readonly endMs?: number;
}

function timed(client: string, invokeMs: number, { outcome = "done", endMs = invokeMs + 10 }: At) {
  return { client, invokeMs, completeMs: endMs, outcome };
}

/** A send of the message `m1`, whose content is `content of m1`. */
export function send(atMs: number, message: string, at: At & { delayMs?: number } = {}): Send {
  const { delayMs = 0 } = at;
  const sent = { op: "send", ...timed("writer", atMs, at), content: `content of ${message}`, delayMs } as const;
  return sent.outcome === "done" ? { ...sent, messageId: message } : sent;
}

/** A receive for two seconds of `m1 #1`: the message and its count, after a colon another content than its own. */
export function receive(atMs: number, deliveries: readonly string[], at: At & { client?: string; final?: boolean } = {}): Receive {
  const { client = "reader", final = false } = at;
  return { op: "receive", ...timed(client, atMs, at), visibilityMs: 2000, deliveries: deliveries.map(delivery), final };
}

function delivery(text: string): Delivery {
  const [, messageId = "", count, content] = /^(\w+) #(\d+)(?:: (.*))?$/.exec(text) ?? [];
  return { messageId, receiveCount: Number(count), content: content ?? `content of ${messageId}` };
}

/** The last receive, which takes what is left. */
export function drain(atMs: number, ...deliveries: string[]): Receive {
  return receive(atMs, deliveries, { client: "drainer", final: true });
}

export function remove(atMs: number, messageId: string, at: At = {}): Delete {
  return { op: "delete", ...timed("reader", atMs, at), messageId };
}

export function change(atMs: number, of: string, at: At & { visibilityMs: number }): Change {
  const { messageId, receiveCount } = delivery(of);
  return { op: "change", ...timed("reader", atMs, at), messageId, receiveCount, visibilityMs: at.visibilityMs };
}

/** A write of bytes to the only key; undefined deletes. */
export function write(atMs: number, content: string | undefined, at: At = {}): Write {
  return { op: "write", ...timed("writer", atMs, at), key: "photo", content, etag: content && `etag of ${content}` };
}

export function read(atMs: number, content: string | undefined, at: At & { etag?: string } = {}): Read {
  return { op: "read", ...timed("reader", atMs, at), key: "photo", content, etag: at.etag ?? (content && `etag of ${content}`) };
}

/** The event of a write of these bytes; undefined: of a removal. */
export function notice(sequence: number, content: string | undefined): Notice {
  const name = content === undefined ? "ObjectRemoved:Delete" : "ObjectCreated:Put";
  return { op: "notice", messageId: `n${sequence}`, name, key: "photo", etag: content && `etag of ${content}`, sequencer: `0${sequence}` };
}

export function crash(atMs: number): Crash {
  return { op: "crash", atMs };
}

export function up(atMs: number): Up {
  return { op: "up", atMs };
}

/** The rules that the history breaks, each once. */
export function broken(...history: Entry[]): string[] {
  return [...new Set(check(history).map(({ rule }) => rule))];
}
