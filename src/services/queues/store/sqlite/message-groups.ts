import type { Database } from "../../../../storage/sqlite/database.ts";
import type { Queue } from "./queue-table.ts";

/** A message group of one queue. */
export interface MessageGroup {
  /** What stands for the MessageGroupId in rows that are written often; given to another group when this one is gone. */
  readonly id: number;
  /** Its place in the order of groups that can be served; null: it cannot be served now. FIFO queues only. */
  turn: number | null;
  /** When its oldest message was sent, where that locks the group and its retention may end before it is visible. FIFO queues only. */
  headSentMs: number | null;
}

/** Beyond so many, the groups in memory are dropped and read again: memory must not grow with what is stored. */
const GROUPS_KEPT_MAX = 20_000;

/** Groups looked at in one piece of upkeep: about a millisecond. */
const GROUPS_PER_PIECE = 1000;

type GroupRow = [id: number, turn: number | null, headSentMs: number | null];

/**
 * MessageGroupIds as small numbers. A group is made by its first message, and dropped by the upkeep some time after its
 * last one has gone.
 */
export class MessageGroups {
  readonly #sql;
  /** By queue and MessageGroupId; what is here is in `#byId`, too. */
  readonly #byName = new Map<number, Map<string, MessageGroup>>();
  readonly #byId = new Map<number, MessageGroup>();
  readonly #onDrop: (id: number) => void;
  #cursor = 0;

  /** @param onDrop is told of each group that is dropped: its number may then be another's. */
  constructor(database: Database, onDrop: (id: number) => void) {
    this.#sql = statements(database);
    this.#onDrop = onDrop;
  }

  /** The group of that name, made where there is none yet. */
  intern(queue: Queue, groupId: string): MessageGroup {
    const ofQueue = this.#ofQueue(queue.id);
    const kept = ofQueue.get(groupId);
    if (kept !== undefined) return kept;
    const group = this.#keep(this.#sql.byName.get(queue.id, groupId) ?? this.#insert(queue, groupId));
    ofQueue.set(groupId, group);
    return group;
  }

  /** The group that a row names. */
  get(id: number): MessageGroup {
    const group = this.seek(id);
    if (group === undefined) throw new Error(`message group ${id} was dropped while it had messages`);
    return group;
  }

  /** Undefined: it had no messages, and was dropped. */
  seek(id: number): MessageGroup | undefined {
    const kept = this.#byId.get(id);
    if (kept !== undefined) return kept;
    const row = this.#sql.byId.get(id);
    return row && this.#keep(row);
  }

  /** Whether it can be served, and what keeps it from that. */
  set(group: MessageGroup, { turn, headSentMs }: Pick<MessageGroup, "turn" | "headSentMs">): void {
    this.#sql.set.run(turn, headSentMs, group.id);
    group.turn = turn;
    group.headSentMs = headSentMs;
  }

  /** The group whose oldest message was sent first of all that may end while they lock their groups. */
  longestHeld(queue: Queue): { readonly id: number; readonly headSentMs: number } | undefined {
    const [id, headSentMs] = this.#sql.longestHeld.get(queue.id) ?? [];
    return id === undefined || headSentMs === undefined ? undefined : { id, headSentMs };
  }

  /**
   * Drops groups without messages, a bounded number at a time.
   * @returns whether there are more groups to look at.
   */
  dropForgotten(): boolean {
    const last = this.#sql.lastOfPiece.get(this.#cursor, GROUPS_PER_PIECE)?.[0] ?? null;
    if (last === null) {
      this.#cursor = 0;
      return false;
    }
    for (const [id, queueId, groupId] of this.#sql.dropEmpty.writeReturning(this.#cursor, last)) {
      this.#onDrop(id);
      this.#byId.delete(id);
      const ofQueue = this.#byName.get(queueId);
      ofQueue?.delete(groupId);
      if (ofQueue?.size === 0) this.#byName.delete(queueId);
    }
    this.#cursor = last;
    return true;
  }

  flush(): void {
    if (this.#byId.size > GROUPS_KEPT_MAX) this.forget();
  }

  forget(): void {
    this.#byName.clear();
    this.#byId.clear();
  }

  #ofQueue(queueId: number): Map<string, MessageGroup> {
    const kept = this.#byName.get(queueId);
    if (kept !== undefined) return kept;
    const made = new Map<string, MessageGroup>();
    this.#byName.set(queueId, made);
    return made;
  }

  #insert(queue: Queue, groupId: string): GroupRow {
    const [row] = this.#sql.insert.writeReturning(queue.id, groupId);
    return [row?.[0] ?? 0, null, null];
  }

  /** One object for a group, by whatever it was found. */
  #keep([id, turn, headSentMs]: GroupRow): MessageGroup {
    const kept = this.#byId.get(id);
    if (kept !== undefined) return kept;
    const group = { id, turn, headSentMs };
    this.#byId.set(id, group);
    return group;
  }
}

function statements(database: Database) {
  return {
    byName: database.prepareTuples<GroupRow>("SELECT id, turn, head_sent_ms FROM message_group WHERE queue = ? AND group_id = ?"),
    byId: database.prepareTuples<GroupRow>("SELECT id, turn, head_sent_ms FROM message_group WHERE id = ?"),
    longestHeld: database.prepareTuples<[id: number, headSentMs: number]>(
      "SELECT id, head_sent_ms FROM message_group WHERE queue = ? AND head_sent_ms IS NOT NULL ORDER BY head_sent_ms LIMIT 1",
    ),
    insert: database.prepareTuples<[number]>("INSERT INTO message_group (queue, group_id) VALUES (?, ?) RETURNING id"),
    set: database.prepare("UPDATE message_group SET turn = ?, head_sent_ms = ? WHERE id = ?"),
    lastOfPiece: database.prepareTuples<[number | null]>(
      "SELECT max(id) FROM (SELECT id FROM message_group WHERE id > ? ORDER BY id LIMIT ?)",
    ),
    dropEmpty: database.prepareTuples<[number, number, string]>(`
      DELETE FROM message_group WHERE id > ? AND id <= ?
        AND NOT EXISTS (SELECT 1 FROM ready WHERE ready.message_group = message_group.id)
        AND NOT EXISTS (SELECT 1 FROM hidden WHERE hidden.message_group = message_group.id)
      RETURNING id, queue, group_id`),
  };
}
