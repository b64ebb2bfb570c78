import type { Logger } from "../kernel/logger.ts";
import { systemRandom } from "../kernel/random.ts";
import { Keyring } from "../storage/encryption.ts";
import { Database, openStill, type StoreModule } from "../storage/sqlite/index.ts";
import { objectStore } from "../services/objects/store/sqlite/index.ts";
import { knownBlob, referencedBlobs } from "../services/objects/store/sqlite/referenced-blobs.ts";
import { DeliveryReader } from "../services/queues/rules/delivery.ts";
import { queueStore } from "../services/queues/store/sqlite/index.ts";
import type { QueueTargets } from "../services/topics/needs.ts";
import { topicStore } from "../services/topics/store/sqlite/index.ts";

/** What the stores must be told; plain data, since it crosses to the storage thread. */
export interface StoreSettings {
  readonly coolDown: boolean;
  /** Whether a queue's policy is asked about its own account, too: wherever callers prove who they are. */
  readonly ownAccountAsked: boolean;
  /** The first encrypts, all decrypt; none: nothing is encrypted. */
  readonly masterKeys: readonly Uint8Array[];
  readonly ignoreLostKeys: boolean;
}

/** Every service's store, on whichever thread the engine runs. */
export function storeModules({ coolDown, ownAccountAsked, masterKeys, ignoreLostKeys }: StoreSettings, logger: Logger): StoreModule[] {
  // Always from the system: a nonce must never come twice, not even where a seed repeats everything else.
  const keyring = new Keyring(masterKeys, systemRandom);
  return [queueStore({ coolDown, keyring, ignoreLostKeys, logger }), objectStore, topicStore(queueTargets(ownAccountAsked))];
}

/** What receivers see as SenderId of a notification. */
const SENDER = "AIDATOPICNOTIFICATION";

/** A publish puts its messages into queues where both are stored, in one transaction. */
function queueTargets(ownAccountAsked: boolean): QueueTargets {
  const deliveries = new DeliveryReader(ownAccountAsked);
  return {
    deliver({ source: { topicArn, accountId }, ...message }) {
      const source = { service: "sns.amazonaws.com", arn: topicArn, accountId };
      const delivery = deliveries.read({ ...message, source, senderId: SENDER });
      return delivery && { operation: "queues.deliver", args: delivery };
    },
  };
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
