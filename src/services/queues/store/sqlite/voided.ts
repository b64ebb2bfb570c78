import type { Database } from "../../../../storage/sqlite/database.ts";
import type { Quarantine } from "./quarantine.ts";

/** Messages of one piece of work: a few milliseconds, so that no request waits longer for it. */
const ROWS_PER_PIECE = 2000;

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
  /** Kept so that no piece passes by all that was hidden since the purge; nothing that is void moves meanwhile. */
  #looked: Looked | undefined;

  constructor(database: Database, quarantine: Quarantine) {
    this.#sql = statements(database);
    this.#quarantine = quarantine;
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
    const last = this.#sql.lastOfPiece.get(queue, through, ROWS_PER_PIECE)?.[0] ?? null;
    if (last === null) return false;
    this.#sql.deleteBodies.run(queue, last);
    this.#sql.deleteRelocated.run(queue, last);
    this.#sql.deleteDeadLetters.run(queue, last);
    this.#sql.deleteReady.run(queue, last);
    return true;
  }

  /** In the order in which they become visible, among what is not void. */
  #emptyHidden(queue: number, through: number): boolean {
    const looked = this.#looked;
    const from = looked?.queue === queue && looked.through === through ? looked : { visibleMs: 0, sequence: 0 };
    const rows = this.#sql.hidden.all(queue, from.visibleMs, from.sequence, ROWS_PER_PIECE);
    for (const [visibleMs, sequence] of rows) {
      if (sequence > through) continue;
      this.#sql.deleteHidden.run(queue, visibleMs, sequence);
      this.#sql.insertDead.run(sequence);
    }
    const last = rows.length === ROWS_PER_PIECE ? rows.at(-1) : undefined;
    this.#looked = last && { queue, through, visibleMs: last[0], sequence: last[1] };
    return last !== undefined;
  }
}

function statements(database: Database) {
  const piece = "SELECT sequence FROM ready WHERE queue = ? AND sequence <= ?";
  return {
    voided: database.prepareTuples<[number, number]>("SELECT queue, through FROM voided LIMIT 1"),
    lastOfPiece: database.prepareTuples<[number | null]>(`SELECT max(sequence) FROM (${piece} ORDER BY sequence LIMIT ?)`),
    deleteBodies: database.prepare(`DELETE FROM body WHERE sequence IN (${piece})`),
    deleteRelocated: database.prepare(`DELETE FROM relocated WHERE sequence IN (${piece})`),
    deleteDeadLetters: database.prepare(`DELETE FROM dead_letter WHERE sequence IN (${piece})`),
    deleteReady: database.prepare("DELETE FROM ready WHERE queue = ? AND sequence <= ?"),
    hidden: database.prepareTuples<[number, number]>(`
      SELECT visible_ms, sequence FROM hidden
      WHERE queue = ? AND (visible_ms, sequence) > (?, ?) ORDER BY visible_ms, sequence LIMIT ?`),
    deleteHidden: database.prepare("DELETE FROM hidden WHERE queue = ? AND visible_ms = ? AND sequence = ?"),
    insertDead: database.prepare("INSERT INTO dead VALUES (?)"),
    forgetVoided: database.prepare("DELETE FROM voided WHERE queue = ?"),
  };
}
