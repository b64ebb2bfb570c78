import type { Database, Value } from "../../../../storage/sqlite/database.ts";

/**
 * What is left of messages that are gone and stand nowhere: their bodies, and what was noted beside them. A backlog that
 * came to one queue alone has no gaps; deleting its rows by one range takes half the time of finding each by its number (1.1
 * against 2 µs a message, November 2026).
 */
export class Remains {
  readonly #span;
  readonly #body: Deletion;
  /** Few messages have rows in these. */
  readonly #notes: readonly (Deletion & { readonly any: ReturnType<typeof anyBetween> })[];

  /** @param sequences SQL that gives those of the messages; its last parameter is the last one that is wanted. */
  constructor(database: Database, sequences: string) {
    this.#span = database.prepareTuples<[first: number | null, last: number | null, count: number]>(
      `SELECT min(sequence), max(sequence), count(*) FROM (${sequences} ORDER BY sequence LIMIT ?)`,
    );
    this.#body = deletion(database, "body", sequences);
    this.#notes = ["relocated", "dead_letter"].map((table) => ({
      ...deletion(database, table, sequences),
      any: anyBetween(database, table),
    }));
  }

  /**
   * Deletes what is left of the first of them.
   * @param of `before`: the parameters of the SQL but the last one, which is `through`.
   * @returns how many they were, and the last one's sequence.
   */
  delete({ before, through, rowsMax }: { before: readonly Value[]; through: number; rowsMax: number }): { rows: number; last: number } {
    const [first, last, rows] = this.#span.get(...before, through, rowsMax) ?? [null, null, 0];
    if (first === null || last === null) return { rows: 0, last: 0 };
    // Every number from the first to the last is one of them: then nothing of anybody else's stands between.
    const isRun = last - first + 1 === rows;
    const remove = ({ between, among }: Deletion) => (isRun ? between.run(first, last) : among.run(...before, last));
    remove(this.#body);
    for (const note of this.#notes) if (note.any.get(first, last)?.[0] === 1) remove(note);
    return { rows, last };
  }
}

type Deletion = ReturnType<typeof deletion>;

function deletion(database: Database, table: string, sequences: string) {
  return {
    between: database.prepare(`DELETE FROM ${table} WHERE sequence BETWEEN ? AND ?`),
    among: database.prepare(`DELETE FROM ${table} WHERE sequence IN (${sequences})`),
  };
}

function anyBetween(database: Database, table: string) {
  return database.prepareTuples<[number]>(`SELECT EXISTS (SELECT 1 FROM ${table} WHERE sequence BETWEEN ? AND ?)`);
}
