import type { Database } from "../../../../storage/sqlite/database.ts";
import type { EnginePort } from "../../../../storage/sqlite/module.ts";
import { deduplicationKey, forgottenThroughMs } from "../../rules/fifo.ts";
import type { AcceptedMessage, NewMessage } from "../store.ts";
import type { Queue } from "./queue-table.ts";
import { RememberedRows } from "./remembered-rows.ts";

/** What a FIFO queue remembers of the messages that it accepted, for five minutes from the first send of each. */
export class DeduplicationMemory {
  readonly #engine: EnginePort;
  readonly #sql;
  readonly #rows: RememberedRows;

  constructor(database: Database, engine: EnginePort) {
    this.#engine = engine;
    this.#sql = statements(database);
    this.#rows = new RememberedRows(database, { table: "deduplication", key: "key", since: "sent_ms" });
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

  /** Drops what is older than five minutes, a bounded number at a time. @returns whether there may be more. */
  dropForgotten(): boolean {
    return this.#rows.drop(forgottenThroughMs(this.#engine.nowMs()));
  }
}

function statements(database: Database) {
  return {
    remember: database.prepare(`
      INSERT INTO deduplication VALUES (?, ?, ?, ?, ?)
      ON CONFLICT DO UPDATE SET message_id = excluded.message_id, sequence = excluded.sequence, sent_ms = excluded.sent_ms
      WHERE sent_ms <= ? OR sequence <= ?`),
    first: database.prepareTuples<[string, number]>("SELECT message_id, sequence FROM deduplication WHERE queue = ? AND key = ?"),
  };
}
