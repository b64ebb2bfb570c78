import type { Database } from "../../../../storage/sqlite/database.ts";
import type { EnginePort } from "../../../../storage/sqlite/module.ts";
import { RECEIVE_ATTEMPT_MS } from "../../rules/limits.ts";
import { decodeReceipt, encodeReceipt, type Receipt } from "../../rules/receipt.ts";
import type { Queue } from "./queue-table.ts";
import { RememberedRows } from "./remembered-rows.ts";

/** What a receive was given: which messages, and until when they are hidden. */
export interface Given {
  readonly receipts: readonly Receipt[];
  readonly hiddenUntilMs: number;
}

/** What receives with a ReceiveRequestAttemptId were given, for five minutes, so that they can be asked again. */
export class ReceiveAttempts {
  readonly #engine: EnginePort;
  readonly #sql;
  readonly #rows: RememberedRows;

  constructor(database: Database, engine: EnginePort) {
    this.#engine = engine;
    this.#rows = new RememberedRows(database, { table: "receive_attempt", key: "attempt_id", since: "asked_ms" });
    this.#sql = {
      find: database.prepareTuples<[string]>("SELECT receipts FROM receive_attempt WHERE queue = ? AND attempt_id = ? AND asked_ms > ?"),
      remember: database.prepare("INSERT OR REPLACE INTO receive_attempt VALUES (?, ?, ?, ?)"),
      update: database.prepare("UPDATE receive_attempt SET receipts = ? WHERE queue = ? AND attempt_id = ?"),
    };
  }

  /** Undefined: nobody has asked by that id in the last five minutes, or there was nothing to give. */
  find(queue: Queue, attemptId: string): Given | undefined {
    const text = this.#sql.find.get(queue.id, attemptId, this.#forgottenThroughMs())?.[0];
    if (text === undefined) return undefined;
    const { handles, hiddenUntilMs } = JSON.parse(text) as { handles: string[]; hiddenUntilMs: number };
    return { receipts: handles.flatMap((handle) => decodeReceipt(handle) ?? []), hiddenUntilMs };
  }

  remember(queue: Queue, attemptId: string, given: Given): void {
    this.#sql.remember.run(queue.id, attemptId, this.#engine.nowMs(), textOf(given));
  }

  /** The same messages were given once more; the five minutes go on from the first time. */
  again(queue: Queue, attemptId: string, given: Given): void {
    this.#sql.update.run(textOf(given), queue.id, attemptId);
  }

  /** Drops what is older than five minutes, a bounded number at a time. @returns whether there may be more. */
  dropForgotten(): boolean {
    return this.#rows.drop(this.#forgottenThroughMs());
  }

  #forgottenThroughMs(): number {
    return this.#engine.nowMs() - RECEIVE_ATTEMPT_MS;
  }
}

function textOf({ receipts, hiddenUntilMs }: Given): string {
  return JSON.stringify({ handles: receipts.map(encodeReceipt), hiddenUntilMs });
}
