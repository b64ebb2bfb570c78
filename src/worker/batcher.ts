import type { Clock, Timer } from "../kernel/clock.ts";
import { onceATurn } from "./once-a-turn.ts";
import { failureOf, type EntryResult } from "./rules/failure.ts";
import { BATCH_ENTRIES_MAX, batchLength } from "./rules/outgoing.ts";

export interface BatcherOptions<Entry> {
  readonly clock: Clock;
  /** How long the first entry waits for company; with 0 only for what is added in the same turn, and while `BATCHES_MAX` batches are under way. */
  readonly lingerMs: number;
  readonly bytesOf: (entry: Entry) => number;
  /** What a batch may weigh; default that of SQS. */
  readonly bytesMax?: number;
  /** Answers for every entry, in order. What it throws is every entry's failure. */
  readonly send: (entries: readonly Entry[]) => Promise<EntryResult[]>;
}

/** Without a timer, what arrives while these are under way becomes the next batch. */
const BATCHES_MAX = 2;

interface Waiting<Entry> {
  readonly entry: Entry;
  readonly bytes: number;
  readonly resolve: (result: EntryResult) => void;
}

/** Gathers single requests of many slots into batches of at most ten entries and 1 MiB. */
export class Batcher<Entry> {
  readonly #options: BatcherOptions<Entry>;
  readonly #waiting: Waiting<Entry>[] = [];
  #inFlight = 0;
  #timer: Timer | undefined;
  readonly #flushSoon = onceATurn(() => this.#flush());

  constructor(options: BatcherOptions<Entry>) {
    this.#options = options;
  }

  /** Resolves with the entry's own result; never rejects. */
  async add(entry: Entry): Promise<EntryResult> {
    return await new Promise((resolve) => {
      this.#waiting.push({ entry, bytes: this.#options.bytesOf(entry), resolve });
      if (this.#options.lingerMs > 0) this.#linger();
      else this.#flushSoon();
    });
  }

  #linger(): void {
    while (this.#nextLength() < this.#waiting.length || this.#waiting.length === BATCH_ENTRIES_MAX) this.#send();
    if (this.#waiting.length === 0 || this.#timer !== undefined) return;
    this.#timer = this.#options.clock.after(this.#options.lingerMs, () => {
      this.#timer = undefined;
      while (this.#waiting.length > 0) this.#send();
    });
  }

  #flush(): void {
    while (this.#waiting.length > 0 && this.#inFlight < BATCHES_MAX) this.#send();
  }

  #nextLength(): number {
    return batchLength(
      this.#waiting.map((waiting) => waiting.bytes),
      this.#options.bytesMax,
    );
  }

  #send(): void {
    const batch = this.#waiting.splice(0, this.#nextLength());
    this.#inFlight += 1;
    void this.#sendBatch(batch).then(() => {
      this.#inFlight -= 1;
      if (this.#options.lingerMs === 0) this.#flush();
    });
  }

  async #sendBatch(batch: readonly Waiting<Entry>[]): Promise<void> {
    try {
      const results = await this.#options.send(batch.map((waiting) => waiting.entry));
      for (const [index, waiting] of batch.entries()) waiting.resolve(results[index] ?? NO_RESULT);
    } catch (error) {
      const failure = failureOf(error);
      // One bad entry can make SQS refuse a whole batch. Its neighbours, of other slots, are sent without it.
      if (failure.kind === "refused" && batch.length > 1) await Promise.all(batch.map(async (waiting) => await this.#sendBatch([waiting])));
      else for (const waiting of batch) waiting.resolve({ ok: false, failure });
    }
  }
}

const NO_RESULT: EntryResult = { ok: false, failure: { kind: "server", code: "NoResult", message: "no result for this entry" } };
