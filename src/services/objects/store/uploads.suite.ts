import assert from "node:assert/strict";
import { beforeEach, describe, test } from "node:test";
import { DAY_MS, MINUTE_MS } from "../../../kernel/units.ts";
import { blobNamed, CHECKSUM, part, refusedWith, segment, storeFixture, type Scene, type StartStore } from "./store.fixture.ts";
import type { UploadPosition } from "./store.ts";

/** What the port says of uploads in parts, for any engine. */
export function uploadSuite(engine: string, start: StartStore): void {
  describe(`uploads in parts on ${engine}`, () => {
    const { now, objectAt, uploadAt: upload, put, remove, garbage } = storeFixture(start);
    let { clock, store, bucketId }: Scene = {} as Scene;
    beforeEach(() => ({ clock, store, bucketId } = now()));
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
      const matching = { header: "If-Match", etag: "e" } as const;
      const matched = store.completeUpload({ ...completion("u1", [1]), condition: matching });
      await assert.rejects(matched, refusedWith("ConditionalRequestConflict"));
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
}
