import type { Clock, Timer } from "../../kernel/clock.ts";
import type { Logger } from "../../kernel/logger.ts";
import { SECOND_MS } from "../../kernel/units.ts";
import type { StoreClient } from "../../storage/storage.ts";
import { generationOf } from "./content/blob-id.ts";
import type { BlobStore } from "./drivers/blob-store.ts";
import type { ObjectOperations } from "./store/store.ts";

/** How long deleted bytes may stay when nothing else is to be done. */
const PAUSE_MS = 5 * SECOND_MS;
/** Rows of a piece of tidying, blobs of a piece of removal: small enough that nobody waits for it. */
const TIDIED_AT_ONCE = 500;
const REMOVED_AT_ONCE = 500;

export interface UpkeepOptions {
  readonly store: StoreClient<ObjectOperations>;
  readonly blobs: BlobStore;
  /** Of blobs to which nothing refers any more those that are being read, on whichever thread. */
  readonly heldOf: (blobs: readonly string[]) => Promise<readonly string[]>;
  readonly clock: Clock;
  readonly logger: Logger;
}

/** What time does to objects without a request: the bytes of what was deleted, replaced or given up are removed. */
export class Upkeep {
  readonly #options: UpkeepOptions;
  #timer: Timer | undefined;
  #running: Promise<void> = Promise.resolve();
  #stopped = false;
  #holds = 0;

  constructor(options: UpkeepOptions) {
    this.#options = options;
  }

  /** @param generation of this start: blobs of earlier ones that nothing refers to are orphans. */
  start(generation: number): void {
    this.#running = this.#guarded(() => this.#adoptOrphans(generation)).then(() => this.#round());
  }

  /**
   * From now on no bytes are removed, until the returned function is called. What is being removed just now was garbage
   * before: whatever is referred to from now on stays.
   */
  hold(): () => void {
    this.#holds += 1;
    let held = true;
    return () => {
      if (held) this.#holds -= 1;
      held = false;
    };
  }

  async stop(): Promise<void> {
    this.#stopped = true;
    this.#timer?.cancel();
    await this.#running;
  }

  /** Removes what can be removed now. */
  async collect(): Promise<void> {
    const { store } = this.#options;
    while (!this.#stopped && (await store.tidy({ limit: TIDIED_AT_ONCE })));
    let after = "";
    while (!this.#stopped && this.#holds === 0) {
      const dead = await store.listGarbage({ after, limit: REMOVED_AT_ONCE });
      const last = dead.at(-1);
      if (last === undefined) return;
      after = last;
      await this.#remove(dead);
    }
  }

  async #remove(dead: readonly string[]): Promise<void> {
    const { store, blobs, heldOf } = this.#options;
    const held = new Set(await heldOf(dead)); // Whoever comes later cannot be told of these blobs any more.
    const free = dead.filter((blob) => !held.has(blob));
    if (free.length === 0 || this.#holds > 0) return;
    await blobs.remove(free);
    await store.forgetGarbage({ blobs: free }); // Only now: after a crash in between they are removed once more.
  }

  /**
   * Finds blobs that a crash has left between the writing of their bytes and the commit that would have referred to them.
   * Safe while uploads are under way: their blobs carry this start's generation and are passed over. A blob of an earlier
   * one to which nothing refers now can never be referred to again, because new references are to blobs that were just
   * written, or to those of an object that is still there.
   */
  async #adoptOrphans(generation: number): Promise<void> {
    const { store, blobs, logger } = this.#options;
    let adopted = 0;
    for await (const ids of blobs.list()) {
      if (this.#stopped) return;
      const earlier = ids.filter((id) => generationOf(id) < generation);
      if (earlier.length > 0) adopted += (await store.adoptOrphans({ blobs: earlier })).adopted;
    }
    if (adopted > 0) logger.info("orphaned blobs found", { blobs: adopted });
  }

  #round(): void {
    if (this.#stopped) return;
    this.#running = this.#guarded(() => this.collect()).then(() => {
      if (!this.#stopped) this.#timer = this.#options.clock.after(PAUSE_MS, () => this.#round());
    });
  }

  /** Nobody waits for upkeep: what fails is logged and tried again in the next round. */
  async #guarded(work: () => Promise<void>): Promise<void> {
    try {
      await work();
    } catch (error) {
      if (!this.#stopped)
        this.#options.logger.warn("object upkeep failed", { error: error instanceof Error ? error.stack : String(error) });
    }
  }
}
