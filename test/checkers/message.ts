import { entriesOf, type Change, type Delete, type Entry, type Numbered, type Receive, type Send } from "./history.ts";

/** So long a FIFO queue remembers what it has accepted. */
export const REMEMBERED_MS = 300_000;

/** A message as a history shows it: what it came of, and everything that was done to it. */
export interface Message {
  readonly id: string;
  /** `message 7f3a…`, for verdicts. */
  readonly name: string;
  /** The send that it came of; undefined: none that we know. Attempts at one message of a FIFO queue are one send. */
  send: Send | undefined;
  /** Each attempt at it. */
  attempts: readonly Send[];
  /** A later send, beyond what is remembered, that was answered as this message all the same. */
  again: Send | undefined;
  /** Another message that came of the same send, although that makes only one. */
  twin: Message | undefined;
  /** What a move task made of it. */
  successor: Message | undefined;
  readonly deliveries: DeliveredAt[];
  readonly deletes: Delete[];
  readonly changes: Change[];
}

export interface DeliveredAt {
  readonly content: string;
  readonly receiveCount: number;
  readonly fifo: Numbered | undefined;
  readonly receive: Receive;
}

/** Every message that was acknowledged or delivered. */
export function messagesOf(history: readonly Entry[]): Message[] {
  const messages = new Map<string, Message>();
  const of = (id: string): Message => {
    let message = messages.get(id);
    if (message === undefined) {
      const nothing = { send: undefined, attempts: [], again: undefined, twin: undefined, successor: undefined };
      message = { id, name: `message ${id}`, ...nothing, deliveries: [], deletes: [], changes: [] };
      messages.set(id, message);
    }
    return message;
  };
  for (const entry of history) {
    if (entry.op === "send" && entry.messageId !== undefined) of(entry.messageId);
    if (entry.op === "delete") of(entry.messageId).deletes.push(entry);
    if (entry.op === "change") of(entry.messageId).changes.push(entry);
    if (entry.op !== "receive") continue;
    for (const { messageId, content, receiveCount, fifo } of entry.deliveries)
      of(messageId).deliveries.push({ content, receiveCount, fifo, receive: entry });
  }
  findSends(history, messages);
  return [...messages.values()];
}

/** A send as a maker of messages, with those that it has made. */
interface Maker {
  readonly send: Send;
  readonly attempts: readonly Send[];
  /** By the answers to its attempts; more than one is judged elsewhere. */
  readonly acknowledged: ReadonlySet<string>;
  readonly made: Message[];
  /** So many it may have made. */
  readonly room: number;
}

/**
 * Answers name the messages of their sends. Of the others, each came of a send of its content that may have made one more;
 * else it is what a move task made of a message, or a twin.
 */
function findSends(history: readonly Entry[], messages: ReadonlyMap<string, Message>): void {
  const makers = [...Map.groupBy(entriesOf(history, "send"), ({ content }) => content)].map(([content, sends]) => {
    return [content, sends[0]?.fifo === undefined ? sends.map(maker) : windows(sends)] as const;
  });
  for (const [, ofContent] of makers) for (const made of ofContent) for (const id of made.acknowledged) own(made, messages.get(id));
  const byContent = new Map(makers);
  const moves = entriesOf(history, "move").filter(({ outcome }) => outcome !== "refused");
  for (const message of messages.values()) {
    const [first] = message.deliveries;
    const ofContent = byContent.get(first?.content ?? "");
    const [any] = ofContent ?? [];
    if (message.send !== undefined || first === undefined || ofContent === undefined || any === undefined) continue;
    const free = ofContent.find(({ made, room }) => made.length < room);
    const moved = movable(ofContent, moves.filter(({ invokeMs }) => invokeMs < first.receive.completeMs).length);
    ({ send: message.send, attempts: message.attempts } = free ?? any);
    if (free !== undefined) free.made.push(message);
    else if (moved !== undefined) moved.successor = message;
    else message.twin = ofContent.flatMap(({ made }) => made)[0];
  }
}

function own(maker: Maker, message: Message | undefined): void {
  if (message === undefined) return;
  if (message.send !== undefined) {
    message.again ??= maker.send;
    return;
  }
  ({ send: message.send, attempts: message.attempts } = maker);
  maker.made.push(message);
}

function maker(send: Send): Maker {
  const acknowledged = new Set(send.messageId === undefined ? [] : [send.messageId]);
  return { send, attempts: [send], acknowledged, made: [], room: send.outcome === "refused" ? 0 : 1 };
}

/** The attempts at one message of a FIFO queue, as far as they are remembered together: one send, begun with the first, done if any was. */
function windows(sends: readonly Send[]): Maker[] {
  const grouped: Send[][] = [];
  for (const send of [...sends].sort((a, b) => a.invokeMs - b.invokeMs)) {
    const [first] = grouped.at(-1) ?? [];
    if (first === undefined || send.completeMs >= first.invokeMs + REMEMBERED_MS) grouped.push([send]);
    else grouped.at(-1)?.push(send);
  }
  return grouped.map((attempts) => {
    const done = attempts.find(({ outcome }) => outcome === "done");
    const unknown = attempts.find(({ outcome }) => outcome === "unknown");
    const [first] = attempts as [Send, ...Send[]];
    const possible = done ?? unknown;
    const send = { ...(possible ?? first), invokeMs: first.invokeMs };
    const acknowledged = new Set(attempts.flatMap(({ messageId }) => messageId ?? []));
    return { send, attempts, acknowledged, made: [], room: possible === undefined ? 0 : 1 };
  });
}

/** A message that one of so many moves may have made another of. */
function movable(makers: readonly Maker[], moves: number): Message | undefined {
  const lives = makers.flatMap(({ made }) => made).map((message) => livesOf(message));
  const alive = lives.find((ofOne) => ofOne.length <= moves && !ofOne.at(-1)?.deletes.some(({ outcome }) => outcome === "done"));
  return alive?.at(-1);
}

/** The message, and what move tasks have made of it, one after the other. */
function livesOf(message: Message): Message[] {
  return message.successor === undefined ? [message] : [message, ...livesOf(message.successor)];
}

/** Everything that was ever done to it, for the history of a verdict. */
export function entriesAbout({ attempts, deliveries, deletes, changes }: Message): Entry[] {
  return [...attempts, ...deliveries.map(({ receive }) => receive), ...deletes, ...changes];
}
