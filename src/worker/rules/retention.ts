import { DAY_MS, MINUTE_MS } from "../../kernel/units.ts";

/**
 * A worker of each process has a turn so often, which looks through a part of the records; whoever has come to the last
 * of them leaves the next round to the next day.
 */
export const TURN_MS = 10 * MINUTE_MS;
export const REST_MS = DAY_MS;

/** The longest that SQS keeps a message. */
export const RETENTION_MS_MAX = 14 * DAY_MS;

/**
 * For how long a record of each stage is needed after it was last written.
 *
 * A message lives for at most `lifeMs`: in its stage's queue, and then among the dead letters, from where it can be moved
 * back. Until the end of its life it may be published again by who works on it, and that second copy begins a life of its own, at
 * the next stage. So along every chain of stages lives add up, and one more is for who sends to the first of them.
 * Where stages hand on in a circle no chain is longer than all of them.
 *
 * @param routes as `RouteDefinition`: from a stage to others.
 */
export function keptMs(
  stages: readonly string[],
  routes: readonly { readonly from: string; readonly to: readonly string[] }[],
  lifeMs: number,
): ReadonlyMap<string, number> {
  const lengths = new Map(stages.map((name) => [name, 1]));
  for (let round = 1; round < stages.length; round += 1)
    for (const { from, to } of routes)
      for (const target of to) {
        const through = (lengths.get(from) ?? 1) + 1;
        lengths.set(target, Math.min(stages.length, Math.max(lengths.get(target) ?? 1, through)));
      }
  return new Map(stages.map((name) => [name, lifeMs * ((lengths.get(name) ?? 1) + 1)]));
}

/** How far a round has come; kept in the object store, so that all processes go on with one round. */
export interface SweepState {
  /** By the clock of who has written it: nothing is to be done before. It decides over no record. */
  readonly restUntilMs: number;
  /** The stage that is looked through, and the record that was looked at last; both empty where a round begins. */
  readonly stage: string;
  readonly after: string;
}

export const ROUND_BEGINS: SweepState = { restUntilMs: 0, stage: "", after: "" };

/** A clock that was far ahead when it wrote the state is not believed. */
export function isResting({ restUntilMs }: SweepState, nowMs: number): boolean {
  return nowMs < restUntilMs && restUntilMs <= nowMs + REST_MS;
}

/** What comes after a page of records; `undefined` when that was the last one. */
export function nextPage(
  stages: readonly string[],
  at: { readonly stage: string; readonly after: string },
  page: { readonly isLast: boolean; readonly lastKey: string },
): { stage: string; after: string } | undefined {
  if (!page.isLast) return { stage: at.stage, after: page.lastKey };
  const next = stages[stages.indexOf(at.stage) + 1];
  return next === undefined ? undefined : { stage: next, after: "" };
}
