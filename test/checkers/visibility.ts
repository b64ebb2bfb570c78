import type { Finding } from "./finding.ts";
import type { CheckOptions, Receive } from "./history.ts";
import type { DeliveredAt, Message } from "./message.ts";
import type { Queues } from "./queues.ts";
import { union, without, type Span } from "./spans.ts";

/** Nobody receives a message while it is delayed, or while an earlier receive hides it; crashes are no excuse, because receives are committed too. */
export function* checkHidden(messages: readonly Message[], { clockToleranceMs }: CheckOptions): Generator<readonly [Message, Finding]> {
  for (const message of messages)
    for (const later of message.deliveries) {
      const { name, send } = message;
      const { receive } = later;
      if (send !== undefined && receive.completeMs < send.invokeMs + send.delayMs - clockToleranceMs)
        yield [message, ["early", `${name} was delivered to ${receive.client} while it was delayed`]];
      for (const earlier of message.deliveries) {
        if (earlier.receive.completeMs >= receive.invokeMs || isReplay(earlier, later)) continue;
        const hiddenUntilMs = surelyHiddenUntil(message, earlier, receive);
        if (receive.completeMs >= hiddenUntilMs - clockToleranceMs) continue;
        const byMs = Math.round(hiddenUntilMs - receive.completeMs);
        yield [
          message,
          ["early", `${name} was delivered to ${receive.client} ${byMs} ms before its receive by ${earlier.receive.client} was over`],
        ];
      }
    }
}

/** Whether both are answers to one attempt at receiving. */
export function isReplay(earlier: DeliveredAt, later: DeliveredAt): boolean {
  const { attemptId } = later.receive;
  return attemptId !== undefined && attemptId === earlier.receive.attemptId && earlier.receiveCount === later.receiveCount;
}

/** The earliest time at which the earlier receive can have ended, seen from the later one. */
function surelyHiddenUntil({ changes, deliveries }: Message, earlier: DeliveredAt, later: Receive): number {
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
  // A repeated attempt hides anew, and maybe for less.
  for (const again of deliveries)
    if (again !== earlier && isReplay(earlier, again)) untilMs = Math.min(untilMs, again.receive.invokeMs + again.receive.visibilityMs);
  return untilMs;
}

/** From when to when a message was in its first queue without any doubt. */
export function surelyThere(message: Message, queues: Queues, { clockToleranceMs }: CheckOptions): Span | undefined {
  const { send, deliveries, deletes } = message;
  if (send === undefined) return undefined;
  const fromMs = send.outcome === "done" ? send.completeMs : deliveries[0]?.receive.completeMs;
  if (fromMs === undefined) return undefined;
  const { retentionMs, redrive, purges } = queues.of(send.queue);
  let toMs = send.invokeMs + retentionMs - clockToleranceMs;
  for (const { outcome, invokeMs } of deletes) if (outcome !== "refused") toMs = Math.min(toMs, invokeMs);
  for (const { invokeMs, completeMs } of purges) if (completeMs >= send.invokeMs) toMs = Math.min(toMs, invokeMs);
  for (const { receive } of deliveries) if (receive.queue !== send.queue) toMs = Math.min(toMs, receive.invokeMs, send.completeMs);
  if (redrive !== undefined) toMs = Math.min(toMs, possibleReceives(message, queues)[redrive.receivesMax - 1] ?? Infinity);
  return toMs > fromMs ? [fromMs, toMs] : undefined;
}

/** When each receive began that may have counted for the message in its first queue. */
export function possibleReceives({ send, deliveries }: Message, queues: Queues): number[] {
  const known = deliveries.filter(({ receive }) => receive.queue === send?.queue).map(({ receive }) => receive.invokeMs);
  const lost = queues.of(send?.queue).lostReceives.filter(({ completeMs }) => completeMs >= (send?.invokeMs ?? 0));
  return [...known, ...lost.map(({ invokeMs }) => invokeMs)].sort((a, b) => a - b);
}

/**
 * The same for when it could be received: not delayed, and hidden by nobody.
 * @param judged `served`: the receive that is judged takes its messages no sooner than it is answered.
 */
export function surelyVisible(
  message: Message,
  queues: Queues,
  { options, served }: { options: CheckOptions; served?: Receive | undefined },
): Span[] {
  const there = surelyThere(message, queues, options);
  const { send } = message;
  if (there === undefined || send === undefined) return [];
  const fromMs = Math.max(there[0] + TICK_MS, send.completeMs + send.delayMs) + options.clockToleranceMs;
  if (fromMs >= there[1]) return [];
  const holes = [...queues.of(send.queue).maybeHidden, ...queues.troubles];
  for (const delivered of message.deliveries) {
    const { receive } = delivered;
    const endMs = Math.max(latestEnd(message, delivered), receive.completeMs + TICK_MS);
    holes.push([receive === served ? receive.completeMs : receive.invokeMs, endMs + options.clockToleranceMs]);
  }
  for (const { outcome, invokeMs, completeMs, visibilityMs } of message.changes)
    if (outcome !== "refused") holes.push([invokeMs, completeMs + Math.max(visibilityMs, TICK_MS) + options.clockToleranceMs]);
  return without([fromMs, there[1]], union(holes));
}

/** What is told in whole milliseconds may have happened before or after anything else of the same one. */
const TICK_MS = 1;

/** The latest time at which a receive can have stopped hiding the message. */
function latestEnd({ changes }: Message, { receive, receiveCount }: DeliveredAt): number {
  const endMs = receive.completeMs + receive.visibilityMs;
  const after = changes.filter(({ outcome, completeMs }) => outcome !== "refused" && completeMs >= receive.invokeMs);
  const [only] = after;
  const surely =
    after.length === 1 &&
    only?.outcome === "done" &&
    only.receiveCount === receiveCount &&
    only.completeMs < receive.invokeMs + receive.visibilityMs;
  // Each change that may have counted hides for its own time; the only one, made in time, also ends what was before it.
  return surely ? only.completeMs : endMs;
}
