import type { Database } from "../../../../storage/sqlite/database.ts";
import type { EnginePort } from "../../../../storage/sqlite/module.ts";
import { Pace } from "./pace.ts";
import type { Quarantine } from "./quarantine.ts";
import { Remains } from "./remains.ts";

/** Hidden messages that are looked at in one piece of work: a few milliseconds. */
const HIDDEN_PER_PIECE = 2000;

/** How far the hidden messages of a queue have been looked at. */
interface Looked {
  readonly queue: number;
  readonly through: number;
  readonly visibleMs: number;
  readonly sequence: number;
}

/**
 * Empties purged and deleted queues, piece by piece. Visible messages stand in the order of their bodies, so that these go
 * at once with them; noting each in `dead` first would cost half as much again.
 */
export class Voided {
  readonly #sql;
  readonly #quarantine: Quarantine;
  readonly #remains: Remains;
  readonly #pace: Pace;
  /** Kept so that no piece passes by all that was hidden since the purge; nothing that is void moves meanwhile. */
  #looked: Looked | undefined;

  constructor(database: Database, { engine, quarantine }: { engine: EnginePort; quarantine: Quarantine }) {
    this.#sql = statements(database);
    this.#quarantine = quarantine;
    this.#remains = new Remains(database, "SELECT sequence FROM ready WHERE queue = ? AND sequence <= ?");
    this.#pace = new Pace(engine);
  }

  /** @returns whether there may be more to do. */
  emptySome(): boolean {
    const voided = this.#sql.voided.get();
    if (voided === undefined) return false;
    const [queue, through] = voided;
    if (this.#emptyReady(queue, through) || this.#emptyHidden(queue, through) || this.#quarantine.dropThrough(queue, through)) return true;
    this.#sql.forgetVoided.run(queue);
    return true;
  }

  /** After a rollback: what was looked at is there again. */
  forget(): void {
    this.#looked = undefined;
  }

  #emptyReady(queue: number, through: number): boolean {
    return this.#pace.run((rowsMax) => {
      const { rows, last } = this.#remains.delete({ before: [queue], through, rowsMax });
      if (rows > 0) this.#sql.deleteReady.run(queue, last);
      return rows;
    });
  }

  /** In the order in which they become visible, among what is not void. */
  #emptyHidden(queue: number, through: number): boolean {
    const looked = this.#looked;
    const from = looked?.queue === queue && looked.through === through ? looked : { visibleMs: 0, sequence: 0 };
    const rows = this.#sql.hidden.all(queue, from.visibleMs, from.sequence, HIDDEN_PER_PIECE);
    for (const [visibleMs, sequence] of rows) {
      if (sequence > through) continue;
      this.#sql.deleteHidden.run(queue, visibleMs, sequence);
      this.#sql.insertDead.run(sequence);
    }
    const last = rows.length === HIDDEN_PER_PIECE ? rows.at(-1) : undefined;
    this.#looked = last && { queue, through, visibleMs: last[0], sequence: last[1] };
    return last !== undefined;
  }
}

function statements(database: Database) {
  return {
    voided: database.prepareTuples<[number, number]>("SELECT queue, through FROM voided LIMIT 1"),
    deleteReady: database.prepare("DELETE FROM ready WHERE queue = ? AND sequence <= ?"),
    hidden: database.prepareTuples<[number, number]>(`
      SELECT visible_ms, sequence FROM hidden
      WHERE queue = ? AND (visible_ms, sequence) > (?, ?) ORDER BY visible_ms, sequence LIMIT ?`),
    deleteHidden: database.prepare("DELETE FROM hidden WHERE queue = ? AND visible_ms = ? AND sequence = ?"),
    insertDead: database.prepare("INSERT INTO dead VALUES (?)"),
    forgetVoided: database.prepare("DELETE FROM voided WHERE queue = ?"),
  };
}
