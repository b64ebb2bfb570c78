import type { Logger } from "../../../../kernel/logger.ts";
import { DAY_MS } from "../../../../kernel/units.ts";
import type { Database } from "../../../../storage/sqlite/database.ts";
import type { EnginePort } from "../../../../storage/sqlite/module.ts";
import type { QuarantinedMessage } from "../store.ts";
import type { Bodies, Damage } from "./bodies.ts";
import type { State } from "./message-statements.ts";
import type { Queue } from "./queue-table.ts";

/** How long a damaged message is kept for whoever wants to know what happened: the longest retention that a queue can have. */
const KEPT_MS = 14 * DAY_MS;

/** Rows dropped in one piece of upkeep. */
const ROWS_PER_PIECE = 1000;

type Row = [sequence: number, id: string | null, damage: Damage, sentMs: number, receiveCount: number, foundMs: number];

/**
 * Messages whose stored bytes are not what was written. They stand nowhere else, so nobody is ever given them; their rows
 * of `body` stay as they were found, until they are dropped.
 */
export class Quarantine {
  readonly #engine: EnginePort;
  readonly #bodies: Bodies;
  readonly #logger: Logger;
  readonly #sql;
  #kept = 0;
  /** Of the running group, which may yet be rolled back. */
  #found: { queue: Queue; state: State; damage: Damage; id: string | undefined }[] = [];
  #foundInAll = 0;

  constructor(database: Database, options: { engine: EnginePort; bodies: Bodies; logger: Logger }) {
    this.#engine = options.engine;
    this.#bodies = options.bodies;
    this.#logger = options.logger;
    this.#sql = statements(database);
    this.forget();
  }

  /** Takes in a message that stands nowhere any more. */
  add(queue: Queue, state: State, damage: Damage): void {
    const id = this.#bodies.head(state.sequence)?.id;
    this.#sql.insert.run(state.sequence, queue.id, id ?? null, damage, state.sentMs, state.receiveCount, this.#engine.nowMs());
    this.#found.push({ queue, state, damage, id });
  }

  /** Those of a queue in the order of sending, from the one after `after`. */
  page(queue: Queue, { after, limit }: { after: number; limit: number }): { messages: QuarantinedMessage[]; more: boolean } {
    const rows = this.#sql.page.all(queue.id, Math.max(after, queue.voidThrough), limit + 1);
    const messages = rows.slice(0, limit).map(([sequence, id, damage, sentMs, receiveCount, foundMs]) => {
      return { sequence, id, damage, sentMs, receiveCount, foundMs };
    });
    return { messages, more: rows.length > limit };
  }

  /** How many there are of a queue, counted up to a limit. */
  countOf(queue: Queue, limit: number): number {
    return this.#sql.ofQueueAfter.get(queue.id, queue.voidThrough, limit)?.[0] ?? 0;
  }

  /**
   * Drops those of a queue up to a sequence, as after a purge, a bounded number at a time.
   * @returns whether there may be more.
   */
  dropThrough(queueId: number, sequence: number): boolean {
    return this.#drop(this.#sql.ofQueue.all(queueId, sequence, ROWS_PER_PIECE));
  }

  /** Drops those that were kept long enough. @returns whether there may be more. */
  dropForgotten(): boolean {
    return this.#drop(this.#sql.foundBefore.all(this.#engine.nowMs() - KEPT_MS, ROWS_PER_PIECE));
  }

  /** Tells of what this group has found, right before its commit. */
  flush(): void {
    if (this.#found.length === 0) return;
    for (const { queue, state, damage, id } of this.#found) {
      const { account, region, name } = queue.ref;
      const which = { account, region, queue: name, messageId: id, sequence: state.sequence };
      this.#logger.error("a message is damaged and is kept from delivery", { ...which, because: BECAUSE[damage] });
    }
    this.#kept += this.#found.length;
    this.#foundInAll += this.#found.length;
    this.#found = [];
    this.#report();
  }

  forget(): void {
    this.#found = [];
    this.#kept = this.#sql.count.get()?.[0] ?? 0;
    this.#report();
  }

  #drop(rows: readonly [sequence: number, damage: Damage][]): boolean {
    for (const [sequence, damage] of rows) {
      this.#sql.delete.run(sequence);
      // The sweep would stop at a row that cannot be read, again and again.
      if (damage === "checksum" || damage === "encryption") this.#sql.insertDead.run(sequence);
    }
    this.#kept -= rows.length;
    if (rows.length > 0) this.#report();
    return rows.length === ROWS_PER_PIECE;
  }

  #report(): void {
    this.#engine.report("queues.quarantined", this.#kept);
    this.#engine.report("queues.quarantined_total", this.#foundInAll);
  }
}

const BECAUSE: Readonly<Record<Damage, string>> = {
  checksum: "its checksum does not fit",
  encryption: "its stored bytes were altered",
  unreadable: "its row cannot be read",
  missing: "its body is gone",
};

function statements(database: Database) {
  return {
    insert: database.prepare("INSERT OR REPLACE INTO quarantine VALUES (?, ?, ?, ?, ?, ?, ?)"),
    page: database.prepareTuples<Row>(`
      SELECT sequence, message_id, damage, sent_ms, receive_count, found_ms FROM quarantine
      WHERE queue = ? AND sequence > ? ORDER BY sequence LIMIT ?`),
    ofQueue: database.prepareTuples<[number, Damage]>(
      "SELECT sequence, damage FROM quarantine WHERE queue = ? AND sequence <= ? ORDER BY sequence LIMIT ?",
    ),
    ofQueueAfter: database.prepareTuples<[number]>(
      "SELECT count(*) FROM (SELECT 1 FROM quarantine WHERE queue = ? AND sequence > ? LIMIT ?)",
    ),
    foundBefore: database.prepareTuples<[number, Damage]>("SELECT sequence, damage FROM quarantine WHERE found_ms <= ? LIMIT ?"),
    delete: database.prepare("DELETE FROM quarantine WHERE sequence = ?"),
    insertDead: database.prepare("INSERT OR IGNORE INTO dead VALUES (?)"),
    count: database.prepareTuples<[number]>("SELECT count(*) FROM quarantine"),
  };
}
