import { BlobStoreFull, type BlobStore, type BlobWriter } from "../../../src/services/objects/drivers/blob-store.ts";
import type { Chance } from "./chance.ts";
import type { FaultCounts } from "./faults.ts";
import type { Scheduler } from "./scheduler.ts";

export interface BlobFaults {
  /** Of a write that finds no space, and of one that fails. */
  full: number;
  error: number;
  /** The longest that a write or an fsync takes, in milliseconds. */
  readonly slowMs: number;
}

/**
 * Blobs that outlive the server: what `finish` has answered for is there after a crash, what it was busy with perhaps, and
 * the rest is gone.
 */
export class SimulatedBlobs {
  readonly #parts: { readonly scheduler: Scheduler; readonly chance: Chance; readonly counts: FaultCounts; readonly faults: BlobFaults };
  readonly #blobs = new Map<string, Uint8Array>();
  readonly #finishing = new Map<string, Uint8Array>();

  constructor(parts: { scheduler: Scheduler; chance: Chance; counts: FaultCounts; faults: BlobFaults }) {
    this.#parts = parts;
  }

  get size(): number {
    return this.#blobs.size;
  }

  /** The server that used them is dead. */
  crash(): void {
    for (const [id, bytes] of this.#finishing) if (this.#parts.chance.is(0.5)) this.#blobs.set(id, bytes);
    this.#finishing.clear();
  }

  /** As one server sees them. @param isAlive whether it still lives; a dead one gets no answer. */
  store(isAlive: () => boolean): BlobStore {
    const blobs = this.#blobs;
    const alive = async <T>(effect: () => T): Promise<T> => {
      await this.#takeTime(isAlive);
      return isAlive() ? effect() : await never<T>();
    };
    return {
      open: () => alive(() => {}),
      create: async (id) => {
        await alive(() => this.#mayFail());
        return this.#writer(id, alive);
      },
      async *read(id, { startByte, bytes }) {
        const blob = blobs.get(id);
        if (blob === undefined) throw new Error(`there is no blob ${id}`);
        yield await alive(() => blob.subarray(startByte, startByte + bytes));
      },
      size: (id) => alive(() => blobs.get(id)?.length),
      remove: (ids) => alive(() => ids.forEach((id) => blobs.delete(id))),
      async *list() {
        yield await alive(() => [...blobs.keys()]);
      },
    };
  }

  #writer(id: string, alive: <T>(effect: () => T) => Promise<T>): BlobWriter {
    const pieces: Uint8Array[] = [];
    return {
      write: (bytes) => {
        pieces.push(Uint8Array.from(bytes));
        return alive(() => this.#mayFail());
      },
      finish: async () => {
        const bytes = Buffer.concat(pieces);
        this.#finishing.set(id, bytes);
        await alive(() => {
          this.#mayFail();
          this.#finishing.delete(id);
          this.#blobs.set(id, bytes);
        });
      },
      discard: () =>
        alive(() => {
          this.#finishing.delete(id);
          this.#blobs.delete(id);
        }),
    };
  }

  async #takeTime(isAlive: () => boolean): Promise<void> {
    const { scheduler, chance, faults } = this.#parts;
    if (!isAlive()) await never();
    const tookMs = chance.below(faults.slowMs + 1);
    if (tookMs > 0) await scheduler.pause(tookMs);
  }

  #mayFail(): void {
    const { chance, counts, faults } = this.#parts;
    if (chance.is(faults.full)) {
      counts.add("blobs full");
      throw new BlobStoreFull("no space is left for blobs");
    }
    if (chance.is(faults.error)) {
      counts.add("blob error");
      throw Object.assign(new Error("EIO: i/o error, write"), { code: "EIO" });
    }
  }
}

function never<T>(): Promise<T> {
  return new Promise<T>(() => {});
}
