import assert from "node:assert/strict";
import { beforeEach, describe, test } from "node:test";
import fc from "fast-check";
import type { Position } from "../rules/listing.ts";
import { blobNamed, part, refusedWith, segment, storeFixture, type Scene, type StartStore } from "./store.fixture.ts";
import type { ListEntry } from "./store.ts";

/** The meaning of the object store's port, for any engine; uploads in parts have a suite of their own. */
export function objectStoreSuite(engine: string, start: StartStore): void {
  describe(`object store on ${engine}`, () => {
    const { now, newBucket, objectAt, uploadAt: upload, put, remove, garbage } = storeFixture(start);
    let { clock, store, bucketId }: Scene = {} as Scene;
    beforeEach(() => ({ clock, store, bucketId } = now()));
    const putAll = async (keys: readonly string[]) => {
      for (const [index, key] of keys.entries()) await put(key, index + 1);
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
