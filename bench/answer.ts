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
