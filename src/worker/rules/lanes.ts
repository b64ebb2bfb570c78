import { SECOND_MS } from "../../kernel/units.ts";
import { FURTHER_COUNT_MIN, receivable, RECEIVE_WAIT_MS_MAX, type SlotState } from "./slots.ts";

/** One of several queues that share the slots of a worker; as in `SlotState`, but of this lane alone, and what is a lane's besides. */
export interface LaneState extends Omit<SlotState, "concurrency"> {
  /** How many slots it gets for each of a lane with the weight 1, while both have messages waiting. */
  readonly weight: number;
  /** It is stopped, or pauses after a failure. */
  readonly isPaused: boolean;
  /** When its last receive came back empty, in monotonic milliseconds; `undefined` after one that brought messages, and before the first. */
  readonly emptyMs: number | undefined;
  /** Messages it has given, by its weight: the pass of stride scheduling (Waldspurger and Weihl, 1995); see `joined`. */
  readonly pass: number;
}

export interface LaneReceive {
  /** Its place among the lanes. */
  readonly lane: number;
  readonly count: number;
  /** How long the receive waits for messages, where there are none. */
  readonly waitMs: number;
}

/** While others have messages, an empty lane is looked at this often. */
const LOOK_MS = SECOND_MS;

/**
 * How long a receive of the one lane that has had messages waits for more. Where several have, none waits: the others have something to do for
 * the slots that it has asked for.
 */
const BUSY_WAIT_MS = SECOND_MS;

/** How long a receive waits while all lanes are empty and slots are few, since those that wait at one lane are missing to the others. */
const FEW_SLOTS_WAIT_MS = 2 * SECOND_MS;
const SLOTS_FOR_EACH_LANE = 4;

/**
 * The next receive of a worker with several lanes; `undefined` when none is to be sent. Lanes with messages share the slots that
 * become free by their weights: the next slot is for the one that has had least for its weight. An empty lane is only looked at, for one
 * message, and before the others: what comes there has its turn at once. When all are empty each is waited at, for one message, longest
 * ago first. So no slot waits at an empty queue while another has something to do, for longer than the last wait lasts.
 */
export function nextLaneReceive(
  lanes: readonly LaneState[],
  about: { readonly concurrency: number; readonly nowMs: number },
): LaneReceive | undefined {
  const { concurrency, nowMs } = about;
  const total = (member: "taken" | "settling" | "asked") => lanes.reduce((sum, lane) => sum + lane[member], 0);
  const free = receivable({ concurrency, taken: total("taken"), settling: total("settling"), asked: total("asked") });
  if (free === 0) return undefined;
  const open = lanes.map((lane, index) => ({ ...lane, index })).filter(({ isPaused }) => !isPaused);
  const busy = open.filter(({ emptyMs }) => emptyMs === undefined);
  const isQuiet = busy.length === 0;
  const due = open.flatMap(({ index, emptyMs, polls }) => {
    const isDue = emptyMs !== undefined && polls === 0 && (isQuiet || nowMs - emptyMs >= LOOK_MS);
    return isDue ? [{ index, emptyMs }] : [];
  });
  const [longest] = due.toSorted((one, other) => one.emptyMs - other.emptyMs);
  if (longest !== undefined) return { lane: longest.index, count: 1, waitMs: isQuiet ? quietWaitMs(lanes.length, concurrency) : 0 };
  for (const { lane, share } of sharesOf(busy, free)) {
    if (lane.polls >= lane.pollsAllowed) continue;
    if (lane.polls === 0 || share >= FURTHER_COUNT_MIN)
      return { lane: lane.index, count: share, waitMs: busy.length === 1 ? BUSY_WAIT_MS : 0 };
  }
  return undefined;
}

/** As long as SQS lets it where slots are many. With fewer slots than lanes some lanes are not waited at until a wait is over. */
function quietWaitMs(lanes: number, concurrency: number): number {
  return concurrency >= SLOTS_FOR_EACH_LANE * lanes ? RECEIVE_WAIT_MS_MAX : FEW_SLOTS_WAIT_MS;
}

/** Slots one by one to the lane with the smallest pass; what has been asked for counts as had. Largest shares first. */
function sharesOf<Lane extends LaneState>(lanes: readonly Lane[], free: number): { lane: Lane; share: number }[] {
  const shares = lanes.map((lane) => ({ lane, share: 0, pass: lane.pass + lane.asked / lane.weight }));
  for (let slot = 0; slot < free; slot += 1) {
    let next = shares[0];
    for (const share of shares) if (next === undefined || share.pass < next.pass) next = share;
    if (next === undefined) break;
    next.share += 1;
    next.pass += 1 / next.lane.weight;
  }
  return shares.filter(({ share }) => share > 0).sort((one, other) => other.share - one.share);
}

/** The pass of a lane that has messages again: what it has not used while it was empty is not kept for it. */
export function joined(pass: number, busyPasses: readonly number[]): number {
  return busyPasses.length === 0 ? pass : Math.max(pass, Math.min(...busyPasses));
}
