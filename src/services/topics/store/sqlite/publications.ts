import type { Database } from "../../../../storage/sqlite/database.ts";
import type { EnginePort } from "../../../../storage/sqlite/module.ts";
import { deduplicationKey, forgottenThroughMs } from "../../rules/fifo.ts";
import type { AcceptedPublication, NewPublication } from "../store.ts";
import type { Topic } from "./topic-table.ts";

/** What FIFO topics have taken in the last five minutes. */
export class Publications {
  readonly #engine: EnginePort;
  readonly #sql;

  constructor(database: Database, engine: EnginePort) {
    this.#engine = engine;
    this.#sql = {
      find: database.prepareTuples<[publishedMs: number, messageId: string, sequence: number]>(
        "SELECT published_ms, message_id, sequence FROM publication WHERE topic = ? AND key = ?",
      ),
      remember: database.prepare("INSERT OR REPLACE INTO publication VALUES (?, ?, ?, ?, ?)"),
      old: database.prepareTuples<[topic: number, key: string]>("SELECT topic, key FROM publication WHERE published_ms <= ? LIMIT ?"),
      forget: database.prepare("DELETE FROM publication WHERE topic = ? AND key = ?"),
    };
  }

  /** The message of which this one is a duplicate; undefined: of none, and it is remembered with its place in the order. */
  duplicateOf(topic: Topic, { id, groupId, deduplication }: NewPublication, nextSequence: () => number): AcceptedPublication | number {
    const key = deduplicationKey(deduplication?.id ?? id, groupId ?? "", topic.settings.deduplicatesPerGroup);
    const known = this.#sql.find.get(topic.id, key);
    if (known !== undefined && !this.#isForgotten(known[0])) return { id: known[1], sequence: known[2] };
    const sequence = nextSequence();
    this.#sql.remember.run(topic.id, key, this.#engine.nowMs(), id, sequence);
    return sequence;
  }

  /** Lets go of a bounded number that no publish is a duplicate of any more. @returns whether there may be more. */
  sweep(limit: number): boolean {
    if (this.#engine.ageingHeld()) return false;
    const old = this.#sql.old.all(forgottenThroughMs(this.#engine.nowMs()), limit);
    for (const [topic, key] of old) this.#sql.forget.run(topic, key);
    return old.length === limit;
  }

  /** While the clock is in doubt nothing is forgotten: a duplicate would be worse than a message that must be sent again by another id. */
  #isForgotten(publishedMs: number): boolean {
    return !this.#engine.ageingHeld() && publishedMs <= forgottenThroughMs(this.#engine.nowMs());
  }
}
