import assert from "node:assert/strict";
import { afterEach, beforeEach, describe, test } from "node:test";
import fc from "fast-check";
import { manualClock, type ManualClock } from "../../../kernel/clock.ts";
import { ServiceError } from "../../../kernel/service-error.ts";
import { DAY_MS, MINUTE_MS } from "../../../kernel/units.ts";
import { storeClient, type Storage, type StoreClient } from "../../../storage/storage.ts";
import type { Position } from "../rules/listing.ts";
import type { Segment } from "../rules/segments.ts";
import { OBJECT_OPERATIONS, type ListEntry, type NewObject, type NewUpload, type ObjectOperations, type UploadPosition } from "./store.ts";

const CHECKSUM = { algorithm: "CRC64NVME", type: "FULL_OBJECT", value: "AAAAAAAAAAA=" } as const;
const PLAIN = { headers: {}, metadata: {}, tags: {}, storageClass: "STANDARD" };

function blobNamed(number: number): string {
  return number.toString(16).padStart(32, "0");
}

function segment(blob: number, bytes = 10, startByte = 0): Segment {
  return { blob: blobNamed(blob), startByte, bytes };
}

/** The meaning of the object store's port, for any engine. @param start opens an empty store that lives by the clock. */
export function objectStoreSuite(engine: string, start: (clock: ManualClock) => Promise<Storage>): void {
  describe(`object store on ${engine}`, () => {
    let clock: ManualClock;
    let storage: Storage;
    let store: StoreClient<ObjectOperations>;
    let bucketId: number;

    beforeEach(async () => {
      clock = manualClock();
      storage = await start(clock);
      store = storeClient<ObjectOperations>(storage, "objects", OBJECT_OPERATIONS);
      bucketId = await newBucket("photos");
    });
    afterEach(() => storage.stop());

    async function newBucket(name: string): Promise<number> {
      await store.createBucket({ name, account: "000000000000", region: "us-east-1", tags: {} });
      const bucket = await store.findBucket({ name });
      assert.ok(bucket);
      return bucket.id;
    }
    const objectAt = (key: string, etag = "e"): NewObject => ({ ...PLAIN, bucketId, key, sizeBytes: 10, etag, checksum: CHECKSUM });
    const put = (key: string, blob: number, etag?: string) =>
      store.putObject({ object: objectAt(key, etag), segments: [segment(blob)], condition: undefined });
    const putAll = async (keys: readonly string[]) => {
      for (const [index, key] of keys.entries()) await put(key, index + 1);
    };
    const remove = (key: string) => store.deleteObject({ bucketId, key, condition: undefined });
    const refusedWith = (code: string) => (error: unknown) => error instanceof ServiceError && error.code === code;
    const garbage = async () => {
      while (await store.tidy({ limit: 2 }));
      return store.listGarbage({ after: "", limit: 1000 });
    };

    describe("buckets", () => {
      test("a name belongs to one account; asked for again in its region it is found, in another refused", async () => {
        const again = { name: "photos", account: "000000000000", region: "us-east-1", tags: {} };
        assert.deepEqual(await store.createBucket(again), { created: false });
        await assert.rejects(store.createBucket({ ...again, region: "eu-west-1" }), refusedWith("BucketAlreadyOwnedByYou"));
        await assert.rejects(store.createBucket({ ...again, account: "111111111111" }), refusedWith("BucketAlreadyExists"));
      });

      test("settings are kept until removed", async () => {
        await store.setBucketSetting({ bucketId, setting: "cors", value: "[1]" });
        await store.setBucketSetting({ bucketId, setting: "tags", value: "{}" });
        await store.setBucketSetting({ bucketId, setting: "cors", value: "[2]" });
        assert.deepEqual((await store.findBucket({ name: "photos" }))?.settings, { cors: "[2]", tags: "{}" });
        await store.setBucketSetting({ bucketId, setting: "cors", value: null });
        assert.deepEqual((await store.findBucket({ name: "photos" }))?.settings, { tags: "{}" });
      });

      test("only an empty bucket is deleted; open uploads go with it, and a bucket created later has another number", async () => {
        await put("a", 1);
        await assert.rejects(store.deleteBucket({ bucketId }), refusedWith("BucketNotEmpty"));
        await remove("a");
        await store.createUpload(upload("b"));
        await store.putPart({ upload: { bucketId, key: "b", uploadId: "u1" }, part: part(1), segments: [segment(2)] });
        await store.deleteBucket({ bucketId });
        assert.equal(await store.findBucket({ name: "photos" }), undefined);
        assert.deepEqual(await garbage(), [blobNamed(1), blobNamed(2)]);
        assert.notEqual(await newBucket("photos"), bucketId);
        await assert.rejects(put("a", 3), refusedWith("NoSuchBucket"));
      });

      test("are listed by name, by prefix and in pages", async () => {
        for (const name of ["music", "photos-2", "archive"]) await newBucket(name);
        const names = async (prefix: string, after: string, limit: number) => {
          const page = await store.listBuckets({ account: "000000000000", prefix, after, limit });
          return [page.buckets.map((bucket) => bucket.name).join(" "), page.more];
        };
        assert.deepEqual(await names("", "", 10), ["archive music photos photos-2", false]);
        assert.deepEqual(await names("", "archive", 2), ["music photos", true]);
        assert.deepEqual(await names("ph", "", 2), ["photos photos-2", false]);
        assert.deepEqual(await store.listBuckets({ account: "1", prefix: "", after: "", limit: 9 }), { buckets: [], more: false });
      });
    });

    describe("objects", () => {
      test("are found with everything that was said of them", async () => {
        const object = {
          ...objectAt("ä/../b"),
          headers: { "content-type": "image/png" },
          metadata: { name: "Zoë", __proto__x: "1" },
          tags: { a: "b" },
          storageClass: "STANDARD_IA",
        };
        const { modifiedMs } = await store.putObject({ object, segments: [segment(1, 6), segment(2, 4, 3)], condition: undefined });
        assert.equal(modifiedMs, clock.nowMs());
        const found = await store.findObject({ bucket: "photos", key: "ä/../b" });
        assert.ok(found);
        const { id, contentId, ...rest } = found;
        assert.ok(id > 0 && contentId > 0);
        assert.deepEqual(rest, { ...object, modifiedMs, partsCount: 0, segments: [segment(1, 6), segment(2, 4, 3)] });
        assert.equal(await store.findObject({ bucket: "photos", key: "ä/../B" }), undefined);
      });

      test("a write replaces; what it replaced becomes garbage, once nothing refers to it", async () => {
        await put("a", 1);
        const before = await store.findObject({ bucket: "photos", key: "a" });
        assert.deepEqual(await garbage(), []);
        await put("a", 2);
        const after = await store.findObject({ bucket: "photos", key: "a" });
        assert.ok(before && after && after.id > before.id);
        assert.deepEqual(after.segments, [segment(2)]);
        assert.deepEqual(await garbage(), [blobNamed(1)]);
        await store.forgetGarbage({ blobs: [blobNamed(1)] });
        assert.deepEqual(await garbage(), []);
      });

      test("a copy shares the bytes of its source and keeps them when the source is gone", async () => {
        await put("a", 1);
        const source = await store.findObject({ bucket: "photos", key: "a" });
        assert.ok(source);
        await store.copyObject({ object: objectAt("b"), sourceId: source.id, condition: undefined });
        await remove("a");
        assert.deepEqual(await garbage(), []);
        assert.deepEqual((await store.findObject({ bucket: "photos", key: "b" }))?.segments, [segment(1)]);
        await remove("b");
        assert.deepEqual(await garbage(), [blobNamed(1)]);
      });

      test("a copy onto itself keeps its bytes", async () => {
        await put("a", 1);
        const source = await store.findObject({ bucket: "photos", key: "a" });
        assert.ok(source);
        await store.copyObject({ object: objectAt("a"), sourceId: source.id, condition: undefined });
        assert.deepEqual(await garbage(), []);
        assert.deepEqual((await store.findObject({ bucket: "photos", key: "a" }))?.segments, [segment(1)]);
      });

      test("a copy of what has changed since it was read is refused and writes nothing", async () => {
        await put("a", 1);
        const source = await store.findObject({ bucket: "photos", key: "a" });
        assert.ok(source);
        await put("a", 2);
        const copy = store.copyObject({ object: objectAt("b"), sourceId: source.id, condition: undefined });
        await assert.rejects(copy, refusedWith("OperationAborted"));
        assert.equal(await store.findObject({ bucket: "photos", key: "b" }), undefined);
      });

      test("conditions are checked with the write: of two that expect an absent key one wins", async () => {
        const condition = { header: "If-None-Match" } as const;
        const racers = [1, 2].map((blob) => store.putObject({ object: objectAt("a"), segments: [segment(blob)], condition }));
        const outcomes = await Promise.allSettled(racers);
        assert.deepEqual(outcomes.map((outcome) => outcome.status).sort(), ["fulfilled", "rejected"]);
        const stale = { header: "If-Match", etag: "other" } as const;
        await assert.rejects(store.deleteObject({ bucketId, key: "a", condition: stale }), refusedWith("PreconditionFailed"));
        const absent = store.putObject({ object: objectAt("b"), segments: [], condition: stale });
        await assert.rejects(absent, refusedWith("NoSuchKey"));
      });

      test("deleting tells whether there was anything", async () => {
        await put("a", 1);
        assert.deepEqual(await remove("a"), { existed: true });
        assert.deepEqual(await remove("a"), { existed: false });
      });

      test("tags change without the object being another", async () => {
        await put("a", 1);
        const before = await store.findObject({ bucket: "photos", key: "a" });
        await store.setObjectTags({ bucketId, key: "a", tags: { k: "v" } });
        assert.deepEqual(await store.findObject({ bucket: "photos", key: "a" }), { ...before, tags: { k: "v" } });
        await assert.rejects(store.setObjectTags({ bucketId, key: "b", tags: {} }), refusedWith("NoSuchKey"));
      });

      test("of many segments those are read that hold the bytes asked for, cut to them", async () => {
        const segments = Array.from({ length: 20 }, (_, index) => segment(index + 1, 10, 100));
        await store.putObject({ object: { ...objectAt("a"), sizeBytes: 200 }, segments, condition: undefined });
        const found = await store.findObject({ bucket: "photos", key: "a" });
        assert.ok(found);
        assert.equal(found.segments, undefined);
        const read = (start: number, end: number) => store.readSegments({ contentId: found.contentId, range: { start, end } });
        assert.deepEqual(await read(0, 200), segments);
        assert.deepEqual(await read(5, 22), [segment(1, 5, 105), segment(2, 10, 100), segment(3, 2, 100)]);
        assert.deepEqual(await read(199, 200), [segment(20, 1, 109)]);
        await remove("a");
        assert.equal((await garbage()).length, 20);
        assert.deepEqual(await read(0, 200), []);
      });
    });

    describe("listing objects", () => {
      const shown = (entries: readonly ListEntry[]) =>
        entries.map((entry) => ("commonPrefix" in entry ? `${entry.commonPrefix}…` : entry.key));
      const list = async (args: { prefix?: string; delimiter?: string; from?: Position; limit?: number }) => {
        const { entries, next } = await store.listObjects({ bucketId, prefix: "", delimiter: "", from: undefined, limit: 1000, ...args });
        return { shown: shown(entries), next };
      };

      test("is in the order of UTF-8 bytes, not of UTF-16 units", async () => {
        await putAll(["\u{ff5e}", "\u{1f600}", "a", "Z", "a/b", "a-b", "é"]);
        assert.deepEqual((await list({})).shown, ["Z", "a", "a-b", "a/b", "é", "\u{ff5e}", "\u{1f600}"]);
      });

      test("groups by prefix and delimiter, keys and prefixes in one order", async () => {
        await putAll(["a", "b/1", "b/2", "b/c/3", "c", "d/", "d/e"]);
        assert.deepEqual((await list({ delimiter: "/" })).shown, ["a", "b/…", "c", "d/…"]);
        assert.deepEqual((await list({ delimiter: "/", prefix: "b/" })).shown, ["b/1", "b/2", "b/c/…"]);
        assert.deepEqual((await list({ delimiter: "/", prefix: "b" })).shown, ["b/…"]);
        assert.deepEqual((await list({ delimiter: "/c/" })).shown, ["a", "b/1", "b/2", "b/c/…", "c", "d/", "d/e"]);
        assert.deepEqual((await list({ prefix: "d/e" })).shown, ["d/e"]);
        assert.deepEqual((await list({ prefix: "x" })).shown, []);
      });

      test("goes on behind a key or behind a whole prefix, and says exactly whether more follow", async () => {
        await putAll(["a", "b/1", "b/2", "c"]);
        assert.deepEqual(await list({ delimiter: "/", limit: 2 }), { shown: ["a", "b/…"], next: { afterPrefix: "b/" } });
        assert.deepEqual(await list({ delimiter: "/", limit: 1, from: { afterPrefix: "b/" } }), { shown: ["c"], next: undefined });
        assert.deepEqual(await list({ limit: 2 }), { shown: ["a", "b/1"], next: { afterKey: "b/1" } });
        assert.deepEqual(await list({ limit: 2, from: { afterKey: "b/1" } }), { shown: ["b/2", "c"], next: undefined });
        assert.deepEqual(await list({ limit: 0 }), { shown: [], next: undefined });
      });

      test("pages put together are the whole, whatever the keys, the delimiter and the size of a page", async () => {
        const key = fc.string({ unit: fc.constantFrom("a", "b", "/", "é", "\u{1f600}"), minLength: 1, maxLength: 4 });
        const keys = fc.sample(key, { numRuns: 60, seed: 7 });
        await putAll([...new Set(keys)]);
        const property = fc.asyncProperty(
          fc.string({ unit: fc.constantFrom("a", "/", "é"), maxLength: 2 }),
          fc.constantFrom("", "/", "a", "é/"),
          fc.integer({ min: 1, max: 7 }),
          async (prefix, delimiter, limit) => {
            const expected = listedByDefinition([...new Set(keys)], prefix, delimiter);
            const paged: string[] = [];
            let from: Position | undefined;
            do {
              const page = await list({ prefix, delimiter, limit, ...(from === undefined ? {} : { from }) });
              paged.push(...page.shown);
              from = page.next;
            } while (from !== undefined);
            assert.deepEqual(paged, expected);
          },
        );
        await fc.assert(property, { numRuns: 60 });
      });
    });

    const upload = (key: string, uploadId = "u1"): NewUpload => ({ ...PLAIN, bucketId, key, uploadId, checksum: null });
    const part = (number: number, etag = `e${number}`) => ({ number, sizeBytes: 10, etag, checksum: "c" });
    const completion = (uploadId: string, numbers: readonly number[]) => ({
      upload: { bucketId, key: "a", uploadId },
      revision: numbers.length,
      partNumbers: numbers,
      object: { ...objectAt("a", `x-${numbers.length}`), sizeBytes: 10 * numbers.length },
      condition: undefined,
      completed: { partsHash: "h", etag: "x", checksum: CHECKSUM },
    });
    const putParts = async (uploadId: string, numbers: readonly number[]) => {
      for (const number of numbers) {
        await store.putPart({ upload: { bucketId, key: "a", uploadId }, part: part(number), segments: [segment(number)] });
      }
    };

    describe("uploads in parts", () => {
      test("parts become an object in the order of their numbers, and those not listed are dropped", async () => {
        await store.createUpload(upload("a"));
        await putParts("u1", [5, 1, 3]);
        assert.equal(await store.findObject({ bucket: "photos", key: "a" }), undefined);
        await store.completeUpload({ ...completion("u1", [1, 5]), revision: 3 });
        const object = await store.findObject({ bucket: "photos", key: "a" });
        assert.deepEqual(object?.segments, [segment(1), segment(5)]);
        assert.equal(object?.partsCount, 2);
        const parts = await store.listObjectParts({ contentId: object.contentId, after: 0, limit: 10 });
        assert.deepEqual(
          parts.parts.map((part) => part.number),
          [1, 5],
        );
        assert.deepEqual(await garbage(), [blobNamed(3)]);
      });

      test("of a number that is uploaded again the last counts", async () => {
        await store.createUpload(upload("a"));
        const ref = { bucketId, key: "a", uploadId: "u1" };
        await store.putPart({ upload: ref, part: part(1, "old"), segments: [segment(1)] });
        await store.putPart({ upload: ref, part: part(1, "new"), segments: [segment(2)] });
        const { parts } = await store.listParts({ upload: ref, after: 0, limit: 9 });
        assert.deepEqual(parts, [{ ...part(1, "new"), modifiedMs: clock.nowMs() }]);
        assert.deepEqual(await garbage(), [blobNamed(1)]);
      });

      test("a completion that looked at other parts is refused, and the upload stays usable", async () => {
        await store.createUpload(upload("a"));
        await putParts("u1", [1, 2]);
        await assert.rejects(store.completeUpload({ ...completion("u1", [1]), revision: 1 }), refusedWith("OperationAborted"));
        await store.completeUpload(completion("u1", [1, 2]));
      });

      test("once completed the upload is gone for everything but asking what the answer was, and that for a day", async () => {
        await store.createUpload(upload("a"));
        await putParts("u1", [1]);
        await store.completeUpload(completion("u1", [1]));
        const ref = { bucketId, key: "a", uploadId: "u1" };
        for (const gone of [
          () => store.listParts({ upload: ref, after: 0, limit: 1 }),
          () => store.putPart({ upload: ref, part: part(2), segments: [] }),
          () => store.abortUpload({ upload: ref }),
          () => store.completeUpload(completion("u1", [1])),
        ]) {
          await assert.rejects(gone(), refusedWith("NoSuchUpload"));
        }
        assert.deepEqual((await store.findUpload(ref)).completed, { partsHash: "h", etag: "x", checksum: CHECKSUM });
        clock.advance(DAY_MS - MINUTE_MS);
        await garbage();
        assert.ok((await store.findUpload(ref)).completed);
        clock.advance(2 * MINUTE_MS);
        await garbage();
        await assert.rejects(store.findUpload(ref), refusedWith("NoSuchUpload"));
        assert.ok(await store.findObject({ bucket: "photos", key: "a" }));
      });

      test("an aborted upload leaves nothing, and neither does a wrong key for its id", async () => {
        await store.createUpload(upload("a"));
        await putParts("u1", [1, 2]);
        const ref = { bucketId, key: "a", uploadId: "u1" };
        await assert.rejects(store.abortUpload({ upload: { ...ref, key: "b" } }), refusedWith("NoSuchUpload"));
        await store.abortUpload({ upload: ref });
        await assert.rejects(store.findUpload(ref), refusedWith("NoSuchUpload"));
        assert.deepEqual(await garbage(), [blobNamed(1), blobNamed(2)]);
      });

      test("a part copied from an object shares its bytes, cut to the range", async () => {
        await put("source", 1);
        const source = await store.findObject({ bucket: "photos", key: "source" });
        assert.ok(source);
        await store.createUpload(upload("a"));
        const ref = { bucketId, key: "a", uploadId: "u1" };
        await store.copyPart({ upload: ref, part: part(1), sourceId: source.id, range: { start: 2, end: 6 } });
        await remove("source");
        await store.completeUpload({ ...completion("u1", [1]), revision: 1 });
        assert.deepEqual((await store.findObject({ bucket: "photos", key: "a" }))?.segments, [segment(1, 4, 2)]);
        assert.deepEqual(await garbage(), []);
      });

      test("a conditional completion conflicts when the key was written or deleted in between, even if the condition holds", async () => {
        const condition = { header: "If-None-Match" } as const;
        await store.createUpload(upload("a"));
        await putParts("u1", [1]);
        await put("a", 7);
        await assert.rejects(store.completeUpload({ ...completion("u1", [1]), condition }), refusedWith("PreconditionFailed"));
        await remove("a");
        await assert.rejects(store.completeUpload({ ...completion("u1", [1]), condition }), refusedWith("ConditionalRequestConflict"));
        await store.completeUpload(completion("u1", [1]));
      });

      test("open uploads are listed by key, then by age, in pages and under common prefixes", async () => {
        for (const [key, id] of [
          ["b", "2"],
          ["a", "3"],
          ["b", "1"],
          ["c/x", "4"],
          ["c/y", "5"],
          ["d", "6"],
        ] as const) {
          await store.createUpload(upload(key, id));
        }
        await store.abortUpload({ upload: { bucketId, key: "d", uploadId: "6" } });
        const list = async (limit: number, from?: UploadPosition, delimiter = "") => {
          const { entries, next } = await store.listUploads({ bucketId, prefix: "", delimiter, from, limit });
          return [entries.map((entry) => ("commonPrefix" in entry ? entry.commonPrefix : entry.key + entry.uploadId)).join(" "), next];
        };
        assert.deepEqual(await list(10), ["a3 b2 b1 c/x4 c/y5", undefined]);
        assert.deepEqual(await list(2), ["a3 b2", { afterKey: "b", uploadId: "2" }]);
        assert.deepEqual(await list(2, { afterKey: "b", uploadId: "2" }), ["b1 c/x4", { afterKey: "c/x", uploadId: "4" }]);
        assert.deepEqual(await list(9, { afterKey: "b" }), ["c/x4 c/y5", undefined]);
        assert.deepEqual(await list(4, undefined, "/"), ["a3 b2 b1 c/", undefined]);
      });
    });

    describe("blobs", () => {
      test("each start has a generation of its own", async () => {
        const first = await store.startGeneration({});
        assert.equal(await store.startGeneration({}), first + 1);
      });

      test("found blobs are adopted as garbage unless something refers to them", async () => {
        await put("a", 1);
        assert.deepEqual(await store.adoptOrphans({ blobs: [blobNamed(1), blobNamed(2), blobNamed(3)] }), { adopted: 2 });
        assert.deepEqual(await store.adoptOrphans({ blobs: [blobNamed(2)] }), { adopted: 0 });
        assert.deepEqual(await garbage(), [blobNamed(2), blobNamed(3)]);
        assert.deepEqual(await store.listGarbage({ after: blobNamed(2), limit: 9 }), [blobNamed(3)]);
      });
    });
  });
}

/** What a listing is, said without thinking of cost. */
function listedByDefinition(keys: readonly string[], prefix: string, delimiter: string): string[] {
  const shown = keys
    .filter((key) => key.startsWith(prefix))
    .map((key) => {
      const at = delimiter === "" ? -1 : key.indexOf(delimiter, prefix.length);
      return at < 0 ? key : `${key.slice(0, at + delimiter.length)}…`;
    });
  const bytes = (text: string) => Buffer.from(text.replace(/…$/, ""));
  return [...new Set(shown)].sort((a, b) => Buffer.compare(bytes(a), bytes(b)));
}
