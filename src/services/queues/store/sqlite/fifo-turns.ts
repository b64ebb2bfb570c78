import type { Database } from "../../../../storage/sqlite/database.ts";
import type { EnginePort } from "../../../../storage/sqlite/module.ts";
import { SECOND_MS } from "../../../../kernel/units.ts";
import { RETENTION_SECONDS_MIN } from "../../rules/limits.ts";
import type { MessageGroup, MessageGroups } from "./message-groups.ts";
import { stateOf, type State, type StateRow } from "./message-statements.ts";
import type { Queue } from "./queue-table.ts";
import type { Sequences } from "./sequences.ts";

/** How much is taken at once. */
interface TakeLimits {
  /** Messages to be delivered. */
  readonly messagesMax: number;
  /** About so many to be given up, so that others get their turn. */
  readonly givenUpMax: number;
  /** How many of these are to be given up. */
  readonly givenUp: (states: readonly State[]) => number;
}

/** Greater than any sequence. */
const NONE = Number.MAX_SAFE_INTEGER;

/**
 * In which order the message groups of a FIFO queue are served. A group has a turn exactly while its oldest message is
 * visible; that which was served takes a new turn, behind all others, when that is the case again. Whatever shows, hides
 * or removes a message says so (`shown`, `changed`), and each operation ends with `settle`, so that nobody who moves
 * messages need know the rule. What is asked is always the head of one group, by index: the backlog does not matter.
 */
export class Turns {
  readonly #engine: EnginePort;
  readonly #groups: MessageGroups;
  readonly #sequences: Sequences;
  readonly #sql;
  readonly #changed = new Map<number, Queue>();
  /** Groups that were served in this operation: they have their turn no more, though it is still written. */
  readonly #served = new Set<number>();

  constructor(database: Database, options: { engine: EnginePort; groups: MessageGroups; sequences: Sequences }) {
    this.#engine = options.engine;
    this.#groups = options.groups;
    this.#sequences = options.sequences;
    this.#sql = statements(database);
  }

