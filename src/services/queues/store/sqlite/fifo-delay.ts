import type { Database } from "../../../../storage/sqlite/database.ts";
import type { EnginePort } from "../../../../storage/sqlite/module.ts";
import { stateOf, type HiddenRow } from "./message-statements.ts";
import type { Places } from "./places.ts";
import type { Queue, QueueTable } from "./queue-table.ts";

/** Delayed messages moved in one piece: a few milliseconds. */
const ROWS_PER_PIECE = 1000;

/**
 * A new DelaySeconds of a FIFO queue, which holds for the messages that are waiting too. They are gone through in the
 * order in which they were to become visible: the first piece at once, which is all there is in most queues, the others
 * in upkeep, also after a restart.
 */
export class DelayChanges {
  readonly #engine: EnginePort;
  readonly #queues: QueueTable;
  readonly #places: Places;
  readonly #sql;

  constructor(database: Database, options: { engine: EnginePort; queues: QueueTable; places: Places }) {
    this.#engine = options.engine;
    this.#queues = options.queues;
    this.#places = options.places;
    this.#sql = statements(database);
  }

  begin(queue: Queue): void {
    this.#sql.begin.run(queue.id);
    this.#piece(queue, [0, 0]);
  }

  /** @returns whether there is more to move. */
  goOn(): boolean {
    const change = this.#sql.next.get();
    if (change === undefined) return false;
    const [id, visibleMs, sequence, account, region, name] = change;
    const queue = this.#queues.seek({ account, region, name });
    if (queue === undefined) this.#sql.end.run(id);
    else this.#piece(queue, [visibleMs, sequence]);
    return true;
  }

  #piece(queue: Queue, after: readonly [visibleMs: number, sequence: number]): void {
    // What was to be visible by now is no longer delayed, noticed or not.
    const nowMs = this.#engine.nowMs();
    const from = after[0] <= nowMs ? ([nowMs, Number.MAX_SAFE_INTEGER] as const) : after;
    const rows = this.#sql.delayed.all(queue.id, ...from, ROWS_PER_PIECE);
    for (const [visibleMs, ...row] of rows) {
      const state = stateOf(row);
      const untilMs = state.sentMs + queue.settings.delayMs;
      if (untilMs === visibleMs) continue;
      this.#places.remove(queue, { ...state, visibleMs });
      this.#places.hide(queue, [state], untilMs);
    }
    const last = rows.at(-1);
    if (last === undefined || rows.length < ROWS_PER_PIECE) this.#sql.end.run(queue.id);
    else this.#sql.reached.run(last[0], last[1], queue.id);
  }
}

function statements(database: Database) {
  return {
    begin: database.prepare("INSERT OR REPLACE INTO delay_change VALUES (?, 0, 0)"),
    next: database.prepareTuples<[number, number, number, string, string, string]>(`
      SELECT id, visible_ms, sequence, account, region, name FROM delay_change JOIN queue ON queue.id = delay_change.queue LIMIT 1`),
    delayed: database.prepareTuples<HiddenRow>(`
      SELECT visible_ms, sequence, sent_ms, receive_count, first_received_ms, message_group FROM hidden
      WHERE queue = ? AND (visible_ms, sequence) > (?, ?) AND receive_count = 0 ORDER BY visible_ms, sequence LIMIT ?`),
    reached: database.prepare("UPDATE delay_change SET visible_ms = ?, sequence = ? WHERE queue = ?"),
    end: database.prepare("DELETE FROM delay_change WHERE queue = ?"),
  };
}
