import type { EnginePort } from "../../../../storage/sqlite/module.ts";
import { Wait } from "../../../../storage/storage.ts";
import { HOUR_MS } from "../../../../kernel/units.ts";
import { MESSAGE_SIZE_BUCKETS } from "../../rules/limits.ts";
import type { DeleteResult, NewMessage, QueueTraffic, ReceivedMessage, SendResult } from "../store.ts";
import type { Queue } from "./queue-table.ts";

/** As long as CloudWatch counts a queue as active after its last call. */
const ACTIVE_MS = 6 * HOUR_MS;

/** Beyond so many queues, those that were quiet longest are counted from zero again: memory does not grow with queues. */
const QUEUES_MAX = 10_000;

type Counted = { -readonly [K in Exclude<keyof QueueTraffic, "sentSizes">]: number } & { sentSizes: number[]; lastMs: number };

/**
 * What has gone in and out of each queue since this process has started. It is counted when it is committed, and lives in
 * memory only: counters that begin anew with a process are what those who read them expect.
 */
export class Traffic {
  readonly #engine: EnginePort;
  readonly #counted = new Map<number, Counted>();
  /** Of the running group, which may yet be rolled back. */
  readonly #running = new Map<number, Counted>();

  constructor(engine: EnginePort) {
    this.#engine = engine;
  }

  sent(queue: Queue, messages: readonly NewMessage[], results: readonly SendResult[]): void {
    const counted = this.#of(queue);
    for (const [index, { id, sizeBytes }] of messages.entries()) {
      const result = results[index];
      if (result?.sent !== true) continue;
      if (result.accepted !== undefined && result.accepted.id !== id) counted.deduplicated += 1;
      else {
        counted.sent += 1;
        counted.sentBytes += sizeBytes;
        const bucket = MESSAGE_SIZE_BUCKETS.findIndex((bytes) => sizeBytes <= bytes);
        counted.sentSizes[bucket] = (counted.sentSizes[bucket] ?? 0) + 1;
      }
    }
  }

  received<R>(queue: Queue, result: R | ReceivedMessage[]): R | ReceivedMessage[] {
    const counted = this.#of(queue);
    if (Array.isArray(result)) {
      counted.received += result.length;
      if (result.length === 0) counted.emptyReceives += 1;
    } else if (result instanceof Wait) {
      result.onEmpty = () => {
        this.#of(queue).emptyReceives += 1;
      };
    }
    return result;
  }

  /** A message that is gone already counts once more, as with AWS. */
  deleted(queue: Queue, results: readonly DeleteResult[]): void {
    this.#of(queue).deleted += results.filter((result) => result === "deleted").length;
  }

  /** What was counted; undefined where nothing was within the last six hours. */
  read(queueId: number): QueueTraffic | undefined {
    const counted = this.#counted.get(queueId);
    return counted === undefined || counted.lastMs < this.#engine.nowMs() - ACTIVE_MS ? undefined : counted;
  }

  /** Queues that were active, by their numbers. */
  active(): number[] {
    return [...this.#counted.keys()].filter((id) => this.read(id) !== undefined);
  }

  flush(): void {
    if (this.#running.size === 0) return;
    for (const [id, { sentSizes, lastMs, ...counts }] of this.#running) {
      const counted = this.#counted.get(id) ?? nothing();
      this.#counted.delete(id);
      this.#counted.set(id, counted); // The queue that was active last stands last.
      for (const name of Object.keys(counts) as (keyof typeof counts)[]) counted[name] += counts[name];
      for (const [bucket, count] of sentSizes.entries()) counted.sentSizes[bucket] = (counted.sentSizes[bucket] ?? 0) + count;
      counted.lastMs = lastMs;
    }
    this.#running.clear();
    for (const id of this.#counted.keys()) {
      if (this.#counted.size <= QUEUES_MAX) break;
      this.#counted.delete(id);
    }
  }

  forget(): void {
    this.#running.clear();
  }

  #of({ id }: Queue): Counted {
    let counted = this.#running.get(id);
    if (counted === undefined) this.#running.set(id, (counted = nothing()));
    counted.lastMs = this.#engine.nowMs();
    return counted;
  }
}

function nothing(): Counted {
  const sentSizes = MESSAGE_SIZE_BUCKETS.map(() => 0);
  return { sent: 0, sentBytes: 0, sentSizes, deduplicated: 0, received: 0, emptyReceives: 0, deleted: 0, lastMs: 0 };
}
