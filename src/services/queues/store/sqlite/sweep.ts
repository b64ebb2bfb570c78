import type { Database } from "../../../../storage/sqlite/database.ts";
import type { EnginePort } from "../../../../storage/sqlite/module.ts";
import { MINUTE_MS } from "../../../../kernel/units.ts";
import { DEDUPLICATION_MS } from "../../rules/limits.ts";
import type { DelayChanges } from "./fifo-delay.ts";
import type { Messages } from "./messages.ts";
import { Pace } from "./pace.ts";
import type { Quarantine } from "./quarantine.ts";
import type { QueueTable } from "./queue-table.ts";
import { Remains } from "./remains.ts";
import type { Voided } from "./voided.ts";

/** Rows of one piece of other work: some 5 ms, so that no request waits longer for it. */
const ROWS_PER_PIECE = 1000;

/** Queues looked at for ended retention in one piece. */
const QUEUES_PER_PIECE = 100;

/** After so long the disk may have caught up: emptying a deep queue writes as much as filling it did. */
const BEHIND_MS = 10;

/** Each queue is looked at this often. */
const RETENTION_EVERY_MS = MINUTE_MS;

/** What remembers something for a while, and drops it in bounded pieces; answers whether there may be more to drop. */
interface Forgetful {
  dropForgotten(): boolean;
}

/** One of them, and when it is asked next. */
interface Memory {
  readonly memory: Forgetful;
  readonly everyMs: number;
  nextMs: number;
}

/** What time does without a request: bodies swept, purged and deleted queues emptied, retention ended. */
export class Sweep {
  readonly #sql;
  readonly #engine: EnginePort;
  readonly #queues: QueueTable;
  readonly #messages: Messages;
  readonly #voided: Voided;
  readonly #remains: Remains;
  readonly #pace: Pace;
  /** What is remembered for a while: by FIFO queues, and of damaged messages. */
  readonly #memories: readonly Memory[];
  readonly #delays: DelayChanges;
  #retentionCursor = 0;
  #retentionNextMs = 0;
  /** What ends while a round is under way is left to the next one. */
  #retentionRoundMs: number | undefined;

  constructor(
    database: Database,
    options: {
      engine: EnginePort;
      queues: QueueTable;
      messages: Messages;
      quarantine: Quarantine;
      deduplication: Forgetful;
      voided: Voided;
      fifo: readonly Forgetful[];
      delays: DelayChanges;
    },
  ) {
    this.#voided = options.voided;
    const seldom = [...options.fifo, options.quarantine].map((memory) => ({ memory, everyMs: DEDUPLICATION_MS, nextMs: 0 }));
    // The largest of them, and its rows stand in the order of time.
    this.#memories = [{ memory: options.deduplication, everyMs: MINUTE_MS, nextMs: 0 }, ...seldom];
    this.#delays = options.delays;
    this.#engine = options.engine;
    this.#queues = options.queues;
    this.#messages = options.messages;
    this.#sql = statements(database);
    this.#remains = new Remains(database, "SELECT sequence FROM dead WHERE sequence <= ?");
    this.#pace = new Pace(options.engine);
  }

  /** @returns milliseconds until the next piece is wanted, unless something is written before. */
  run(): number {
    const behind = this.#engine.diskIsBehind();
    const more = [!behind && this.#empty(), this.#endRetention(), this.#forget(), this.#delays.goOn()];
    if (more.includes(true)) return 0;
    return (
      Math.min(behind ? BEHIND_MS : Infinity, this.#retentionNextMs, ...this.#memories.map(({ nextMs }) => nextMs)) - this.#engine.nowMs()
    );
  }

  /** What is gone already and only takes space. */
  #empty(): boolean {
    return [this.#sweepBodies(), this.#voided.emptySome()].includes(true);
  }

  #sweepBodies(): boolean {
    return this.#pace.run((rowsMax) => {
      const { rows, last } = this.#remains.delete({ before: [], through: Number.MAX_SAFE_INTEGER, rowsMax });
      if (rows > 0) this.#sql.deleteDead.run(last);
      return rows;
    });
  }

  #endRetention(): boolean {
    const nowMs = this.#engine.nowMs();
    if (nowMs < this.#retentionNextMs) return false;
    const asOfMs = (this.#retentionRoundMs ??= nowMs);
    const rows = this.#sql.queuesAfter.all(this.#retentionCursor, QUEUES_PER_PIECE);
    for (const [id, account, region, name] of rows) {
      const queue = this.#queues.seek({ account, region, name });
      if (queue !== undefined && this.#messages.expire(queue, { rowsMax: ROWS_PER_PIECE, asOfMs })) return true;
      this.#retentionCursor = id;
    }
    if (rows.length === QUEUES_PER_PIECE || this.#forgetDeletedQueues()) return true;
    this.#retentionCursor = 0;
    this.#retentionRoundMs = undefined;
    this.#retentionNextMs = nowMs + RETENTION_EVERY_MS;
    return false;
  }

  /** What need not be remembered any more. */
  #forget(): boolean {
    const nowMs = this.#engine.nowMs();
    const held = this.#engine.ageingHeld();
    let more = false;
    for (const due of this.#memories.filter(({ nextMs }) => nextMs <= nowMs)) {
      if (!held && due.memory.dropForgotten()) more = true;
      else due.nextMs = nowMs + due.everyMs;
    }
    return more;
  }

  /** Queues whose name has rested and whose messages are swept. */
  #forgetDeletedQueues(): boolean {
    const rows = this.#sql.deletedBefore.all(this.#engine.nowMs() - RETENTION_EVERY_MS, ROWS_PER_PIECE);
    for (const [id] of rows) {
      this.#sql.deleteCount.run(id);
      this.#sql.deleteFair.run(id);
      this.#sql.deleteQueue.run(id);
    }
    return rows.length === ROWS_PER_PIECE;
  }
}

function statements(database: Database) {
  return {
    deleteDead: database.prepare("DELETE FROM dead WHERE sequence <= ?"),
    deletedBefore: database.prepareTuples<[number]>(
      "SELECT id FROM queue WHERE deleted_ms < ? AND NOT EXISTS (SELECT 1 FROM voided WHERE voided.queue = id) LIMIT ?",
    ),
    deleteCount: database.prepare("DELETE FROM message_count WHERE queue = ?"),
    deleteFair: database.prepare("DELETE FROM fair_queue WHERE queue = ?"),
    deleteQueue: database.prepare("DELETE FROM queue WHERE id = ?"),
    queuesAfter: database.prepareTuples<[number, string, string, string]>(`
      SELECT id, account, region, name FROM message_count CROSS JOIN queue ON queue.id = message_count.queue
      WHERE message_count.queue > ? AND visible + in_flight + delayed > 0 AND deleted_ms IS NULL ORDER BY message_count.queue LIMIT ?`),
  };
}
