import type { Finding } from "./finding.ts";
import type { CheckOptions, Delete } from "./history.ts";
import type { Message } from "./message.ts";
import type { Queues } from "./queues.ts";
import { possibleReceives } from "./visibility.ts";

/** Nothing lost, nothing invented, nothing twice, nothing back from the dead. */
export function* checkTotal(messages: readonly Message[], queues: Queues, options: CheckOptions): Generator<readonly [Message, Finding]> {
  for (const message of messages) {
    for (const finding of strange(message)) yield [message, finding];
    for (const finding of lost(message, queues)) yield [message, finding];
    for (const finding of returned(message, queues)) yield [message, finding];
    for (const finding of gone(message, queues, options)) yield [message, finding];
  }
}

function* strange({ name, send, twin, deliveries }: Message): Generator<Finding> {
  if (deliveries.length === 0) return;
  if (deliveries.some(({ content }) => content !== send?.content))
    yield ["invented", `${name} was delivered with a content that nobody sent, or that was sent as another message`];
  else if (send?.outcome === "refused") yield ["unwanted", `${name} was delivered although its send was refused`];
  if (twin !== undefined) yield ["duplicated", `${name} and ${twin.name} came of one send`];
}

function* lost({ name, send, successor, deliveries, deletes }: Message, queues: Queues): Generator<Finding> {
  const exists = send?.outcome === "done" || deliveries.length > 0;
  if (!exists || successor !== undefined || deletes.some(({ outcome }) => outcome !== "refused")) return;
  if (deliveries.some(({ receive }) => receive.final)) return;
  if (send !== undefined && queues.mayHaveEnded(send, deliveries)) return;
  yield ["lost", `${name} was ${deliveries.length === 0 ? "acknowledged" : "received"}, deleted by nobody, and is not there at the end`];
}

function* returned(message: Message, queues: Queues): Generator<Finding> {
  const { name, deliveries, deletes } = message;
  const sure = deletes.filter((deleted) => deleted.outcome === "done" && !mayHaveMissed(message, deleted, queues));
  const deletedMs = Math.min(...sure.map(({ completeMs }) => completeMs));
  const after = deliveries.find(({ receive }) => receive.invokeMs > deletedMs);
  if (after !== undefined) yield ["returned", `${name} was delivered to ${after.receive.client} after it was deleted`];
}

/** Whether the message may have been given up to another queue by then, which a handle of its first queue does not reach. */
function mayHaveMissed(message: Message, { queue, invokeMs, completeMs }: Delete, queues: Queues): boolean {
  const { send, deliveries, changes } = message;
  const { redrive } = queues.of(send?.queue);
  if (redrive === undefined || queue !== send?.queue) return false;
  const receives = possibleReceives(message, queues).filter((receivedMs) => receivedMs <= completeMs);
  if (receives.length < redrive.receivesMax) return false;
  const shown = changes.filter((change) => change.outcome !== "refused" && change.invokeMs <= completeMs);
  const held = deliveries.filter(({ receive }) => receive.completeMs < invokeMs && completeMs < receive.invokeMs + receive.visibilityMs);
  return !held.some(({ receive }) => !shown.some((change) => change.completeMs >= receive.invokeMs));
}

/** Delivered after a purge of what was there, or after its retention. */
function* gone({ name, send, deliveries }: Message, queues: Queues, { expiryMs }: CheckOptions): Generator<Finding> {
  if (send === undefined) return;
  for (const { receive } of deliveries) {
    const settings = queues.of(receive.queue);
    if (receive.queue === send.queue) {
      const purge = settings.purges.find(
        ({ outcome, invokeMs, completeMs }) => outcome === "done" && send.completeMs < invokeMs && completeMs < receive.invokeMs,
      );
      if (purge !== undefined) yield ["purged", `${name} was delivered to ${receive.client} after ${purge.client} had purged its queue`];
    }
    const overMs = send.completeMs + settings.retentionMs + expiryMs;
    if (queues.movesNothingTo(receive.queue) && receive.invokeMs > overMs)
      yield [
        "expired",
        `${name} was delivered to ${receive.client} ${Math.round(receive.invokeMs - overMs + expiryMs)} ms after its retention`,
      ];
  }
}
