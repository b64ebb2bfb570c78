import type { Database } from "../../../../storage/sqlite/database.ts";
import type { EnginePort } from "../../../../storage/sqlite/module.ts";
import { deduplicationKey, forgottenThroughMs } from "../../rules/fifo.ts";
import type { AcceptedMessage, NewMessage } from "../store.ts";
import type { Queue } from "./queue-table.ts";

/** Rows of one piece of upkeep: some milliseconds. */
const ROWS_PER_PIECE = 1000;

/** What a FIFO queue remembers of the messages that it accepted, for five minutes from the first send of each. */
export class DeduplicationMemory {
  readonly #engine: EnginePort;
  readonly #sql;
  #cursor: [queue: number, key: string] = [0, ""];

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
    const remembered = this.#sql.remember.run(queue.id, key, id, sequence, nowMs, forgottenThroughMs(nowMs), queue.voidThrough);
    if (remembered === 1) return undefined;
    const first = this.#sql.first.get(queue.id, key);
    return first === undefined ? undefined : { id: first[0], sequence: first[1] };
  }

  /**
   * Drops what is older than five minutes, a bounded number of rows at a time, in the order of the table: rows that
   * stand together go together, which is less to write than in the order of time.
   * @returns whether there are more rows to look at.
   */
  dropForgotten(): boolean {
    const [queue, key] = this.#cursor;
    const end = this.#sql.endOfPiece.get(queue, key, ROWS_PER_PIECE - 1);
    this.#sql.drop.run(queue, key, end?.[0] ?? Number.MAX_SAFE_INTEGER, end?.[1] ?? "", forgottenThroughMs(this.#engine.nowMs()));
    this.#cursor = end ?? [0, ""];
    return end !== undefined;
  }
}

function statements(database: Database) {
  return {
    remember: database.prepare(`
      INSERT INTO deduplication VALUES (?, ?, ?, ?, ?)
      ON CONFLICT DO UPDATE SET message_id = excluded.message_id, sequence = excluded.sequence, sent_ms = excluded.sent_ms
      WHERE sent_ms <= ? OR sequence <= ?`),
    first: database.prepareTuples<[string, number]>("SELECT message_id, sequence FROM deduplication WHERE queue = ? AND key = ?"),
    endOfPiece: database.prepareTuples<[number, string]>(
      "SELECT queue, key FROM deduplication WHERE (queue, key) > (?, ?) ORDER BY queue, key LIMIT 1 OFFSET ?",
    ),
    drop: database.prepare("DELETE FROM deduplication WHERE (queue, key) > (?, ?) AND (queue, key) <= (?, ?) AND sent_ms <= ?"),
  };
}
