import { systemRandom } from "../../../../kernel/random.ts";
import type { Database } from "../../../../storage/sqlite/database.ts";
import type { EnginePort } from "../../../../storage/sqlite/module.ts";
import { deduplicationKey, forgottenThroughMs } from "../../rules/fifo.ts";
import type { AcceptedMessage, NewMessage } from "../store.ts";
import type { Queue } from "./queue-table.ts";
import { RecentKeys } from "./recent-keys.ts";

/** Rows dropped in one piece of upkeep: some milliseconds. */
const ROWS_PER_PIECE = 1000;
const ROWS_LOADED_AT_ONCE = 10_000;

/** A message by the key under which its queue remembers it. */
type Remembered = readonly [key: string, AcceptedMessage];

/**
 * What a FIFO queue remembers of the messages that it accepted, for five minutes from the first send of each. A row holds
 * what one send has brought; rows are appended in the order of sequence numbers, which is that of time. Which of them may be
 * of a key is known in memory, and read from the rows after a start, when somebody first asks.
 */
export class DeduplicationMemory {
  readonly #engine: EnginePort;
  readonly #sql;
  #kept: RecentKeys | undefined;

  constructor(database: Database, engine: EnginePort) {
    this.#engine = engine;
    this.#sql = statements(database);
  }

  keyOf(queue: Queue, { groupId, deduplication }: NewMessage): string {
    if (deduplication === undefined || groupId === null) throw new Error("a message for a FIFO queue has a group and a deduplication id");
    return deduplicationKey(deduplication.id, groupId, queue.deduplicatesPerGroup);
  }

  /** The message that one of this key repeats; what was accepted before the last purge is forgotten. Undefined: it is the first. */
  duplicateOf(queue: Queue, key: string): AcceptedMessage | undefined {
    const throughMs = forgottenThroughMs(this.#engine.nowMs());
    for (const row of this.#keys().rows(queue.id, key)) {
      const messages = row > queue.voidThrough ? this.#sql.messages.get(row, queue.id, throughMs)?.[0] : undefined;
      const found = messages === undefined ? undefined : messagesIn(messages).find(([held]) => held === key);
      if (found !== undefined) return found[1];
    }
    return undefined;
  }

  /** @param accepted what one send has brought, none of it a duplicate, by its keys and in its order. */
  remember(queue: Queue, accepted: ReadonlyMap<string, AcceptedMessage>): void {
    const messages = [...accepted];
    const row = messages[0]?.[1].sequence;
    if (row === undefined) return;
    const nowMs = this.#engine.nowMs();
    const keys = this.#keys();
    this.#sql.remember.run(row, queue.id, nowMs, linesOf(messages));
    for (const [key] of messages) keys.add(queue.id, key, { row, atMs: nowMs });
  }

  /** Drops what is older than five minutes, a bounded number at a time. @returns whether there may be more. */
  dropForgotten(): boolean {
    const throughMs = forgottenThroughMs(this.#engine.nowMs());
    this.#kept?.drop(throughMs);
    const last = this.#sql.lastOfPiece.get(ROWS_PER_PIECE, throughMs)?.[0] ?? null;
    return last !== null && this.#sql.drop.run(last) === ROWS_PER_PIECE;
  }

  #keys(): RecentKeys {
    return (this.#kept ??= this.#load(forgottenThroughMs(this.#engine.nowMs())));
  }

  #load(throughMs: number): RecentKeys {
    const keys = new RecentKeys(systemRandom);
    for (let after = -1; ;) {
      const rows = this.#sql.after.all(after, ROWS_LOADED_AT_ONCE);
      for (const [row, queue, atMs, messages] of rows)
        if (atMs > throughMs) for (const [key] of messagesIn(messages)) keys.add(queue, key, { row, atMs });
      if (rows.length < ROWS_LOADED_AT_ONCE) return keys;
      after = rows.at(-1)?.[0] ?? after;
    }
  }
}

/** A line for each message. Its key stands last, since that may hold a space; neither it nor an id can hold a line's end. */
function linesOf(messages: readonly Remembered[]): string {
  return messages.map(([key, { id, sequence }]) => `${sequence} ${id} ${key}`).join("\n");
}

function messagesIn(lines: string): Remembered[] {
  return lines.split("\n").map((line) => {
    const [sequence = "", id = ""] = line.split(" ", 2);
    return [line.slice(sequence.length + id.length + 2), { id, sequence: Number(sequence) }];
  });
}

function statements(database: Database) {
  return {
    remember: database.prepare("INSERT INTO deduplication VALUES (?, ?, ?, ?)"),
    messages: database.prepareTuples<[string]>("SELECT messages FROM deduplication WHERE sequence = ? AND queue = ? AND sent_ms > ?"),
    after: database.prepareTuples<[row: number, queue: number, sentMs: number, messages: string]>(
      "SELECT sequence, queue, sent_ms, messages FROM deduplication WHERE sequence > ? ORDER BY sequence LIMIT ?",
    ),
    lastOfPiece: database.prepareTuples<[number | null]>(
      "SELECT max(sequence) FROM (SELECT sequence, sent_ms FROM deduplication ORDER BY sequence LIMIT ?) WHERE sent_ms <= ?",
    ),
    drop: database.prepare("DELETE FROM deduplication WHERE sequence <= ?"),
  };
}
