import type { Clock } from "../../../kernel/clock.ts";

/** How many events a millisecond can hold without running ahead of the clock: 2^20. */
const COUNTER_BITS = 20n;

/**
 * Numbers that grow with each call: engine time, and a counter within the millisecond. Engine time never goes back, not
 * even over a restart, so they grow beyond it too.
 * @param cell eight bytes with the last number that was given, by whichever thread of the server.
 */
export function sequencers(clock: Clock, cell: SharedArrayBuffer): () => bigint {
  const lastOfAll = new BigInt64Array(cell);
  return () => {
    for (;;) {
      const last = Atomics.load(lastOfAll, 0);
      const now = BigInt(clock.nowMs()) << COUNTER_BITS;
      const next = now > last ? now : last + 1n;
      if (Atomics.compareExchange(lastOfAll, 0, last, next) === last) return next;
    }
  };
}

/** For a server that has given none yet. */
export function sequenceCell(): SharedArrayBuffer {
  return new SharedArrayBuffer(8);
}
