import type { Database, Statement } from "../../../../storage/sqlite/database.ts";
import type { EnginePort } from "../../../../storage/sqlite/module.ts";
import { agingReceivesMax } from "../../rules/oldest-message.ts";
import { NO_TRAFFIC, type Levels, type Measured, type MeasuredQueue, type QueueRef, type QuietGroups } from "../store.ts";
import type { Queue, QueueTable } from "./queue-table.ts";
import type { Traffic } from "./traffic.ts";

/**
 * Rows that one call may look at for ages and for messages that have become visible unnoticed, shared by its queues:
 * some 10 ms. A queue whose share does not reach the end is told by what it reaches.
 */
const ROWS_MAX = 20_000;
const ROWS_OF_A_QUEUE_MIN = 20;

/** When the oldest message that counts was sent: of a queue, behind a sequence, among so many rows, after a time, received at most so often. */
type OldestSent = Statement<[sentMs: number | null]> | Statement<[sentMs: number]>;

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
    const levels: Levels = {
      visible: queue.visible + due,
      inFlight: queue.inFlight - (due - dueDelayed),
      delayed: queue.delayed - dueDelayed,
      oldestAgeMs: this.#ageMs(queue.visible > 0 ? this.#sql.oldestReady : undefined, hidden ? this.#sql.oldestHidden : undefined, {
        queue,
        rowsMax,
      }),
    };
    const countsGroups = queue.settings.fifo && levels.inFlight > 0;
    return {
      queue: queue.ref,
      ...levels,
      groupsInFlight: countsGroups ? (this.#sql.groupsInFlight.get(queue.id, nowMs, rowsMax)?.[0] ?? 0) : 0,
      quietGroups: queue.fair === undefined ? null : this.#quietGroups(queue, { levels, rowsMax }),
      ...(this.#traffic.read(queue.id) ?? NO_TRAFFIC),
    };
  }

  /** Of a fair queue: how many groups are noisy, and the levels of all others. Only groups with visible messages are ever noisy. */
  #quietGroups(queue: Queue, { levels, rowsMax }: { levels: Levels; rowsMax: number }): QuietGroups {
    const [noisyGroups, visible, inFlight, delayed] = this.#sql.noisy.get(queue.id, queue.voidThrough, rowsMax) ?? [0, 0, 0, 0];
    return {
      noisyGroups,
      visible: Math.max(0, levels.visible - visible),
      inFlight: Math.max(0, levels.inFlight - inFlight),
      delayed: Math.max(0, levels.delayed - delayed),
      oldestAgeMs:
        noisyGroups === 0 ? levels.oldestAgeMs : this.#ageMs(this.#sql.oldestQuietReady, this.#sql.oldestQuietHidden, { queue, rowsMax }),
    };
  }

  /**
   * Since the oldest message was sent that counts. Visible messages stand in the order of sending, so the first that
   * counts is the oldest of them. Hidden ones stand in the order in which they come back, and those that come back first
   * are as a rule the oldest; with more of them than may be looked at, that rule is relied upon. In a dead-letter queue a
   * message ages from its move, however often it was received before.
   */
  #ageMs(ready: OldestSent | undefined, hidden: OldestSent | undefined, of: { queue: Queue; rowsMax: number }): number {
    const { id, voidThrough, settings } = of.queue;
    const nowMs = this.#engine.nowMs();
    const counted = [id, voidThrough, of.rowsMax, nowMs - settings.retentionMs, agingReceivesMax(settings.fifo)];
    const sentMs = Math.min(ready?.get(...counted)?.[0] ?? nowMs, hidden?.get(...counted)?.[0] ?? nowMs);
    return Math.max(0, nowMs - sentMs);
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
      SELECT coalesce(moved_ms, seen.sent_ms) FROM
      (SELECT sequence, sent_ms, receive_count FROM ready WHERE queue = ? AND sequence > ? ORDER BY sequence LIMIT ?) AS seen
      LEFT JOIN dead_letter ON dead_letter.sequence = seen.sequence
      WHERE seen.sent_ms > ? AND (receive_count <= ? OR moved_ms IS NOT NULL) LIMIT 1`),
    oldestHidden: database.prepareTuples<[sentMs: number | null]>(`
      SELECT min(coalesce(moved_ms, seen.sent_ms)) FROM
      (SELECT sequence, sent_ms, receive_count FROM hidden WHERE queue = ? AND sequence > ? ORDER BY visible_ms LIMIT ?) AS seen
      LEFT JOIN dead_letter ON dead_letter.sequence = seen.sequence
      WHERE seen.sent_ms > ? AND (receive_count <= ? OR moved_ms IS NOT NULL)`),
    groupsInFlight: database.prepareTuples<[groups: number]>(`
      SELECT count(DISTINCT message_group) FROM
      (SELECT message_group FROM hidden WHERE queue = ? AND visible_ms > ? AND receive_count > 0 LIMIT ?)`),
    noisy: database.prepareTuples<[groups: number, visible: number, inFlight: number, delayed: number]>(`
      SELECT count(*), coalesce(sum(visible), 0), coalesce(sum(in_flight), 0), coalesce(sum(delayed), 0) FROM
      (SELECT visible, in_flight, delayed FROM tenant WHERE queue = ? AND rank > 0 AND head IS NOT NULL AND head > ? LIMIT ?)`),
    oldestQuietReady: database.prepareTuples<[sentMs: number]>(`
      SELECT sent_ms FROM
      (SELECT queue, head FROM tenant WHERE queue = ? AND rank = 0 AND head IS NOT NULL AND head > ? ORDER BY head LIMIT ?) AS quiet
      JOIN ready ON ready.queue = quiet.queue AND ready.sequence = quiet.head
      WHERE sent_ms > ? AND receive_count <= ? ORDER BY head LIMIT 1`),
    oldestQuietHidden: database.prepareTuples<[sentMs: number | null]>(`
      SELECT min(sent_ms) FROM
      (SELECT sent_ms, receive_count, message_group FROM hidden WHERE queue = ? AND sequence > ? ORDER BY visible_ms LIMIT ?) AS seen
      WHERE sent_ms > ? AND receive_count <= ?
      AND coalesce((SELECT rank FROM tenant WHERE tenant.message_group = seen.message_group), 0) = 0`),
  };
}
