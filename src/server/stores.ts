import type { Logger } from "../kernel/logger.ts";
import { systemRandom } from "../kernel/random.ts";
import { Keyring } from "../storage/encryption.ts";
import { Database, openStill, type StoreModule } from "../storage/sqlite/index.ts";
import { objectStore } from "../services/objects/store/sqlite/index.ts";
import { knownBlob, referencedBlobs } from "../services/objects/store/sqlite/referenced-blobs.ts";
import { queueStore } from "../services/queues/store/sqlite/index.ts";

/** What the stores must be told; plain data, since it crosses to the storage thread. */
export interface StoreSettings {
  readonly coolDown: boolean;
  /** The first encrypts, all decrypt; none: nothing is encrypted. */
  readonly masterKeys: readonly Uint8Array[];
  readonly ignoreLostKeys: boolean;
}

/** Every service's store, on whichever thread the engine runs. */
export function storeModules({ coolDown, masterKeys, ignoreLostKeys }: StoreSettings, logger: Logger): StoreModule[] {
  // Always from the system: a nonce must never come twice, not even where a seed repeats everything else.
  const keyring = new Keyring(masterKeys, systemRandom);
  return [queueStore({ coolDown, keyring, ignoreLostKeys, logger }), objectStore];
}

/** Blobs to which a database file refers that nobody writes to; to be closed. */
export interface BlobsOfDatabase {
  /** Ids in ascending order, from the one after `after`; empty: from the first. */
  page(after: string, limit: number): string[];
  /** Whether its tables know the blob, be it only as one to be removed. */
  knows(blob: string): boolean;
  close(): void;
}

export function blobsOfDatabase(file: string): BlobsOfDatabase {
  const database = new Database(openStill(file));
  return { page: referencedBlobs(database), knows: knownBlob(database), close: () => database.close() };
}
