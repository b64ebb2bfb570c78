import { entriesOf, inOrder, type Entry, type Violation } from "./history.ts";
import { entriesAbout, type Message } from "./message.ts";
import type { Rule } from "./rules.ts";

/** A broken rule, and the messages that show it; the one that is judged unless others are given. */
export type Finding = readonly [rule: Rule, what: string, about?: readonly Message[]];

/** The findings about messages, each with the smallest history that shows it. */
export function violationsOf(history: readonly Entry[], found: Iterable<readonly [Message, Finding]>): Violation[] {
  const crashes = entriesOf(history, "crash");
  return [...found].map(([message, [rule, what, about = [message]]]) => ({
    rule,
    what,
    history: inOrder(about.flatMap(entriesAbout), crashes),
  }));
}
