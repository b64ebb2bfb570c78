import { ranged, type Spread } from "./statistics.ts";
import type { Measurement } from "./job.ts";
import type { Bench } from "./plan.ts";

/** A question that the bench can answer. */
export interface Question {
  /** For `--only`. */
  readonly name: string;
  readonly asks: string;
  answer(bench: Bench): Promise<Answer>;
}

export interface Answer {
  readonly verdicts: readonly Verdict[];
  readonly ratios: readonly Ratio[];
  readonly table: Table;
  readonly notes: readonly string[];
  /** All that was measured, by who was measured. */
  readonly measurements: Readonly<Record<string, readonly Measurement[]>>;
}

export interface Verdict {
  readonly what: string;
  readonly target: string;
  readonly measured: string;
  /** Undefined: could not be judged, `measured` says why. */
  readonly met: boolean | undefined;
  /** Must hold for a release; the others are where the design wants to get to. */
  readonly required: boolean;
}

export interface Ratio {
  readonly against: string;
  /** Ours to theirs, the median of the rounds and the least and most of them. */
  readonly text: string;
}

export interface Table {
  readonly head: readonly string[];
  readonly rows: readonly (readonly string[])[];
}

/** Judges what must not be more than a number, by the median of the rounds. @param of `text`: the number with its unit. */
export function atMost(what: string, of: { measured: Spread; most: number; text: (value: number) => string }): Verdict {
  const { measured, most, text } = of;
  const known = !Number.isNaN(measured.median);
  return {
    what,
    required: true,
    target: `≤ ${text(most)}`,
    measured: known ? ranged(measured, text) : "not measured on this platform",
    met: known ? measured.median <= most : undefined,
  };
}
