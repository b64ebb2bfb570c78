import type { Clock } from "../../../kernel/clock.ts";

/** How many events a millisecond can hold without running ahead of the clock: 2^20. */
const COUNTER_BITS = 20n;

/**
 * Numbers that grow with each call: engine time, and a counter within the millisecond. Engine time never goes back, not
 * even over a restart, so they grow beyond it too.
 */
export function sequencers(clock: Clock): () => bigint {
  let last = 0n;
  return () => {
    const now = BigInt(clock.nowMs()) << COUNTER_BITS;
    last = now > last ? now : last + 1n;
    return last;
  };
}
