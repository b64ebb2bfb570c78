import type { Journal } from "../load/journal.ts";
import type { Recovered } from "./recover.ts";

/** Why a crash state is not one that may be. */
export interface Violation {
  readonly kind: "lost" | "corrupt" | "never so";
  readonly what: string;
}

/** Says of what has been recovered whether it may be, by what had been asked and answered when the power was cut. */
export class Judge {
  readonly #journal: Journal;
  /** After which units things stood like that. */
  readonly #units = new Map<string, number[]>();

  constructor(journal: Journal) {
    this.#journal = journal;
    for (const [unit, state] of journal.states.entries()) {
      const units = this.#units.get(state);
      if (units === undefined) this.#units.set(state, [unit]);
      else units.push(unit);
    }
  }

  /** The same, but kept once where it is one of the journal's texts: thousands of states are remembered. */
  interned(recovered: Recovered): Recovered {
    const unit = "shown" in recovered ? this.#units.get(recovered.shown)?.[0] : undefined;
    return unit === undefined ? recovered : { ...recovered, shown: this.#journal.states[unit] ?? "" };
  }

  /**
   * @param told `answered`: the last unit that was answered; `asked`: the last one that was asked for; `backups`: those that
   * somebody was told of.
   * @returns undefined: it is what it was after one of these units, or of those in between.
   */
  verdict(recovered: Recovered, told: { answered: number; asked: number; backups?: readonly string[] }): Violation | undefined {
    const { answered, asked, backups = [] } = told;
    if ("corrupt" in recovered) return { kind: "corrupt", what: recovered.corrupt };
    const missing = recovered.backups && backups.find((id) => recovered.backups?.includes(id) === false);
    if (missing !== undefined) return { kind: "lost", what: `the backup ${missing} was made and is not there` };
    const units = this.#units.get(recovered.shown) ?? [];
    if (units.some((unit) => unit >= answered && unit <= asked)) return undefined;
    const last = units.findLast((unit) => unit < answered);
    if (last !== undefined)
      return {
        kind: "lost",
        what: `${answered - last} units that were answered are lost: it is as it was after unit ${last}, not ${answered}`,
      };
    const what = `it was never so between unit ${answered} and unit ${asked}:\n${difference(this.#journal.states[answered] ?? "", recovered.shown)}`;
    return { kind: "never so", what };
  }
}

/** Shown of what stands in another order. */
const ORDER_LINES = 3;

/** Lines that are in one of two texts alone. */
function difference(expected: string, shown: string): string {
  const [before, after] = [expected.split("\n"), shown.split("\n")];
  const missing = before.filter((line) => !after.includes(line)).map((line) => `- ${line.slice(0, 200)}`);
  const added = after.filter((line) => !before.includes(line)).map((line) => `+ ${line.slice(0, 200)}`);
  if (missing.length + added.length > 0) return [...missing, ...added].join("\n");
  const at = after.findIndex((line, index) => line !== before[index]);
  const around = (lines: readonly string[]) => lines.slice(at, at + ORDER_LINES).map((line) => line.slice(0, 200));
  return ["the same lines in another order; expected", ...around(before), "shown", ...around(after)].join("\n");
}
