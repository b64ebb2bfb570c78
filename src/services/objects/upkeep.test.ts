import assert from "node:assert/strict";
import { afterEach, beforeEach, describe, test } from "node:test";
import { manualClock, type ManualClock } from "../../kernel/clock.ts";
import { silentLogger } from "../../kernel/logger.ts";
import { seededRandom } from "../../kernel/random.ts";
import { startInline } from "../../storage/sqlite/index.ts";
import { storeClient, type Storage, type StoreClient } from "../../storage/storage.ts";
import { newBlobId } from "./content/blob-id.ts";
import { Readers } from "./content/readers.ts";
import { blobMemory } from "./drivers/blob-memory.ts";
import type { BlobStore } from "./drivers/blob-store.ts";
import { objectStore } from "./store/sqlite/index.ts";
import { OBJECT_OPERATIONS, type ObjectOperations } from "./store/store.ts";
import { Upkeep } from "./upkeep.ts";

const random = seededRandom(1);
const EARLIER = 1;
const NOW = 2;

describe("what time does to bytes", () => {
  let clock: ManualClock;
  let storage: Storage;
  let store: StoreClient<ObjectOperations>;
  let blobs: BlobStore;
  let readers: Readers;
  let upkeep: Upkeep;
  let bucketId: number;

  beforeEach(async () => {
    clock = manualClock();
    storage = startInline({ directory: undefined, modules: [objectStore], clock, onFatal: () => {} });
    store = storeClient<ObjectOperations>(storage, "objects", OBJECT_OPERATIONS);
    blobs = blobMemory();
    readers = new Readers();
    upkeep = new Upkeep({ store, blobs, heldOf: (dead) => readers.heldOf(dead), clock, logger: silentLogger });
    await store.createBucket({ name: "photos", account: "000000000000", region: "us-east-1", tags: {} });
    bucketId = (await store.findBucket({ name: "photos" }))!.id;
  });
  afterEach(async () => {
    await upkeep.stop();
    await storage.stop();
  });

  async function written(generation: number): Promise<string> {
    const id = newBlobId(random, generation);
    const writer = await blobs.create(id);
    await writer.write(Buffer.from("x"));
    await writer.finish();
    return id;
  }
  async function put(key: string, blob: string): Promise<void> {
    const checksum = { algorithm: "CRC64NVME", type: "FULL_OBJECT", value: "" } as const;
    const object = { bucketId, key, sizeBytes: 1, etag: "e", checksum, headers: {}, metadata: {}, tags: {}, storageClass: "STANDARD" };
    await store.putObject({ object, segments: [{ blob, startByte: 0, bytes: 1 }], condition: undefined });
  }
  async function kept(): Promise<string[]> {
    const ids: string[] = [];
    for await (const page of blobs.list()) ids.push(...page);
    return ids.sort();
  }

  test("the bytes of what was replaced or deleted are removed, and only those", async () => {
    const [a, b, c] = [await written(NOW), await written(NOW), await written(NOW)];
    await put("k", a);
    await put("k", b);
    await put("other", c);
    await upkeep.collect();
    assert.deepEqual(await kept(), [b, c].sort());
    await store.deleteObject({ bucketId, key: "k", condition: undefined });
    await upkeep.collect();
    assert.deepEqual(await kept(), [c]);
    assert.deepEqual(await store.listGarbage({ after: "", limit: 9 }), []);
  });

  test("bytes that somebody reads wait until the reader leaves", async () => {
    const [a, b] = [await written(NOW), await written(NOW)];
    await put("k", a);
    const reader = readers.enter();
    reader.name([a]);
    await put("k", b);
    await upkeep.collect();
    assert.deepEqual(await kept(), [a, b].sort());
    reader.leave();
    await upkeep.collect();
    assert.deepEqual(await kept(), [b]);
  });

  test("a reader that has asked but not yet named its bytes is waited for", async () => {
    const [a, b] = [await written(NOW), await written(NOW)];
    await put("k", a);
    const reader = readers.enter();
    const found = await store.findObject({ bucket: "photos", key: "k" });
    await put("k", b);
    const collecting = upkeep.collect();
    for (let turn = 0; turn < 20; turn += 1) await new Promise((resolve) => setImmediate(resolve));
    reader.name(found!.segments!.map(({ blob }) => blob));
    await collecting;
    assert.deepEqual(await kept(), [a, b].sort());
    reader.leave();
  });

  test("after a start, what an earlier one left unreferred is removed; uploads under way are not touched", async () => {
    const referred = await written(EARLIER);
    await put("k", referred);
    await written(EARLIER); // Its process died before the commit that would have referred to it.
    const underWay = await written(NOW);
    upkeep.start(NOW);
    await upkeep.stop();
    assert.equal((await kept()).length, 3, "it was stopped before it could remove anything");

    upkeep = new Upkeep({ store, blobs, heldOf: (dead) => readers.heldOf(dead), clock, logger: silentLogger });
    upkeep.start(NOW);
    while ((await kept()).length > 2) await new Promise((resolve) => setImmediate(resolve));
    await put("new", underWay);
    await upkeep.collect();
    assert.deepEqual(await kept(), [referred, underWay].sort());
  });

  test("it comes again by itself", async () => {
    const [a, b] = [await written(NOW), await written(NOW)];
    await put("k", a);
    upkeep.start(NOW);
    await new Promise((resolve) => setImmediate(resolve));
    await put("k", b);
    while ((await kept()).length > 1) {
      clock.advance(5000);
      await new Promise((resolve) => setImmediate(resolve));
    }
    assert.deepEqual(await kept(), [b]);
  });
});
