import type { Database } from "../../../../storage/sqlite/database.ts";

/**
 * Numbers that were drawn after the moment to which tables have been taken back are known to others: to workers by the
 * receipts that they still hold, which must not fit another message, and to readers of FIFO queues, for whom they must
 * rise. Nobody sends a hundred billion messages between a backup and its restore.
 */
export const SEQUENCES_ON_RESTORED = "UPDATE last_sequence SET value = value + 100000000000";

/**
 * The one counter of the store: the places of messages in their order and the turns of message groups are drawn from
 * it, so that whatever is drawn later is greater. A number is never drawn twice, and none is drawn again after a crash.
 */
export class Sequences {
  readonly #sql;
  #last = 0;
  #saved = 0;

  constructor(database: Database) {
    this.#sql = {
      last: database.prepareTuples<[number]>("SELECT value FROM last_sequence"),
      save: database.prepare("UPDATE last_sequence SET value = ?"),
    };
    this.forget();
  }

  get last(): number {
    return this.#last;
  }

  next(): number {
    this.#last += 1;
    return this.#last;
  }

  /** Once a group of units, before its commit. */
  flush(): void {
    if (this.#last === this.#saved) return;
    this.#sql.save.run(this.#last);
    this.#saved = this.#last;
  }

  forget(): void {
    this.#last = this.#sql.last.get()?.[0] ?? 0;
    this.#saved = this.#last;
  }
}
