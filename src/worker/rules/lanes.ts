import { FURTHER_COUNT_MIN, nextReceive } from "./slots.ts";
import { SECOND_MS } from "../../kernel/units.ts";

/** One of several queues that share the slots of a worker. */
export interface LaneState {
  /** How many slots it gets for each of a lane with the weight 1, while both have messages waiting. */
  readonly weight: number;
  /** As in `SlotState`, of this lane alone. */
  readonly taken: number;
  readonly settling: number;
  readonly polls: number;
  readonly asked: number;
  readonly pollsAllowed: number;
  /** The last receive came back empty. */
  readonly isEmpty: boolean;
  /** It is stopped, or pauses after a failure. */
  readonly isPaused: boolean;
  /** When it was found empty last, in monotonic milliseconds. */
  readonly emptyMs: number;
  /** Messages it has given, by its weight; see `joined`. */
  readonly turn: number;
}

export interface LaneReceive {
  /** Its place among the lanes. */
  readonly lane: number;
  readonly count: number;
  /** How long the receive waits for messages, where there are none. */
  readonly waitMs: number;
}

/** While others have messages, an empty lane is looked at this often. */
export const LOOK_MS = SECOND_MS;

/**
 * How long a receive of the one lane that has had messages waits for more. Where several have, none waits: the others have something to do for
 * the slots that it has asked for.
 */
const BUSY_WAIT_MS = SECOND_MS;

/** How long a receive waits while all lanes are empty; as long as SQS lets it, where the slots that wait are few among many. */
const QUIET_WAIT_MS = 20 * SECOND_MS;
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
  const all = { concurrency, taken: total("taken"), settling: total("settling"), asked: total("asked") };
  const free = nextReceive({ ...all, polls: 0, pollsAllowed: 1 });
  if (free === 0) return undefined;
  const open = lanes.map((lane, index) => ({ ...lane, index })).filter(({ isPaused }) => !isPaused);
  const isQuiet = open.every(({ isEmpty }) => isEmpty);
  const idle = open.filter((lane) => lane.isEmpty && lane.polls === 0 && (isQuiet || nowMs - lane.emptyMs >= LOOK_MS));
  const [empty] = idle.toSorted((one, other) => one.emptyMs - other.emptyMs);
  if (empty !== undefined) return { lane: empty.index, count: 1, waitMs: isQuiet ? quietWaitMs(lanes.length, concurrency) : 0 };
  const busy = open.filter(({ isEmpty }) => !isEmpty);
  for (const { lane, share } of sharesOf(busy, free)) {
    if (lane.polls >= lane.pollsAllowed) continue;
    if (lane.polls === 0 || share >= FURTHER_COUNT_MIN)
      return { lane: lane.index, count: share, waitMs: busy.length === 1 ? BUSY_WAIT_MS : 0 };
  }
  return undefined;
}

/** Slots that wait at one lane are missing to the others, and with fewer slots than lanes some lanes are not waited at. */
function quietWaitMs(lanes: number, concurrency: number): number {
  return concurrency >= SLOTS_FOR_EACH_LANE * lanes ? QUIET_WAIT_MS : FEW_SLOTS_WAIT_MS;
}

/** Slots one by one to the lane whose turn it is; what has been asked for counts as had. Largest shares first. */
function sharesOf<Lane extends LaneState>(lanes: readonly Lane[], free: number): { lane: Lane; share: number }[] {
  const shares = lanes.map((lane) => ({ lane, share: 0, turn: lane.turn + lane.asked / lane.weight }));
  for (let slot = 0; slot < free; slot += 1) {
    let next = shares[0];
    for (const share of shares) if (next === undefined || share.turn < next.turn) next = share;
    if (next === undefined) break;
    next.share += 1;
    next.turn += 1 / next.lane.weight;
  }
  return shares.filter(({ share }) => share > 0).sort((one, other) => other.share - one.share);
}

/** The turn of a lane that has messages again: what it has not used while it was empty is not kept for it. */
export function joined(turn: number, busyTurns: readonly number[]): number {
  return busyTurns.length === 0 ? turn : Math.max(turn, Math.min(...busyTurns));
}
