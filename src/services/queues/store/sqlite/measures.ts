import type { Database } from "../../../../storage/sqlite/database.ts";
import type { EnginePort } from "../../../../storage/sqlite/module.ts";
import { agingReceivesMax } from "../../rules/oldest-message.ts";
import { NO_TRAFFIC, type Measured, type MeasuredQueue, type QueueRef } from "../store.ts";
import type { Queue, QueueTable } from "./queue-table.ts";
import type { Traffic } from "./traffic.ts";

/**
 * Rows that one call may look at for ages and for messages that have become visible unnoticed, shared by its queues:
 * some 10 ms. A queue whose share does not reach the end is told by what it reaches.
 */
const ROWS_MAX = 20_000;
const ROWS_OF_A_QUEUE_MIN = 20;

/** Reads the gauges of queues from their rows, and beside them what the process has counted. Nothing is written. */
export class Measures {
  readonly #engine: EnginePort;
  readonly #queues: QueueTable;
  readonly #traffic: Traffic;
  readonly #sql;

  constructor(database: Database, options: { engine: EnginePort; queues: QueueTable; traffic: Traffic }) {
    this.#engine = options.engine;
    this.#queues = options.queues;
    this.#traffic = options.traffic;
    this.#sql = statements(database);
  }

  one(ref: QueueRef): MeasuredQueue {
    return this.#measure(this.#queues.find(ref), ROWS_MAX);
  }

  /** The active ones: those that hold a message or were called in the last six hours, in the order of their creation. */
  all({ account, queuesMax }: { account: string | undefined; queuesMax: number }): Measured {
    this.#queues.flush(); // What this group has changed so far must be in the table.
    const active = JSON.stringify(this.#traffic.active());
    const rows = this.#sql.active.all(account ?? null, account ?? null, active, queuesMax + 1);
    const shown = rows.slice(0, queuesMax);
    const rowsMax = Math.max(ROWS_OF_A_QUEUE_MIN, Math.floor(ROWS_MAX / Math.max(1, shown.length)));
    const queues = shown.map(([account, region, name]) => this.#measure(this.#queues.find({ account, region, name }), rowsMax));
    return { queues, more: rows.length > queuesMax };
  }

  #measure(queue: Queue, rowsMax: number): MeasuredQueue {
    const nowMs = this.#engine.nowMs();
    const hidden = queue.inFlight + queue.delayed > 0;
    const [due, dueDelayed] = (hidden ? this.#sql.due.get(queue.id, nowMs, queue.voidThrough, rowsMax) : undefined) ?? [0, 0];
    const oldestSentMs = queue.visible > 0 || hidden ? this.#oldestSentMs(queue, rowsMax) : undefined;
    return {
      queue: queue.ref,
      visible: queue.visible + due,
      inFlight: queue.inFlight - (due - dueDelayed),
      delayed: queue.delayed - dueDelayed,
      oldestAgeMs: oldestSentMs === undefined ? 0 : Math.max(0, nowMs - oldestSentMs),
      ...(this.#traffic.read(queue.id) ?? NO_TRAFFIC),
    };
  }

  /**
   * When the oldest message was sent that counts. Visible messages stand in the order of sending, so the first that
   * counts is the oldest of them. Hidden ones stand in the order in which they come back, and those that come back first
   * are as a rule the oldest; with more of them than may be looked at, that rule is relied upon.
   */
  #oldestSentMs(queue: Queue, rowsMax: number): number | undefined {
    const { retentionMs, fifo } = queue.settings;
    const counted = [queue.id, queue.voidThrough, rowsMax, this.#engine.nowMs() - retentionMs, agingReceivesMax(fifo)];
    const oldest = [this.#sql.oldestReady, this.#sql.oldestHidden].map((statement) => statement.get(...counted)?.[0] ?? Infinity);
    const sentMs = Math.min(...oldest);
    return sentMs === Infinity ? undefined : sentMs;
  }
}

function statements(database: Database) {
  return {
    active: database.prepareTuples<[account: string, region: string, name: string]>(`
      SELECT account, region, name FROM queue
      WHERE deleted_ms IS NULL AND (? IS NULL OR account = ?)
      AND id IN (SELECT queue FROM message_count WHERE visible + in_flight + delayed > 0 UNION SELECT value FROM json_each(?))
      ORDER BY id LIMIT ?`),
    due: database.prepareTuples<[due: number, dueDelayed: number]>(`
      SELECT count(*), coalesce(sum(receive_count = 0), 0) FROM
      (SELECT receive_count FROM hidden WHERE queue = ? AND visible_ms <= ? AND sequence > ? LIMIT ?)`),
    oldestReady: database.prepareTuples<[sentMs: number]>(`
      SELECT sent_ms FROM
      (SELECT sent_ms, receive_count FROM ready WHERE queue = ? AND sequence > ? ORDER BY sequence LIMIT ?)
      WHERE sent_ms > ? AND receive_count <= ? LIMIT 1`),
    oldestHidden: database.prepareTuples<[sentMs: number | null]>(`
      SELECT min(sent_ms) FROM
      (SELECT sent_ms, receive_count FROM hidden WHERE queue = ? AND sequence > ? ORDER BY visible_ms LIMIT ?)
      WHERE sent_ms > ? AND receive_count <= ?`),
  };
}
