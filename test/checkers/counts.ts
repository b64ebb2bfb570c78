import type { Finding } from "./finding.ts";
import { entriesOf, inOrder, type CheckOptions, type Count, type Entry, type Violation } from "./history.ts";
import type { DeliveredAt, Message } from "./message.ts";
import type { Queues } from "./queues.ts";
import { covers } from "./spans.ts";
import { isReplay, possibleReceives, surelyThere, surelyVisible } from "./visibility.ts";

/** ApproximateReceiveCount grows with every delivery, and with nothing else. */
export function* checkReceiveCounts(messages: readonly Message[], queues: Queues): Generator<readonly [Message, Finding]> {
  for (const message of messages) {
    for (const finding of miscounted(message)) yield [message, finding];
    for (const finding of overcounted(message, queues)) yield [message, finding];
  }
}

function* miscounted({ name, deliveries }: Message): Generator<Finding> {
  const seen = new Map<number, DeliveredAt>();
  for (const delivered of deliveries) {
    const { receiveCount, receive } = delivered;
    const same = seen.get(receiveCount);
    seen.set(receiveCount, delivered);
    if (same !== undefined && isReplay(same, delivered)) continue;
    const before = deliveries.filter((other) => other.receive.completeMs < receive.invokeMs);
    const highest = Math.max(0, ...before.map((other) => other.receiveCount));
    if (receiveCount <= highest)
      yield ["count", `${name} was delivered to ${receive.client} with count ${receiveCount} after one with count ${highest}`];
    else if (same !== undefined) yield ["count", `${name} was delivered twice with count ${receiveCount}`];
  }
}

/** In its first queue, since moves to other queues and back are counted in ways of their own. */
function* overcounted(message: Message, queues: Queues): Generator<Finding> {
  const { name, send, deliveries } = message;
  if (!queues.movesNothingTo(send?.queue) || deliveries.some(({ receive }) => receive.queue !== send?.queue)) return;
  const possible = possibleReceives(message, queues);
  for (const { receiveCount, receive } of deliveries) {
    const receivesMax = possible.filter((invokeMs) => invokeMs <= receive.completeMs).length;
    if (receiveCount > receivesMax)
      yield [
        "overcounted",
        `${name} was delivered to ${receive.client} with count ${receiveCount}, but cannot have been received more than ${receivesMax} times`,
      ];
  }
}

/** What a queue says of itself fits what is certain: so many messages it has at least, so many at most. */
export function checkQueueCounts(
  history: readonly Entry[],
  messages: readonly Message[],
  { queues, options }: { queues: Queues; options: CheckOptions },
): Violation[] {
  const crashes = entriesOf(history, "crash");
  const counts = entriesOf(history, "count").filter(({ outcome, queue }) => outcome === "done" && queues.movesNothingTo(queue));
  const sends = entriesOf(history, "send").filter(({ outcome, messageId }) => outcome === "unknown" && messageId === undefined);
  return [...Map.groupBy(counts, ({ queue }) => queue)].flatMap(([queue, ofQueue]): Violation[] => {
    const there = messages.filter(({ send }) => send?.queue === queue && send !== undefined);
    const spans = there.map((message) => ({
      message,
      there: surelyThere(message, queues, options),
      visible: surelyVisible(message, queues, { options }),
    }));
    const seen = new Set(there.flatMap(({ attempts }) => attempts));
    const unseen = sends.filter((send) => send.queue === queue && !seen.has(send));
    return ofQueue.flatMap((count) => {
      const { invokeMs, completeMs } = count;
      // What came in the millisecond of the count came before or after it.
      const least = spans.filter((span) => span.there !== undefined && covers([span.there], invokeMs - 1, completeMs)).length;
      const most =
        there.filter((message) => mayBeThere(message, queues, { count, options })).length +
        unseen.filter((send) => send.invokeMs <= completeMs).length;
      const visible = spans.filter((span) => covers(span.visible, invokeMs - 1, completeMs)).length;
      const told = count.visible + count.inFlight + count.delayed;
      if (told >= least && told <= most && count.visible >= visible) return [];
      const what = `${queue ?? "the queue"} has ${least} to ${most} messages, at least ${visible} of them visible, and told ${count.client} ${count.visible} visible, ${count.inFlight} in flight, ${count.delayed} delayed`;
      return [{ rule: "miscounted", what, history: inOrder([count], crashes) }];
    });
  });
}

function mayBeThere({ send, deletes }: Message, queues: Queues, { count, options }: { count: Count; options: CheckOptions }): boolean {
  if (send === undefined || send.invokeMs > count.completeMs) return false;
  const { retentionMs, purges } = queues.of(send.queue);
  if (send.completeMs + retentionMs + options.expiryMs < count.invokeMs) return false;
  if (deletes.some(({ outcome, completeMs }) => outcome === "done" && completeMs < count.invokeMs)) return false;
  return !purges.some(
    ({ outcome, invokeMs, completeMs }) => outcome === "done" && send.completeMs < invokeMs && completeMs < count.invokeMs,
  );
}
