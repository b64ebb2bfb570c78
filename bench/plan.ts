import type { Children } from "./children.ts";
import type { Progress } from "./progress.ts";
import type { Peer } from "./servers/start.ts";

/** Connections of every load; the figures of others that we compare with were taken with as many. */
export const CONNECTIONS = 64;

/** Fewer than these, and the results say of themselves that they are a short run. */
export const FULL_SECONDS = 5;
export const FULL_ROUNDS = 3;
export const FULL_BACKLOG = 1_000_000;
export const FULL_DEEP = 10_000_000;

export interface Plan {
  /** Of each measurement, after its warm-up. */
  readonly seconds: number;
  readonly rounds: number;
  /** Messages that wait in the question about a backlog. */
  readonly backlog: number;
  /** Messages that wait in the question about the deepest one, each of 200 bytes. */
  readonly deep: number;
}

/** What a question works with. */
export interface Bench {
  readonly plan: Plan;
  readonly children: Children;
  readonly progress: Progress;
  readonly peer: Peer;
}

/** A server just started runs slowly until its code is compiled. */
export function warmUpSeconds({ seconds }: Plan): number {
  return Math.min(3, Math.max(0.5, seconds * 0.4));
}
