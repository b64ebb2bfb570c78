import assert from "node:assert/strict";
import { afterEach, beforeEach } from "node:test";
import { manualClock, type ManualClock } from "../../../kernel/clock.ts";
import { ServiceError } from "../../../kernel/service-error.ts";
import { storeClient, type Storage, type StoreClient } from "../../../storage/storage.ts";
import type { Segment } from "../rules/segments.ts";
import { OBJECT_OPERATIONS, type NewObject, type NewUpload, type ObjectOperations } from "./store.ts";

/** Opens an empty store that lives by the clock. */
export type StartStore = (clock: ManualClock) => Promise<Storage>;

export const CHECKSUM = { algorithm: "CRC64NVME", type: "FULL_OBJECT", value: "AAAAAAAAAAA=" } as const;
const PLAIN = { headers: {}, metadata: {}, tags: {}, storageClass: "STANDARD" };

export function blobNamed(number: number): string {
  return number.toString(16).padStart(32, "0");
}

export function segment(blob: number, bytes = 10, startByte = 0): Segment {
  return { blob: blobNamed(blob), startByte, bytes };
}

export const refusedWith = (code: string) => (error: unknown) => error instanceof ServiceError && error.code === code;

/** What a test works with: a store of its own with the bucket `photos`. */
export interface Scene {
  readonly clock: ManualClock;
  readonly store: StoreClient<ObjectOperations>;
  readonly bucketId: number;
}

/** Registers the hooks that make a scene for each test. */
export function storeFixture(start: StartStore) {
  let scene: Scene & { storage: Storage };

  const newBucket = async (store: StoreClient<ObjectOperations>, name: string): Promise<number> => {
    await store.createBucket({ name, account: "000000000000", region: "us-east-1", tags: {} });
    const bucket = await store.findBucket({ name });
    assert.ok(bucket);
    return bucket.id;
  };
  beforeEach(async () => {
    const clock = manualClock();
    const storage = await start(clock);
    const store = storeClient<ObjectOperations>(storage, "objects", OBJECT_OPERATIONS);
    scene = { clock, storage, store, bucketId: await newBucket(store, "photos") };
  });
  afterEach(() => scene.storage.stop());

  const objectAt = (key: string, etag = "e"): NewObject => ({
    ...PLAIN,
    bucketId: scene.bucketId,
    key,
    sizeBytes: 10,
    etag,
    checksum: CHECKSUM,
  });
  return {
    now: (): Scene => scene,
    newBucket: (name: string) => newBucket(scene.store, name),
    objectAt,
    uploadAt: (key: string, uploadId = "u1"): NewUpload => ({ ...PLAIN, bucketId: scene.bucketId, key, uploadId, checksum: null }),
    put: (key: string, blob: number, etag?: string) =>
      scene.store.putObject({ object: objectAt(key, etag), segments: [segment(blob)], condition: undefined }),
    remove: (key: string) => scene.store.deleteObject({ bucketId: scene.bucketId, key, condition: undefined }),
    /** What may be removed, once everything has been tidied up. */
    garbage: async (): Promise<string[]> => {
      while (await scene.store.tidy({ limit: 2 }));
      return scene.store.listGarbage({ after: "", limit: 1000 });
    },
  };
}

export function part(number: number, etag = `e${number}`) {
  return { number, sizeBytes: 10, etag, checksum: "c" };
}
