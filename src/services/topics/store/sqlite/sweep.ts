import type { Database } from "../../../../storage/sqlite/database.ts";
import { MINUTE_MS } from "../../../../kernel/units.ts";
import type { Publications } from "./publications.ts";
import type { Subscriptions } from "./subscriptions.ts";
import type { Tokens } from "./tokens.ts";

/** Rows of one piece. */
const ROWS_MAX = 500;

interface Parts {
  readonly publications: Publications;
  readonly subscriptions: Subscriptions;
  readonly tokens: Tokens;
}

/** What time brings: subscriptions of deleted topics go, those that nobody confirms, and what need not be remembered any more. */
export class Sweep {
  readonly #parts: Readonly<Record<keyof Parts, { sweep(limit: number): boolean }>>;
  readonly #sql;

  constructor(database: Database, parts: Parts) {
    this.#parts = parts;
    this.#sql = {
      deleted: database.prepareTuples<[number]>("SELECT id FROM topic WHERE deleted = 1 LIMIT 1"),
      subscriptions: database.prepareTuples<[number]>("SELECT id FROM subscription WHERE topic = ? LIMIT ?"),
      dropSubscription: database.prepare("DELETE FROM subscription WHERE id = ?"),
      publications: database.prepareTuples<[string]>("SELECT key FROM publication WHERE topic = ? LIMIT ?"),
      dropPublication: database.prepare("DELETE FROM publication WHERE topic = ? AND key = ?"),
      drop: database.prepare("DELETE FROM topic WHERE id = ?"),
    };
  }

  /** A bounded piece. @returns milliseconds until the next one. */
  run(): number {
    const swept = Object.values(this.#parts).map((part) => part.sweep(ROWS_MAX));
    return this.#sweepTopic() || swept.includes(true) ? 0 : MINUTE_MS;
  }

  /** @returns whether there may be more to do. */
  #sweepTopic(): boolean {
    const topic = this.#sql.deleted.get()?.[0];
    if (topic === undefined) return false;
    const subscriptions = this.#sql.subscriptions.all(topic, ROWS_MAX);
    for (const [id] of subscriptions) this.#sql.dropSubscription.run(id);
    const publications = this.#sql.publications.all(topic, ROWS_MAX);
    for (const [key] of publications) this.#sql.dropPublication.run(topic, key);
    if (subscriptions.length < ROWS_MAX && publications.length < ROWS_MAX) this.#sql.drop.run(topic);
    return true;
  }
}