  /** A message has become visible. Where the group can be served already, it still can. */
  shown(queue: Queue, group: number): void {
    if ((this.#groups.get(group).turn ?? 0) <= queue.voidThrough) this.#changed.set(group, queue);
  }

  /** A message was hidden or is gone. */
  changed(queue: Queue, group: number): void {
    this.#changed.set(group, queue);
  }

  /**
   * Gives turns to the groups that can be served now, takes them from those that cannot, and wakes who waits for one. Of
   * a group that is locked it notes since when its oldest message lives, where that may end before it is visible again.
   * @param options `wakes`: false where what has come is not to be delivered.
   */
  settle({ wakes }: { wakes: boolean } = { wakes: true }): void {
    if (this.#changed.size === 0 && this.#served.size === 0) return; // To empty an empty map is work, too.
    for (const [id, queue] of this.#changed) {
      const group = this.#groups.seek(id);
      if (group === undefined) continue; // Its last message ended in the piece of upkeep that dropped it.
      const [oldestVisible, oldestHidden] = this.#sql.heads.get(id, queue.voidThrough, id, queue.voidThrough) ?? [null, null];
      const serves = oldestVisible !== null && oldestVisible < (oldestHidden ?? NONE);
      const hasTurn = group.turn !== null && group.turn > queue.voidThrough && !this.#served.has(id);
      if (serves && !hasTurn) {
        this.#groups.set(group, { turn: this.#sequences.next(), headSentMs: null });
        if (wakes) this.#engine.wake(queue.id);
      } else if (!serves) this.#lock(queue, group, oldestHidden);
    }
    this.#changed.clear();
    this.#served.clear();
  }

  /** @param head sequence of its oldest message, which is hidden; null: it has none. */
  #lock(queue: Queue, group: MessageGroup, head: number | null): void {
    const [sentMs, visibleMs] = (head === null ? undefined : this.#sql.head.get(group.id, head)) ?? [Infinity, 0];
    // Under no retention can it end before it is visible again: so it is with most, which need no row of their index then.
    const headSentMs = sentMs + RETENTION_SECONDS_MIN * SECOND_MS < visibleMs ? sentMs : null;
    if (group.turn !== null || group.headSentMs !== headSentMs) this.#groups.set(group, { turn: null, headSentMs });
    if (headSentMs === null) return;
    const freedMs = headSentMs + queue.settings.retentionMs;
    if (freedMs < queue.dueMs) queue.dueMs = freedMs;
    this.#engine.wakeAt(queue.id, freedMs);
  }

  /**
   * Takes messages from the groups in their turn, as many as can be from one before the next: each from its oldest up to
   * the first that is in flight or delayed. What is taken is neither visible nor hidden until its taker says so. Those that
   * are to be given up are among what it answers, and do not count.
   */
  take(queue: Queue, limits: TakeLimits): State[] {
    const taken: State[] = [];
    let count = 0;
    for (const [id] of this.#sql.inTurn.all(queue.id, queue.voidThrough, limits.messagesMax)) {
      const states = this.#takeFrom(queue, id, { ...limits, messagesMax: limits.messagesMax - count });
      count += states.length - limits.givenUp(states);
      taken.push(...states);
      if (count >= limits.messagesMax || taken.length - count >= limits.givenUpMax) break;
    }
    return taken;
  }

  /** Whether a visible message is the oldest of its group, so that no other of the group is left behind it when it goes. */
  isHead(queue: Queue, { sequence, group }: State): boolean {
    if (!queue.settings.fifo || group === null) return true;
    const [oldestVisible, oldestHidden] = this.#sql.heads.get(group, queue.voidThrough, group, queue.voidThrough) ?? [null, null];
    return oldestVisible === sequence && sequence < (oldestHidden ?? NONE);
  }

  forget(): void {
    this.#changed.clear();
    this.#served.clear();
  }

  #takeFrom(queue: Queue, id: number, { messagesMax, givenUpMax, givenUp }: TakeLimits): State[] {
    const taken: State[] = [];
    let count = 0;
    for (let more = true; more && taken.length - count < givenUpMax;) {
      const states = this.#sql.fromHead.all(id, queue.voidThrough, id, queue.voidThrough, messagesMax - count).map(stateOf);
      const first = states[0]?.sequence;
      if (first !== undefined) this.#sql.deleteReady.run(id, first, states.at(-1)?.sequence ?? first);
      // Else it has nothing more to serve.
      more = states.length === messagesMax - count;
      taken.push(...states);
      count += states.length - givenUp(states);
      more &&= count < messagesMax;
    }
    if (taken.length === 0) throw new Error(`message group ${id} has a turn and nothing to serve`);
    // A group of which nothing was delivered, and that has more, keeps its turn.
    if (count > 0) this.#served.add(id);
    this.#changed.set(id, queue);
    return taken;
  }
}

function statements(database: Database) {
  return {
    heads: database.prepareTuples<[number | null, number | null]>(`
      SELECT (SELECT min(sequence) FROM ready WHERE message_group = ? AND sequence > ?),
             (SELECT min(sequence) FROM hidden WHERE message_group = ? AND sequence > ?)`),
    head: database.prepareTuples<[sentMs: number, visibleMs: number]>(
      "SELECT sent_ms, visible_ms FROM hidden WHERE message_group = ? AND sequence = ?",
    ),
    inTurn: database.prepareTuples<[number]>("SELECT id FROM message_group WHERE queue = ? AND turn > ? ORDER BY turn LIMIT ?"),
    fromHead: database.prepareTuples<StateRow>(`
      SELECT sequence, sent_ms, receive_count, first_received_ms, message_group FROM ready
      WHERE message_group = ? AND sequence > ?
        AND sequence < coalesce((SELECT min(sequence) FROM hidden WHERE message_group = ? AND sequence > ?), ${NONE})
      ORDER BY sequence LIMIT ?`),
    deleteReady: database.prepare("DELETE FROM ready WHERE message_group = ? AND sequence BETWEEN ? AND ?"),
  };
}
