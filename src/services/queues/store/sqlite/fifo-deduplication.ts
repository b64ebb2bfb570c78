import { systemRandom } from "../../../../kernel/random.ts";
import type { Database } from "../../../../storage/sqlite/database.ts";
import type { EnginePort } from "../../../../storage/sqlite/module.ts";
import { deduplicationKey, forgottenThroughMs } from "../../rules/fifo.ts";
import type { AcceptedMessage, NewMessage } from "../store.ts";
import type { Queue } from "./queue-table.ts";
import { RecentKeys } from "./recent-keys.ts";

/** Rows dropped in one piece of upkeep: some milliseconds. */
const ROWS_PER_PIECE = 1000;
const ROWS_LOADED_AT_ONCE = 10_000;

/**
 * What a FIFO queue remembers of the messages that it accepted, for five minutes from the first send of each. Rows are
 * appended in the order of sequence numbers, which is that of time; which of them may be of a key is known in memory,
 * and read from the rows after a start, when somebody first asks.
 */
export class DeduplicationMemory {
  readonly #engine: EnginePort;
  readonly #sql;
  #keys: RecentKeys | undefined;

  constructor(database: Database, engine: EnginePort) {
    this.#engine = engine;
    this.#sql = statements(database);
  }

  /**
   * Remembers a message, unless it is a duplicate. What was accepted before the last purge is forgotten.
   * @param sequence the message's place in the order, should it get one.
   * @returns the message that it repeats; undefined: it is the first.
   */
  duplicateOf(queue: Queue, message: NewMessage, sequence: number): AcceptedMessage | undefined {
    const { id, groupId, deduplication } = message;
    if (deduplication === undefined || groupId === null) throw new Error("a message for a FIFO queue has a group and a deduplication id");
    const key = deduplicationKey(deduplication.id, groupId, queue.deduplicatesPerGroup);
    const nowMs = this.#engine.nowMs();
    const keys = (this.#keys ??= this.#load(forgottenThroughMs(nowMs)));
    for (const row of keys.rows(queue.id, key)) {
      const first = row > queue.voidThrough ? this.#sql.first.get(row, queue.id, key, forgottenThroughMs(nowMs)) : undefined;
      if (first !== undefined) return { id: first[0], sequence: row };
    }
    this.#sql.remember.run(sequence, queue.id, key, id, nowMs);
    keys.add(queue.id, key, { row: sequence, atMs: nowMs });
    return undefined;
  }

  /** Drops what is older than five minutes, a bounded number at a time. @returns whether there may be more. */
  dropForgotten(): boolean {
    const throughMs = forgottenThroughMs(this.#engine.nowMs());
    this.#keys?.drop(throughMs);
    const last = this.#sql.lastOfPiece.get(ROWS_PER_PIECE, throughMs)?.[0] ?? null;
    return last !== null && this.#sql.drop.run(last) === ROWS_PER_PIECE;
  }

  #load(throughMs: number): RecentKeys {
    const keys = new RecentKeys(systemRandom);
    for (let after = -1; ;) {
      const rows = this.#sql.after.all(after, ROWS_LOADED_AT_ONCE);
      for (const [row, scope, key, atMs] of rows) if (atMs > throughMs) keys.add(scope, key, { row, atMs });
      if (rows.length < ROWS_LOADED_AT_ONCE) return keys;
      after = rows.at(-1)?.[0] ?? after;
    }
  }
}

function statements(database: Database) {
  return {
    remember: database.prepare("INSERT INTO deduplication VALUES (?, ?, ?, ?, ?)"),
    first: database.prepareTuples<[string]>(
      "SELECT message_id FROM deduplication WHERE sequence = ? AND queue = ? AND key = ? AND sent_ms > ?",
    ),
    after: database.prepareTuples<[number, number, string, number]>(
      "SELECT sequence, queue, key, sent_ms FROM deduplication WHERE sequence > ? ORDER BY sequence LIMIT ?",
    ),
    lastOfPiece: database.prepareTuples<[number | null]>(
      "SELECT max(sequence) FROM (SELECT sequence, sent_ms FROM deduplication ORDER BY sequence LIMIT ?) WHERE sent_ms <= ?",
    ),
    drop: database.prepare("DELETE FROM deduplication WHERE sequence <= ?"),
  };
}
