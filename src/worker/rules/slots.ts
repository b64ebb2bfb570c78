import { SECOND_MS } from "../../kernel/units.ts";

/** SQS hands out at most ten messages a receive. */
const RECEIVE_COUNT_MAX = 10;

/** The longest that SQS holds a receive. */
export const RECEIVE_WAIT_MS_MAX = 20 * SECOND_MS;

/**
 * A further receive beside one in flight asks for at least this many. Fewer wait the moment until that one is back and go
 * with the next: at a request for every message, requests would cost more than handlers.
 */
export const FURTHER_COUNT_MIN = RECEIVE_COUNT_MAX / 2;

export interface SlotState {
  /** How many handlers may run at once. */
  readonly concurrency: number;
  /** Messages that have a slot: their handler runs, or waits for an earlier one of its FIFO group. */
  readonly taken: number;
  /** Messages whose handler has ended and whose delete or return is not yet acknowledged. */
  readonly settling: number;
  /** Receives in flight. */
  readonly polls: number;
  /** The sum of what these receives have asked for. */
  readonly asked: number;
  /** How many receives may be in flight, as `pollsAllowedAfter` said. */
  readonly pollsAllowed: number;
}

/**
 * How many messages the next receive asks for; 0 when none is to be sent. Every message that can arrive has a free slot
 * waiting for it, so no message's lease runs down while it stands in line here; and no slot waits for a neighbour.
 */
export function nextReceive(state: SlotState): number {
  if (state.polls >= state.pollsAllowed) return 0;
  const count = receivable(state);
  return state.polls === 0 || count >= FURTHER_COUNT_MIN ? count : 0;
}

/** How many messages one more receive may ask for, as far as slots go. */
export function receivable(load: Pick<SlotState, "concurrency" | "taken" | "settling" | "asked">): number {
  const free = load.concurrency - load.taken - load.asked;
  // A server that hands out messages but does not take deletes must not make this process grow without limit.
  const room = 2 * load.concurrency + RECEIVE_COUNT_MAX - load.taken - load.settling - load.asked;
  return Math.max(0, Math.min(RECEIVE_COUNT_MAX, free, room));
}

/**
 * How many receives may be in flight after one was answered: twice as many while the answers are at least half full, one
 * after an empty answer. So an idle queue is asked by a single long poll, and a burst is met by all slots within a few round trips.
 */
export function pollsAllowedAfter(allowed: number, answer: { asked: number; received: number; concurrency: number }): number {
  if (answer.received === 0) return 1;
  if (answer.received * 2 < answer.asked) return allowed;
  return Math.min(allowed * 2, pollsMax(answer.concurrency));
}

/** One more than it takes to fill all slots, so that one can wait on the queue while another's answer is under way. */
export function pollsMax(concurrency: number): number {
  return Math.ceil(concurrency / RECEIVE_COUNT_MAX) + 1;
}
