import { entriesOf, inOrder, type Change, type Delete, type Entry, type Receive, type Send, type Violation } from "./history.ts";

/**
 * The total-queue check with what Millrace promises beyond it. A violation says the rule:
 *
 * - `lost`: acknowledged or once seen, deleted by nobody, and not there at the end.
 * - `returned`: delivered by a receive that began after a delete of it was answered.
 * - `invented`: delivered with a content that nobody sent, or that was sent as another message.
 * - `unwanted`: delivered although its send was refused.
 * - `duplicated`: one send, several messages.
 * - `count`: ApproximateReceiveCount does not grow with every delivery.
 * - `early`: delivered while delayed, or while an earlier receive still hid it; crashes are no excuse, because receives
 *   are committed too.
 */
export function checkMessages(history: readonly Entry[]): Violation[] {
  const crashes = entriesOf(history, "crash");
  return messagesOf(history).flatMap((message) =>
    [...strange(message), ...lost(message), ...returned(message), ...miscounted(message), ...early(message)].map(([rule, what]) => ({
      rule,
      what,
      history: inOrder(entriesAbout(message), crashes),
    })),
  );
}

type Finding = readonly [rule: string, what: string];

interface Message {
  readonly name: string;
  /** The send that it came of; undefined: none that we know. */
  send: Send | undefined;
  /** Another message that came of the same send. */
  twin: Message | undefined;
  readonly deliveries: DeliveredAt[];
  readonly deletes: Delete[];
  readonly changes: Change[];
}

interface DeliveredAt {
  readonly content: string;
  readonly receiveCount: number;
  readonly receive: Receive;
}

/** Every message that was acknowledged or delivered. */
function messagesOf(history: readonly Entry[]): Message[] {
  const messages = new Map<string, Message>();
  const of = (messageId: string): Message => {
    let message = messages.get(messageId);
    if (message === undefined) {
      message = { name: `message ${messageId}`, send: undefined, twin: undefined, deliveries: [], deletes: [], changes: [] };
      messages.set(messageId, message);
    }
    return message;
  };
  for (const entry of history) {
    if (entry.op === "send" && entry.messageId !== undefined) of(entry.messageId).send = entry;
    if (entry.op === "delete") of(entry.messageId).deletes.push(entry);
    if (entry.op === "change") of(entry.messageId).changes.push(entry);
    if (entry.op !== "receive") continue;
    for (const { messageId, content, receiveCount } of entry.deliveries)
      of(messageId).deliveries.push({ content, receiveCount, receive: entry });
  }
  findSends(history, [...messages.values()]);
  return [...messages.values()];
}

/** A send without an answer names no message: the first that has its content is it, a second one is its twin. */
function findSends(history: readonly Entry[], messages: readonly Message[]): void {
  const sends = new Map(entriesOf(history, "send").map((send) => [send.content, send]));
  const owners = new Map(messages.flatMap((message) => (message.send === undefined ? [] : [[message.send, message] as const])));
  for (const message of messages) {
    const send = sends.get(message.deliveries[0]?.content ?? "");
    if (message.send !== undefined || send === undefined) continue;
    message.send = send;
    message.twin = owners.get(send);
    if (message.twin === undefined) owners.set(send, message);
  }
}

function entriesAbout({ send, deliveries, deletes, changes }: Message): Entry[] {
  return [...(send === undefined ? [] : [send]), ...deliveries.map(({ receive }) => receive), ...deletes, ...changes];
}

function* strange({ name, send, twin, deliveries }: Message): Generator<Finding> {
  if (deliveries.length === 0) return;
  if (deliveries.some(({ content }) => content !== send?.content))
    yield ["invented", `${name} was delivered with a content that nobody sent, or that was sent as another message`];
  else if (send?.outcome === "refused") yield ["unwanted", `${name} was delivered although its send was refused`];
  if (twin !== undefined) yield ["duplicated", `${name} and ${twin.name} came of one send`];
}

function* lost({ name, send, deliveries, deletes }: Message): Generator<Finding> {
  const exists = send?.outcome === "done" || deliveries.length > 0;
  if (!exists || deletes.some(({ outcome }) => outcome !== "refused")) return;
  if (deliveries.some(({ receive }) => receive.final)) return;
  yield ["lost", `${name} was ${deliveries.length === 0 ? "acknowledged" : "received"}, deleted by nobody, and is not there at the end`];
}

function* returned({ name, deliveries, deletes }: Message): Generator<Finding> {
  const deletedMs = Math.min(...deletes.filter(({ outcome }) => outcome === "done").map(({ completeMs }) => completeMs));
  const after = deliveries.find(({ receive }) => receive.invokeMs > deletedMs);
  if (after !== undefined) yield ["returned", `${name} was delivered to ${after.receive.client} after it was deleted`];
}

function* miscounted({ name, deliveries }: Message): Generator<Finding> {
  const seen = new Set<number>();
  for (const { receiveCount, receive } of deliveries) {
    const before = deliveries.filter((other) => other.receive.completeMs < receive.invokeMs);
    const highest = Math.max(0, ...before.map((other) => other.receiveCount));
    if (receiveCount <= highest)
      yield ["count", `${name} was delivered to ${receive.client} with count ${receiveCount} after one with count ${highest}`];
    else if (seen.has(receiveCount)) yield ["count", `${name} was delivered twice with count ${receiveCount}`];
    seen.add(receiveCount);
  }
}

/** Clocks of the clients and of the server run alike, but a restarted server sets its own by the wall clock. */
const CLOCK_TOLERANCE_MS = 50;

function* early(message: Message): Generator<Finding> {
  const { name, send, deliveries } = message;
  for (const { receive } of deliveries) {
    if (send !== undefined && receive.completeMs < send.invokeMs + send.delayMs - CLOCK_TOLERANCE_MS)
      yield ["early", `${name} was delivered to ${receive.client} while it was delayed`];
    for (const earlier of deliveries) {
      if (earlier.receive.completeMs >= receive.invokeMs) continue;
      const hiddenUntilMs = surelyHiddenUntil(message, earlier, receive);
      if (receive.completeMs < hiddenUntilMs - CLOCK_TOLERANCE_MS)
        yield [
          "early",
          `${name} was delivered to ${receive.client} ${Math.round(hiddenUntilMs - receive.completeMs)} ms before its receive by ${earlier.receive.client} was over`,
        ];
    }
  }
}

/** The earliest time at which the earlier receive can have ended, seen from the later one. */
function surelyHiddenUntil({ changes }: Message, earlier: DeliveredAt, later: Receive): number {
  let untilMs = earlier.receive.invokeMs + earlier.receive.visibilityMs;
  for (const change of changes) {
    if (change.invokeMs > later.completeMs || change.outcome === "refused") continue;
    const changedMs = change.invokeMs + change.visibilityMs;
    // The handle was still good, so the change was certainly made, and before the later receive.
    const surely =
      change.outcome === "done" && change.receiveCount === earlier.receiveCount && change.completeMs < Math.min(untilMs, later.invokeMs);
    // Of any other change only what shortens counts.
    untilMs = surely ? changedMs : Math.min(untilMs, changedMs);
  }
  return untilMs;
}
