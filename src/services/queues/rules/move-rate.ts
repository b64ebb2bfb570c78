import { SECOND_MS } from "../../../kernel/units.ts";
import { MOVED_PER_SECOND_MAX } from "./limits.ts";

/** The account of a task's rate; it is stored with the task, so that it holds across restarts. */
export interface RateAccount {
  /** Undefined: as fast as a task may be. */
  readonly perSecond: number | undefined;
  /** When the next message may go, epoch milliseconds with a fraction. */
  readonly nextMs: number;
}

/**
 * Time that passed unused counts for no more than this, so that nothing surges after a restart or a pause. It is
 * several pieces of work long, so that a piece that comes late does not lower the rate.
 */
const SAVED_MS = 200;

/** How many messages may go now. */
export function movableNow(account: RateAccount, nowMs: number): number {
  const fromMs = from(account, nowMs);
  return fromMs > nowMs ? 0 : Math.floor((nowMs - fromMs) / costMs(account)) + 1;
}

/** When the next message may go after so many have gone now. */
export function nextAfter(account: RateAccount, nowMs: number, moved: number): number {
  return from(account, nowMs) + moved * costMs(account);
}

function from({ nextMs }: RateAccount, nowMs: number): number {
  return Math.max(nextMs, nowMs - SAVED_MS);
}

function costMs({ perSecond = MOVED_PER_SECOND_MAX }: RateAccount): number {
  return SECOND_MS / perSecond;
}
