import { entriesOf, type CheckOptions, type Entry, type Operation, type Violation } from "./history.ts";

/** Answers that are wrong by themselves, and connections that broke while the server was alive. */
export function checkAnswers(history: readonly Entry[]): Violation[] {
  const downs = downTimes(history);
  return operationsOf(history).flatMap((entry): Violation[] => {
    const { client, op, problem, broken, invokeMs, completeMs } = entry;
    if (problem !== undefined) return [{ rule: "answer", what: `${client} was told on ${op}: ${problem}`, history: [entry] }];
    if (broken === undefined || downs.some(({ fromMs, toMs }) => invokeMs < toMs && completeMs > fromMs)) return [];
    return [{ rule: "answer", what: `${client} got no answer on ${op} although the server was alive: ${broken}`, history: [entry] }];
  });
}

/** Some time after the last fault nothing fails any more. What ended before it is not meant, though a later server's time may be earlier. */
export function checkHealing(history: readonly Entry[], { healMs }: CheckOptions): Violation[] {
  const healed = history.findIndex(({ op }) => op === "heal");
  const healedMs = entriesOf(history, "heal")[0]?.atMs ?? Infinity;
  return operationsOf(healed === -1 ? [] : history.slice(healed)).flatMap((entry): Violation[] => {
    const { client, op, outcome, failed, invokeMs } = entry;
    if (invokeMs <= healedMs + healMs || (outcome !== "unknown" && failed === undefined)) return [];
    const what = `${client} was told on ${op} ${Math.round(invokeMs - healedMs)} ms after the last fault: ${failed ?? "nothing"}`;
    return [{ rule: "unhealed", what, history: [entry] }];
  });
}

/** Whatever happened to the machine's clock, a server goes on where the one before it was. */
export function checkClock(history: readonly Entry[], { clockToleranceMs }: CheckOptions): Violation[] {
  const found: Violation[] = [];
  let last: Operation | undefined;
  for (const entry of history) {
    if (entry.op === "up" && last !== undefined && entry.atMs < last.completeMs - clockToleranceMs)
      found.push({
        rule: "clock",
        what: `the server starts ${last.completeMs - entry.atMs} ms before what it has done`,
        history: [last, entry],
      });
    if (hasEffect(entry) && entry.completeMs > (last?.completeMs ?? -Infinity)) last = entry;
  }
  return found;
}

/** Whether something was written for it: what deletes nothing, or repeats, may not be. */
function hasEffect(entry: Entry): entry is Operation {
  if (!("outcome" in entry) || entry.outcome !== "done") return false;
  return (entry.op === "send" && entry.fifo === undefined) || (entry.op === "receive" && entry.deliveries.length > 0);
}

/** What a started server found and set. */
export function checkStarts(history: readonly Entry[]): Violation[] {
  return entriesOf(history, "up").flatMap((entry): Violation[] => {
    const { facts } = entry;
    if (facts === undefined) return [];
    const { journalMode, synchronous, integrity } = facts;
    if (journalMode === "wal" && synchronous === 2 && integrity === "ok") return [];
    const what = `opened with journal_mode ${journalMode}, synchronous ${synchronous}, integrity check: ${integrity}`;
    return [{ rule: "opened", what, history: [entry] }];
  });
}

function operationsOf(history: readonly Entry[]): Operation[] {
  return history.filter((entry): entry is Operation => "outcome" in entry);
}

function downTimes(history: readonly Entry[]): { fromMs: number; toMs: number }[] {
  const ups = entriesOf(history, "up");
  return entriesOf(history, "crash").map(({ atMs: fromMs }) => ({ fromMs, toMs: ups.find(({ atMs }) => atMs > fromMs)?.atMs ?? Infinity }));
}
