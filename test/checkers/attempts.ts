import { entriesOf, inOrder, type Entry, type Receive, type Violation } from "./history.ts";
import { REMEMBERED_MS, type Message } from "./message.ts";

/** A receive that is repeated by its ReceiveRequestAttemptId gives what the first gave, as long as nothing has happened to that. */
export function checkAttempts(history: readonly Entry[], messages: readonly Message[]): Violation[] {
  const crashes = entriesOf(history, "crash");
  const byId = new Map(messages.map((message) => [message.id, message]));
  const receives = entriesOf(history, "receive").filter(({ attemptId, outcome }) => attemptId !== undefined && outcome !== "refused");
  const attempts = Map.groupBy(receives, ({ queue, attemptId }) => `${queue} ${attemptId}`);
  return [...attempts.values()].flatMap((same): Violation[] => {
    for (const first of same) {
      if (first.outcome !== "done" || first.deliveries.length === 0) continue;
      const untilMs = Math.min(...same.map(({ invokeMs, visibilityMs }) => invokeMs + Math.min(visibilityMs, REMEMBERED_MS)));
      const again = same.find(
        ({ outcome, invokeMs, completeMs }) => outcome === "done" && invokeMs > first.completeMs && completeMs < untilMs,
      );
      if (again === undefined || isTouched(first, again, { byId, history }) || namesOf(first) === namesOf(again)) continue;
      const what = `${again.client} repeated the attempt ${first.attemptId} and was given ${namesOf(again) || "nothing"} instead of ${namesOf(first)}`;
      return [{ rule: "replayed", what, history: inOrder([first, again], crashes) }];
    }
    return [];
  });
}

function namesOf({ deliveries }: Receive): string {
  return deliveries
    .map(({ messageId, receiveCount }) => `${messageId} #${receiveCount}`)
    .sort()
    .join(", ");
}

/** Whether one of the messages may have been deleted, changed or received otherwise before it was asked for again. */
function isTouched(
  first: Receive,
  again: Receive,
  { byId, history }: { byId: ReadonlyMap<string, Message>; history: readonly Entry[] },
): boolean {
  const purged = history.some((entry) => entry.op === "purge" && entry.queue === first.queue && entry.invokeMs <= again.completeMs);
  if (purged) return true;
  return first.deliveries.some(({ messageId }) => {
    const { deletes = [], changes = [], deliveries = [] } = byId.get(messageId) ?? {};
    const acts = [...deletes, ...changes].filter(({ outcome }) => outcome !== "refused");
    const others = deliveries.filter(({ receive }) => receive.attemptId !== first.attemptId && receive.invokeMs > first.completeMs);
    return [...acts, ...others.map(({ receive }) => receive)].some(({ invokeMs }) => invokeMs <= again.completeMs);
  });
}
