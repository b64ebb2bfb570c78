import type { Answer, Question } from "../answer.ts";
import { FULL_BACKLOG, FULL_DEEP, FULL_ROUNDS, FULL_SECONDS, type Plan } from "../plan.ts";
import { median } from "../statistics.ts";
import type { Machine } from "./machine.ts";

/** Above this share of the processors others were at work, and figures are not worth keeping. */
const BUSY_SHARE = 0.05;

/** One run of the bench. */
export interface Results {
  readonly date: string;
  readonly machine: Machine;
  readonly plan: Plan;
  readonly fauxqs: string;
  readonly answered: readonly Answered[];
}

export interface Answered {
  readonly question: Question;
  /** Undefined where it failed. */
  readonly answer: Answer | undefined;
  readonly failure: string | undefined;
}

/** Why the figures should not be quoted; empty for a full run on a quiet machine. */
export function shortcomings({ plan, machine, answered }: Results): string[] {
  const said: string[] = [];
  if (plan.seconds < FULL_SECONDS || plan.rounds < FULL_ROUNDS)
    said.push(
      `a short run: ${plan.seconds} s a measurement, ${plan.rounds} round${plan.rounds === 1 ? "" : "s"}, where a full one has ${FULL_SECONDS} s and ${FULL_ROUNDS}`,
    );
  if (plan.backlog < FULL_BACKLOG)
    said.push(`a backlog of ${plan.backlog.toLocaleString("en")} messages instead of ${FULL_BACKLOG.toLocaleString("en")}`);
  if (plan.deep < FULL_DEEP)
    said.push(`a deep backlog of ${plan.deep.toLocaleString("en")} messages instead of ${FULL_DEEP.toLocaleString("en")}`);
  const others = othersShare(answered);
  if (others > BUSY_SHARE) said.push(`a busy machine: other processes took ${Math.round(others * 100)} % of its processors meanwhile`);
  if (machine.fileSystem === "tmpfs") said.push("data in memory (tmpfs): an fsync there costs nothing");
  return said;
}

/** The share of the machine that others took, the median of all measurements; NaN where the platform does not tell. */
export function othersShare(answered: readonly Answered[]): number {
  const measurements = answered.flatMap(({ answer }) => Object.values(answer?.measurements ?? {}).flat());
  return median(measurements.flatMap((m) => (m.othersShare === undefined ? [] : [m.othersShare])));
}

/** The same as data. */
export function asJson(results: Results): string {
  const answered = results.answered.map(({ question: { name, asks }, answer, failure }) => ({ name, asks, failure, ...answer }));
  return JSON.stringify({ ...results, shortcomings: shortcomings(results), answered }, undefined, 2);
}
