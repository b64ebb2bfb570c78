import { checkMessages } from "./check-messages.ts";
import { checkNotices } from "./check-notices.ts";
import { checkObjects } from "./check-objects.ts";
import type { Entry, Violation } from "./history.ts";

/** All that is wrong with a history; it must end with a complete drain. */
export function check(history: readonly Entry[]): Violation[] {
  return [...checkMessages(history), ...checkObjects(history), ...checkNotices(history), ...checkAnswers(history)];
}

/** Answers that are wrong by themselves, whatever came before and after. */
function checkAnswers(history: readonly Entry[]): Violation[] {
  return history.flatMap((entry) =>
    "problem" in entry && entry.problem !== undefined
      ? [{ rule: "answer", what: `${entry.client} was told on ${entry.op}: ${entry.problem}`, history: [entry] }]
      : [],
  );
}
