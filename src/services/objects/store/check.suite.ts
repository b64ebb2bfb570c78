import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { part, segment, storeFixture, type StartStore } from "./store.fixture.ts";

/** What a check of the store finds, for every engine. */
export function objectCheckSuite(engine: string, start: StartStore): void {
  describe(`object store on ${engine}: a check`, () => {
    const { now, objectAt, uploadAt, put } = storeFixture(start);

    /** All pieces of a check, one after another. */
    const checked = async (limit: number) => {
      const found = { problems: [] as string[], contents: [] as string[], looked: 0 };
      for (let after: string | null = ""; after !== null;) {
        const piece = await now().store.check({ after, limit });
        found.problems.push(...piece.problems.map(({ what }) => what));
        found.contents.push(...piece.contents.map(({ name, md5, segments }) => `${name}: ${md5} in ${segments.length}`));
        found.looked += piece.looked;
        after = piece.next;
      }
      return found;
    };

    test("tells what the bytes of objects and open uploads must be, whole or part by part, in pieces", async () => {
      const { store } = now();
      await put("a", 1, "md5-of-a");
      await put("b", 2, "md5-of-b");
      const source = await store.findObject({ bucket: "photos", key: "a" });
      await store.copyObject({ object: objectAt("c", "md5-of-a"), sourceId: source?.id ?? 0, condition: undefined });
      const upload = uploadAt("d");
      await store.createUpload(upload);
      await store.putPart({ upload, part: part(1), segments: [segment(3)] });
      await store.putPart({ upload, part: part(2), segments: [segment(4, 4), segment(5, 6)] });
      const contents = [
        "object a of bucket photos: md5-of-a in 1",
        "object b of bucket photos: md5-of-b in 1",
        "object c of bucket photos: md5-of-a in 1",
        "the upload of d of bucket photos, part 1: e1 in 1",
        "the upload of d of bucket photos, part 2: e2 in 2",
      ];
      for (const limit of [1, 2, 1000]) assert.deepEqual(await checked(limit), { problems: [], contents, looked: 4 });
    });

    test("finds objects that are longer than their bytes", async () => {
      await now().store.putObject({ object: objectAt("a"), segments: [segment(1, 4)], condition: undefined });
      assert.deepEqual((await checked(10)).problems, ["object a of bucket photos: it has 10 bytes, and its segments have 4"]);
    });
  });
}
