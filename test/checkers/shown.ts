import { toJsonLines, type Violation } from "./history.ts";
import { RULES } from "./rules.ts";

const SHOWN_ENTRIES_MAX = 40;

/** Of each rule that was broken the first violation, with the smallest history that shows it, for people. */
export function shown(violations: readonly Violation[]): string {
  return [...Map.groupBy(violations, ({ rule }) => rule)]
    .map(([rule, [first, ...others]]) => {
      const history = toJsonLines(first?.history.slice(0, SHOWN_ENTRIES_MAX) ?? []);
      return `${rule} (${RULES[rule].invariants.join(", ")}; ${others.length + 1} times): ${first?.what}\n${history}`;
    })
    .join("\n");
}
