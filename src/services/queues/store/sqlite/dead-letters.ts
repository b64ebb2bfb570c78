import type { Database } from "../../../../storage/sqlite/database.ts";
import type { RedrivePolicy } from "../../rules/redrive-policy.ts";
import type { QueueRef } from "../store.ts";

/** A message's move to a dead-letter queue. */
interface DeadLetter {
  /** The dead-letter queue's number. */
  readonly queueId: number;
  /** Name of the queue that gave it up. */
  readonly source: string;
  /** What its retention counts from. */
  readonly sentMs: number;
  readonly movedMs: number;
}

/** Who is whose dead-letter queue, and where the messages in such queues came from. */
export class DeadLetters {
  readonly #sql;

  constructor(database: Database) {
    this.#sql = statements(database);
  }

  /** Notes that a queue has another redrive policy now. */
  changePolicy(source: QueueRef, before: RedrivePolicy | undefined, after: RedrivePolicy | undefined): void {
    const { account, region, name } = source;
    if (before !== undefined) this.#sql.deleteSource.run(account, region, before.deadLetterQueue.name, name);
    if (after !== undefined) this.#sql.insertSource.run(account, region, after.deadLetterQueue.name, name);
  }

  /** Names in ascending order, from the one after `after`. */
  sources({ account, region, name }: QueueRef, after: string, limit: number): string[] {
    return this.#sql.sources.all(account, region, name, after, limit).map(([source]) => source);
  }

  /** A message has come into a dead-letter queue, under this sequence. */
  note(sequence: number, { queueId, source, sentMs, movedMs }: DeadLetter): void {
    this.#sql.insert.run(sequence, queueId, source, sentMs, movedMs);
  }

  /** What stood under this sequence stands elsewhere under another. */
  drop(sequence: number): void {
    this.#sql.delete.run(sequence);
  }

  /** Name of the queue that gave the message up; undefined where it was sent to the queue that it is in. */
  sourceOf(sequence: number): string | undefined {
    return this.#sql.sourceOf.get(sequence)?.[0];
  }

  /** Sequences of the visible ones in a queue whose retention counts from `sentMs` or before, oldest first. */
  visibleSentBefore(queueId: number, sentMs: number, limit: number): number[] {
    return this.#sql.visibleSentBefore.all(queueId, sentMs, limit).map(([sequence]) => sequence);
  }
}

function statements(database: Database) {
  return {
    insertSource: database.prepare("INSERT INTO dead_letter_source VALUES (?, ?, ?, ?) ON CONFLICT DO NOTHING"),
    deleteSource: database.prepare(
      "DELETE FROM dead_letter_source WHERE account = ? AND region = ? AND dead_letter_queue = ? AND source = ?",
    ),
    sources: database.prepareTuples<[string]>(`
      SELECT source FROM dead_letter_source
      WHERE account = ? AND region = ? AND dead_letter_queue = ? AND source > ? ORDER BY source LIMIT ?`),
    insert: database.prepare("INSERT INTO dead_letter VALUES (?, ?, ?, ?, ?)"),
    sourceOf: database.prepareTuples<[string]>("SELECT source FROM dead_letter WHERE sequence = ?"),
    visibleSentBefore: database.prepareTuples<[number]>(`
      SELECT dead_letter.sequence FROM dead_letter
      JOIN ready ON ready.queue = dead_letter.queue AND ready.sequence = dead_letter.sequence
      WHERE dead_letter.queue = ? AND dead_letter.sent_ms <= ? ORDER BY dead_letter.sent_ms LIMIT ?`),
    delete: database.prepare("DELETE FROM dead_letter WHERE sequence = ?"),
  };
}
