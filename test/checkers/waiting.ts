import { firstOfGroup } from "./groups.ts";
import { entriesOf, inOrder, type CheckOptions, type Entry, type Receive, type Violation } from "./history.ts";
import { entriesAbout, type Message } from "./message.ts";
import type { Queues } from "./queues.ts";
import type { Rule } from "./rules.ts";
import { covers, overlapMs, without, type Span } from "./spans.ts";
import { surelyVisible } from "./visibility.ts";

/** What the receives of one queue are judged by. */
interface Judged {
  readonly queues: Queues;
  readonly options: CheckOptions;
  /** When each message of a FIFO queue became the first of its group; those that perhaps never did are left out. */
  readonly first: ReadonlyMap<Message, number>;
  /** The spans in which any receive of the queue would have got the message. */
  readonly visible: ReadonlyMap<Message, readonly Span[]>;
}

type Found = readonly [rule: Rule, what: string, about: readonly Entry[]];

/**
 * What is visible is handed out: at once to a receive that has room left (`missed`), promptly to one that waits
 * (`unwoken`), and to those that wait in the order in which they came (`overtaken`). A wait is as long as it was asked for
 * (`hasty`, `overslept`).
 */
export function checkWaiting(
  history: readonly Entry[],
  messages: readonly Message[],
  { queues, options }: Pick<Judged, "queues" | "options">,
): Violation[] {
  const crashes = entriesOf(history, "crash");
  const receives = entriesOf(history, "receive").filter(({ outcome, attemptId }) => outcome === "done" && attemptId === undefined);
  const byQueue = Map.groupBy(messages, ({ send }) => send?.queue);
  const first = firstOfGroup(messages);
  const found = [...Map.groupBy(receives, ({ queue }) => queue)].flatMap(([queue, ofQueue]): Found[] => {
    const spans = (byQueue.get(queue) ?? []).map((message) => [message, visibleSpans(message, { queues, options, first })] as const);
    const judged = { queues, options, first, visible: new Map(spans.filter(([, visible]) => visible.length > 0)) };
    return [
      ...ofQueue.flatMap((receive) => missed(receive, judged) ?? unwoken(receive, judged) ?? []),
      ...ofQueue.flatMap((receive) => mistimed(receive, history, judged)),
      ...overtaken(ofQueue, judged),
    ];
  });
  return found.map(([rule, what, about]) => ({ rule, what, history: inOrder(about, crashes) }));
}

function visibleSpans(message: Message, { queues, options, first }: Omit<Judged, "visible">, served?: Receive): Span[] {
  const fromMs = message.send?.fifo === undefined ? -Infinity : (first.get(message) ?? Infinity);
  return surelyVisible(message, queues, { options, served }).flatMap((span) => without(span, [[-Infinity, fromMs]]));
}

function missed(receive: Receive, { visible }: Judged): Found[] | undefined {
  const { client, invokeMs, completeMs, max, deliveries } = receive;
  if (max === undefined || deliveries.length >= max) return undefined;
  const given = new Set(deliveries.map(({ messageId }) => messageId));
  for (const [message, spans] of visible)
    if (!given.has(message.id) && covers(spans, invokeMs, completeMs))
      return [
        ["missed", `${client} asked for ${max}, got ${deliveries.length} and not ${message.name}`, [...entriesAbout(message), receive]],
      ];
  return undefined;
}

function unwoken(receive: Receive, judged: Judged): Found[] | undefined {
  const { client, invokeMs, completeMs, waitMs = 0, deliveries } = receive;
  const { promptMs } = judged.options;
  if (completeMs - invokeMs <= promptMs || waitMs === 0) return undefined;
  const given = new Set(deliveries.map(({ messageId }) => messageId));
  for (const [message, spans] of judged.visible) {
    const during = given.has(message.id) ? visibleSpans(message, judged, receive) : spans;
    if (overlapMs(during, invokeMs, completeMs) <= promptMs) continue;
    return [["unwoken", `${client} waited although ${message.name} was visible`, [...entriesAbout(message), receive]]];
  }
  return undefined;
}

function mistimed(receive: Receive, history: readonly Entry[], { queues, options }: Judged): Found[] {
  const { client, invokeMs, completeMs, waitMs, deliveries } = receive;
  if (waitMs === undefined) return [];
  const tookMs = completeMs - invokeMs;
  const excused = overlapMs(queues.troubles, invokeMs, completeMs) > 0;
  if (tookMs > waitMs + options.promptMs && !excused)
    return [["overslept", `${client} asked to wait ${waitMs} ms and was answered after ${Math.round(tookMs)}`, [receive]]];
  const stopped = (entry: Entry) => entry.op === "crash" && entry.atMs >= invokeMs && entry.atMs <= completeMs + options.promptMs;
  if (deliveries.length === 0 && tookMs < waitMs - options.clockToleranceMs && !history.some(stopped))
    return [["hasty", `${client} asked to wait ${waitMs} ms and was answered empty after ${Math.round(tookMs)}`, [receive]]];
  return [];
}

/** Of two that had surely begun to wait, the later was given messages while the earlier went on waiting. */
function overtaken(receives: readonly Receive[], { queues, options: { promptMs } }: Judged): Found[] {
  const waited = receives
    .filter(({ invokeMs, completeMs }) => completeMs - invokeMs - overlapMs(queues.troubles, invokeMs, completeMs) > promptMs)
    .sort((a, b) => a.invokeMs - b.invokeMs);
  for (const [index, later] of waited.entries()) {
    if (later.deliveries.length === 0) continue;
    const earlier = waited
      .slice(0, index)
      .find(({ invokeMs, completeMs }) => invokeMs + promptMs < later.invokeMs && completeMs > later.completeMs + promptMs);
    if (earlier !== undefined)
      return [["overtaken", `${later.client} was served before ${earlier.client}, who had waited longer`, [earlier, later]]];
  }
  return [];
}
