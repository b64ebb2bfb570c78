import type { Database } from "../../../../storage/sqlite/database.ts";
import type { EnginePort } from "../../../../storage/sqlite/module.ts";
import { TOKEN_MS } from "../../rules/limits.ts";

/** By what endpoints that were asked say yes. */
export class Tokens {
  readonly #engine: EnginePort;
  readonly #sql;

  constructor(database: Database, engine: EnginePort) {
    this.#engine = engine;
    this.#sql = {
      insert: database.prepare("INSERT OR REPLACE INTO token VALUES (?, ?, ?)"),
      find: database.prepareTuples<[subscription: string, madeMs: number]>("SELECT subscription, made_ms FROM token WHERE token = ?"),
      old: database.prepareTuples<[string]>("SELECT token FROM token WHERE made_ms <= ? LIMIT ?"),
      drop: database.prepare("DELETE FROM token WHERE token = ?"),
    };
  }

  add(token: string, subscriptionId: string): void {
    this.#sql.insert.run(token, subscriptionId, this.#engine.nowMs());
  }

  /** The subscription that a token was made for; undefined: there is none, or it is too old. */
  subscriptionOf(token: string): string | undefined {
    const [subscription, madeMs = 0] = this.#sql.find.get(token) ?? [];
    return madeMs > this.expiredThroughMs() ? subscription : undefined;
  }

  /** What was made at this time or before is good no more; while the clock is in doubt, all is. */
  expiredThroughMs(): number {
    return this.#engine.ageingHeld() ? -1 : this.#engine.nowMs() - TOKEN_MS;
  }

  /** Drops a bounded number that are too old. @returns whether there may be more. */
  sweep(limit: number): boolean {
    const old = this.#sql.old.all(this.expiredThroughMs(), limit);
    for (const [token] of old) this.#sql.drop.run(token);
    return old.length === limit;
  }
}
