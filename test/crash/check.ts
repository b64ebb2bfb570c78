import { checkMessages } from "./check-messages.ts";
import { checkNotices } from "./check-notices.ts";
import { checkObjects } from "./check-objects.ts";
import { entriesOf, type Entry, type Violation } from "./history.ts";

/** All that is wrong with a history; it must end with a complete drain. */
export function check(history: readonly Entry[]): Violation[] {
  return [...checkMessages(history), ...checkObjects(history), ...checkNotices(history), ...checkAnswers(history)];
}

/** Answers that are wrong by themselves, and connections that broke while the server was alive. */
export function checkAnswers(history: readonly Entry[]): Violation[] {
  const downs = downTimes(history);
  return history.flatMap((entry) => {
    if (!("outcome" in entry)) return [];
    const { client, op, problem, broken, invokeMs, completeMs } = entry;
    if (problem !== undefined) return [{ rule: "answer", what: `${client} was told on ${op}: ${problem}`, history: [entry] }];
    if (broken === undefined || downs.some(({ fromMs, toMs }) => invokeMs < toMs && completeMs > fromMs)) return [];
    return [{ rule: "answer", what: `${client} got no answer on ${op} although the server was alive: ${broken}`, history: [entry] }];
  });
}

function downTimes(history: readonly Entry[]): { fromMs: number; toMs: number }[] {
  const ups = entriesOf(history, "up");
  return entriesOf(history, "crash").map(({ atMs: fromMs }) => ({ fromMs, toMs: ups.find(({ atMs }) => atMs > fromMs)?.atMs ?? Infinity }));
}
