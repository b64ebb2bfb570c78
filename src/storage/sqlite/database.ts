import type { DatabaseSync } from "node:sqlite";
import { type SQLInputValue, type StatementSync } from "node:sqlite";

export type Value = SQLInputValue;
export type Row = Readonly<Record<string, unknown>>;

/**
 * One connection, with its statements kept and its writes counted: whether a refused unit has written anything decides
 * how its group is saved.
 */
export class Database {
  readonly #connection: DatabaseSync;
  /** Statements run so far that may have changed a row. */
  writes = 0;

  constructor(connection: DatabaseSync) {
    this.#connection = connection;
  }

  exec(sql: string): void {
    this.#connection.exec(sql);
  }

  /**
   * Made once, when a store opens; never per request. SQLite is shown it when it is first run, for a server runs few of its
   * hundreds of statements at first: that was a third of what it takes to start one (Node 26, November 2026).
   */
  prepare<R = Row>(sql: string): Statement<R> {
    return new Statement<R>(this, () => this.#connection.prepare(planned(sql)));
  }

  /** The same with rows as tuples in the order of the columns: for the hot path, where naming each cell shows. */
  prepareTuples<R extends readonly unknown[]>(sql: string): Statement<R> {
    return new Statement<R>(this, () => {
      const statement = this.#connection.prepare(planned(sql));
      statement.setReturnArrays(true);
      return statement;
    });
  }

  /** For rows that come many at a time. */
  prepareInsert(table: string, columns: readonly string[]): { run(values: readonly Value[]): void } {
    return new Insert(this, table, columns);
  }

  /** A pragma's single value. */
  pragma(sql: string): unknown {
    const row = this.#connection.prepare(`PRAGMA ${sql}`).get() as Row | undefined;
    return row === undefined ? undefined : Object.values(row)[0];
  }

  close(): void {
    this.#connection.close();
  }
}

/**
 * SQLite looks at the value of a bare `LIMIT ?` when it plans, and so plans the statement anew whenever a value is bound:
 * 5 to 25 µs each time, several times what most statements take (SQLite 3.53, November 2026). It does not look into an
 * expression.
 */
function planned(sql: string): string {
  return sql.replaceAll(/\b(LIMIT|OFFSET) \?/g, "$1 ?+0");
}

export class Statement<R> {
  readonly #database: Database;
  readonly #prepare: () => StatementSync;
  #prepared: StatementSync | undefined;

  constructor(database: Database, prepare: () => StatementSync) {
    this.#database = database;
    this.#prepare = prepare;
  }

  get #statement(): StatementSync {
    return (this.#prepared ??= this.#prepare());
  }

  get(...values: Value[]): R | undefined {
    return this.#statement.get(...values) as R | undefined;
  }

  all(...values: Value[]): R[] {
    return this.#statement.all(...values) as R[];
  }

  /** @returns the number of rows changed. */
  run(...values: Value[]): number {
    this.#database.writes += 1;
    return Number(this.#statement.run(...values).changes);
  }

  /** For statements that write and return rows. */
  writeReturning(...values: Value[]): R[] {
    this.#database.writes += 1;
    return this.#statement.all(...values) as R[];
  }
}

/** Rows that one statement brings at most: as many as a batch has. */
const TOGETHER_MAX = 10;

/**
 * Puts rows into a table, up to ten by one run of a statement, since most of what a short row costs is the run: ten messages
 * of 1 KB in two runs take three quarters of what they take in twenty (Node 26, November 2026).
 */
class Insert {
  readonly #columns: number;
  readonly #prepare: (rows: number) => Statement<never>;
  /** By their number of rows. */
  readonly #statements = new Map<number, Statement<never>>();

  constructor(database: Database, table: string, columns: readonly string[]) {
    this.#columns = columns.length;
    const into = `${table} (${columns.join(", ")})`;
    const row = `(${columns.map(() => "?").join(", ")})`;
    this.#prepare = (rows) => database.prepare(`INSERT INTO ${into} VALUES ${Array.from({ length: rows }, () => row).join(", ")}`);
  }

  /** @param values one row after the other. */
  run(values: readonly Value[]): void {
    const togetherMax = TOGETHER_MAX * this.#columns;
    for (let from = 0; from < values.length; from += togetherMax) this.#runTogether(values.slice(from, from + togetherMax));
  }

  #runTogether(values: readonly Value[]): void {
    const rows = values.length / this.#columns;
    let statement = this.#statements.get(rows);
    if (statement === undefined) this.#statements.set(rows, (statement = this.#prepare(rows)));
    statement.run(...values);
  }
}
