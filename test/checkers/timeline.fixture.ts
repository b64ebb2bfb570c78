import { check } from "./check.ts";
import type {
  Change,
  CheckOptions,
  Count,
  Crash,
  Delete,
  Delivery,
  Entry,
  Move,
  Notice,
  Outcome,
  Purge,
  QueueSettings,
  Read,
  Receive,
  Send,
  Up,
  Write,
} from "./history.ts";

/** Hand-made histories: each entry takes ten milliseconds from the time that is given, unless another end is. */
interface At {
  readonly outcome?: Outcome;
  readonly endMs?: number;
}

function timed(client: string, invokeMs: number, { outcome = "done", endMs = invokeMs + 10 }: At) {
  return { client, invokeMs, completeMs: endMs, outcome };
}

/** A send of the message `m1`, whose content is `content of m1`. */
export function send(atMs: number, message: string, at: At & { delayMs?: number; queue?: string } = {}): Send {
  const { delayMs = 0, queue } = at;
  const where = queue === undefined ? {} : { queue };
  const sent = { op: "send", ...timed("writer", atMs, at), ...where, content: `content of ${message}`, delayMs } as const;
  return sent.outcome === "done" ? { ...sent, messageId: message } : sent;
}

/** A receive for two seconds of `m1 #1`: the message and its count, after a colon another content than its own. */
export function receive(atMs: number, deliveries: readonly string[], at: At & Asked = {}): Receive {
  const { client = "reader", final = false, outcome: _outcome, endMs: _endMs, ...asked } = at;
  return { op: "receive", ...timed(client, atMs, at), visibilityMs: 2000, ...asked, deliveries: deliveries.map(delivery), final };
}

type Asked = Partial<Pick<Receive, "client" | "final" | "queue" | "max" | "waitMs" | "attemptId" | "visibilityMs">>;

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

/** What a queue tells: `1 visible, 0 in flight, 2 delayed`. */
export function count(atMs: number, told: string): Count {
  const [visible = 0, inFlight = 0, delayed = 0] = [...told.matchAll(/\d+/g)].map(Number);
  return { op: "count", ...timed("keeper", atMs, {}), visible, inFlight, delayed };
}

export function purge(atMs: number, at: At = {}): Purge {
  return { op: "purge", ...timed("keeper", atMs, at) };
}

export function move(atMs: number, queue: string): Move {
  return { op: "move", ...timed("keeper", atMs, {}), queue };
}

export function settings(of: Omit<QueueSettings, "op" | "retentionMs"> & { retentionMs?: number }): QueueSettings {
  return { op: "queue", retentionMs: 345_600_000, ...of };
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
  return brokenWith({}, ...history);
}

export function brokenWith(options: Partial<CheckOptions>, ...history: Entry[]): string[] {
  return [...new Set(check(history, options).map(({ rule }) => rule))];
}
