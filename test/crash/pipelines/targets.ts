import type { Target } from "./killed-worker.ts";
import { kindOf, type Kind, type Shape } from "./shapes.ts";
import { STEPS, type Step } from "./steps.ts";

/** One worker that is to die. */
export interface Attempt {
  readonly shape: Shape;
  readonly step: Step;
  /** So many jobs are sent to its shape before it begins. */
  readonly jobs: number;
  /** How often it was tried before. */
  readonly tries: number;
}

/** After so many tries a step counts as not reached. */
const TRIES_MAX = 6;

/** Jobs that are sent once more for who has run out of them. */
const JOBS_AGAIN = 4;

/** How many messages of a job come to stages that are worked on, and how many of its runs take a claim. */
const MESSAGES: Readonly<Record<Kind, { readonly received: number; readonly claimed: number }>> = {
  straight: { received: 3, claimed: 3 },
  "fan-out": { received: 3, claimed: 3 },
  join: { received: 4, claimed: 2 },
  exec: { received: 2, claimed: 1 },
};

/** Steps that messages come to in company, and how many there are at least in such company, about. */
const TOGETHER: ReadonlyMap<Step, number> = new Map([
  ["after receive", 8],
  ["in a batch", 12],
  ["after each publish", 8],
  ["before the delete", 8],
  ["after the delete", 8],
]);

/** Every step in every shape in turn, which with 9 steps and 8 shapes is each pair once in 72, until so many workers have died as they were to. */
export class Targets {
  readonly #again: Attempt[] = [];
  readonly #hits = new Map<string, number>();
  readonly #kills: number;
  readonly #jobs: number;
  readonly #shapes: readonly Shape[];
  readonly notReached: string[] = [];
  #next = 0;

  constructor(options: { readonly kills: number; readonly jobs: number; readonly shapes: readonly Shape[] }) {
    this.#kills = options.kills;
    this.#jobs = options.jobs;
    this.#shapes = options.shapes;
  }

  /** Up to so many, the failed ones first. */
  take(count: number): Attempt[] {
    const taken = this.#again.splice(0, count);
    for (; taken.length < count && this.#next < this.#kills; this.#next += 1) taken.push(this.#fresh(this.#next));
    return taken;
  }

  hit({ step, shape }: Attempt): void {
    const pair = `${step}, ${shape}`;
    this.#hits.set(pair, (this.#hits.get(pair) ?? 0) + 1);
  }

  missed(attempt: Attempt): void {
    const tries = attempt.tries + 1;
    if (tries === TRIES_MAX) this.notReached.push(`${attempt.step}, ${attempt.shape}`);
    else this.#again.push({ ...attempt, jobs: JOBS_AGAIN, tries });
  }

  /** How many workers died as they were to, and at how many different places. */
  get done(): { readonly kills: number; readonly places: number } {
    return { kills: [...this.#hits.values()].reduce((sum, count) => sum + count, 0), places: this.#hits.size };
  }

  #fresh(index: number): Attempt {
    const through = (kill: number) => Math.floor((this.#jobs * kill) / this.#kills);
    const step = STEPS[index % STEPS.length] ?? "after receive";
    const shape = this.#shapes[index % this.#shapes.length] ?? "straight";
    return { step, shape, jobs: through(index + 1) - through(index), tries: 0 };
  }
}

/** Places of which there are enough: two workers share what these jobs make of them. @param fraction chance, from 0 up to and not including 1. */
export function targetOf({ step, shape, tries }: Attempt, jobs: number, fraction: number): Target {
  const { received, claimed } = MESSAGES[kindOf(shape)];
  const messages = step === "after taking a claim" || step === "after storing the result" ? claimed : received;
  // Parts of a join publish nothing, and whoever has failed once is to be surer.
  const share = (kindOf(shape) === "join" ? 0.2 : 0.4) / (1 + tries);
  return { step, shape, nth: 1 + Math.floor((fraction * share * messages * jobs) / (TOGETHER.get(step) ?? 1)) };
}
