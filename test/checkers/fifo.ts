import type { Finding } from "./finding.ts";
import { groupsOf } from "./groups.ts";
import type { Receive } from "./history.ts";
import { REMEMBERED_MS, type Message } from "./message.ts";
import type { Queues } from "./queues.ts";
import { possibleReceives } from "./visibility.ts";

/** What a FIFO queue promises beyond what every queue does: the order of its groups, sequence numbers, deduplication. */
export function* checkFifo(messages: readonly Message[], queues: Queues): Generator<readonly [Message, Finding]> {
  const groups = groupsOf(messages);
  for (const group of groups) {
    yield* outOfOrder(group, queues);
    yield* wrongSequences(group);
    yield* forgotten(group);
  }
  for (const ofQueue of Map.groupBy(groups.flat(), ({ send }) => send?.queue).values()) yield* falling(ofQueue);
}

function* outOfOrder(group: readonly Message[], queues: Queues): Generator<readonly [Message, Finding]> {
  for (const [index, message] of group.entries())
    for (const { receive } of message.deliveries) {
      if (receive.queue !== message.send?.queue) continue;
      const position = receive.deliveries.findIndex(({ messageId }) => messageId === message.id);
      const there = group.slice(0, index).findLast((earlier) => !mayComeAfter(earlier, { receive, position, queues }));
      if (there === undefined || there.send?.fifo?.number === message.send?.fifo?.number) continue;
      const what = `${nameOf(message)} was delivered to ${receive.client} although ${nameOf(there)} was there`;
      yield [message, ["order", what, [there, message]]];
      return;
    }
}

/** Whether a receive may give another message at this position although this one is older. */
function mayComeAfter(earlier: Message, { receive, position, queues }: { receive: Receive; position: number; queues: Queues }): boolean {
  const { send, deletes, deliveries, id } = earlier;
  if (send === undefined || send.outcome !== "done" || send.completeMs >= receive.invokeMs) return true;
  if (deletes.some(({ outcome, invokeMs }) => outcome !== "refused" && invokeMs <= receive.completeMs)) return true;
  const { redrive, retentionMs, purges } = queues.of(send.queue);
  if (send.invokeMs + retentionMs <= receive.completeMs) return true;
  if (purges.some(({ invokeMs, completeMs }) => completeMs >= send.invokeMs && invokeMs <= receive.completeMs)) return true;
  const receives = redrive === undefined ? [] : possibleReceives(earlier, queues).filter((invokeMs) => invokeMs <= receive.completeMs);
  if (redrive !== undefined && receives.length >= redrive.receivesMax) return true;
  const given = receive.deliveries.findIndex(({ messageId }) => messageId === id);
  return deliveries.some((delivered) => delivered.receive === receive) && given < position;
}

function* wrongSequences(group: readonly Message[]): Generator<readonly [Message, Finding]> {
  let before: { message: Message; sequence: string } | undefined;
  for (const message of group) {
    const told = sequencesOf(message);
    const [sequence] = told;
    if (sequence === undefined) continue;
    if (told.some((other) => other !== sequence || !/^\d{20}$/.test(other)))
      yield [message, ["sequence", `${nameOf(message)} has the sequence numbers ${[...new Set(told)].join(", ")}`]];
    else if (before !== undefined && before.sequence >= sequence && before.message.send?.fifo?.number !== message.send?.fifo?.number)
      yield [message, notRising(before.message, message)];
    before = { message, sequence };
  }
}

/** In a queue they rise over all groups: of two sends, the one that began when the other was answered has the higher. */
function* falling(ofQueue: readonly Message[]): Generator<readonly [Message, Finding]> {
  const accepted = ofQueue.flatMap((message) => {
    const [sequence] = sequencesOf(message);
    return message.send?.outcome === "done" && sequence !== undefined ? [{ message, send: message.send, sequence }] : [];
  });
  const byEnd = accepted.toSorted((a, b) => a.send.completeMs - b.send.completeMs);
  let highest: (typeof accepted)[number] | undefined;
  let next = 0;
  for (const { message, send, sequence } of accepted.toSorted((a, b) => a.send.invokeMs - b.send.invokeMs)) {
    for (let before = byEnd[next]; before !== undefined && before.send.completeMs < send.invokeMs; before = byEnd[next]) {
      if (highest === undefined || before.sequence > highest.sequence) highest = before;
      next += 1;
    }
    if (highest === undefined || highest.sequence < sequence || highest.message === message) continue;
    if (highest.send.fifo?.group === send.fifo?.group) continue; // Told above.
    yield [message, notRising(highest.message, message)];
    return;
  }
}

function notRising(before: Message, message: Message): Finding {
  const [[lower], [higher]] = [sequencesOf(message), sequencesOf(before)];
  return ["sequence", `${nameOf(message)} has ${lower}, which does not rise above ${higher} of ${nameOf(before)}`, [before, message]];
}

/** As told by its own queue; in a dead-letter queue it has another. */
function sequencesOf({ send, attempts, deliveries }: Message): string[] {
  const own = deliveries.filter(({ receive }) => receive.queue === send?.queue);
  return [...attempts.flatMap(({ fifo }) => fifo?.sequence ?? []), ...own.flatMap(({ fifo }) => fifo?.sequence ?? [])];
}

/** Attempts that were remembered together were told one MessageId; attempts far apart, two. */
function* forgotten(group: readonly Message[]): Generator<readonly [Message, Finding]> {
  for (const message of group) {
    const told = message.attempts.filter(({ messageId }) => messageId !== undefined);
    const ids = new Set(told.map(({ messageId }) => messageId));
    if (ids.size > 1) yield [message, ["remembered", `${nameOf(message)} was accepted ${ids.size} times, as ${[...ids].join(", ")}`]];
  }
  for (const message of group) {
    const { send, again } = message;
    if (send !== undefined && again !== undefined && again.invokeMs > send.completeMs + REMEMBERED_MS + LATE_MS_MAX)
      yield [message, ["remembered-too-long", `${nameOf(message)} was taken for a repetition after five minutes`]];
  }
}

/** Until so long after the five minutes a repetition may still be remembered. */
const LATE_MS_MAX = 1000;

function nameOf({ send }: Message): string {
  return `message ${send?.fifo?.number} of ${send?.fifo?.group}`;
}
