import type { Database } from "../../../../storage/sqlite/database.ts";

/** Rows of one piece of upkeep: some milliseconds. */
const ROWS_PER_PIECE = 1000;

/**
 * Drops what a table has remembered long enough, in pieces and in the order of the table: rows that stand together go
 * together, which is far less to write than in the order of time.
 */
export class RememberedRows {
  readonly #sql;
  #cursor: [queue: number, key: string] = [0, ""];

  /** @param table whose primary key is the queue and `key`, and whose `since` is a time in epoch milliseconds. */
  constructor(database: Database, { table, key, since }: { table: string; key: string; since: string }) {
    this.#sql = {
      endOfPiece: database.prepareTuples<[number, string]>(
        `SELECT queue, ${key} FROM ${table} WHERE (queue, ${key}) > (?, ?) ORDER BY queue, ${key} LIMIT 1 OFFSET ?`,
      ),
      drop: database.prepare(`DELETE FROM ${table} WHERE (queue, ${key}) > (?, ?) AND (queue, ${key}) <= (?, ?) AND ${since} <= ?`),
    };
  }

  /** @returns whether there are more rows to look at. */
  drop(throughMs: number): boolean {
    const end = this.#sql.endOfPiece.get(...this.#cursor, ROWS_PER_PIECE - 1);
    this.#sql.drop.run(...this.#cursor, ...(end ?? [Number.MAX_SAFE_INTEGER, ""]), throughMs);
    this.#cursor = end ?? [0, ""];
    return end !== undefined;
  }
}
