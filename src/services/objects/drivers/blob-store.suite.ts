import assert from "node:assert/strict";
import { afterEach, beforeEach, describe, test } from "node:test";
import { blobIdOf } from "./blob-store.fixture.ts";
import type { BlobStore } from "./blob-store.ts";

/** The meaning of the blob store's port, for any driver. @param start gives an empty store, and what removes its traces. */
export function blobStoreSuite(driver: string, start: () => Promise<{ blobs: BlobStore; stop: () => Promise<void> }>): void {
  describe(`blobs in ${driver}`, () => {
    let blobs: BlobStore;
    let stop: () => Promise<void>;

    beforeEach(async () => {
      ({ blobs, stop } = await start());
      await blobs.open();
    });
    afterEach(() => stop());

    async function write(id: string, ...pieces: (string | Uint8Array)[]): Promise<void> {
      const writer = await blobs.create(id);
      for (const piece of pieces) await writer.write(Buffer.from(piece as string));
      await writer.finish();
    }
    async function read(id: string, startByte: number, bytes: number): Promise<string> {
      const pieces: Uint8Array[] = [];
      for await (const piece of blobs.read(id, { startByte, bytes })) pieces.push(piece);
      return Buffer.concat(pieces).toString();
    }
    async function listed(): Promise<string[]> {
      const ids: string[] = [];
      for await (const page of blobs.list()) ids.push(...page);
      return ids.sort();
    }
    const [a, b] = [blobIdOf(1), blobIdOf(2)];

    test("bytes come back as they were written, whole or in part", async () => {
      await write(a, "012", "", "3456", "789");
      assert.equal(await read(a, 0, 10), "0123456789");
      assert.equal(await read(a, 2, 5), "23456");
      assert.equal(await read(a, 9, 1), "9");
      assert.equal(await read(a, 4, 0), "");
    });

    test("a blob's size is told, and that there is none", async () => {
      await write(a, "012", "3456");
      await write(b);
      assert.deepEqual([await blobs.size(a), await blobs.size(b), await blobs.size(blobIdOf(3))], [7, 0, undefined]);
    });

    test("megabytes in many pieces come back too", async () => {
      const pieces = Array.from({ length: 50 }, (_, index) => Buffer.alloc(70_001, `${index} `));
      await write(a, ...pieces);
      const whole = Buffer.concat(pieces).toString();
      assert.equal(await read(a, 0, whole.length), whole);
      assert.equal(await read(a, 999_999, 1_000_000), whole.slice(999_999, 1_999_999));
    });

    test("a writer's bytes may be changed once they are taken over", async () => {
      const writer = await blobs.create(a);
      const bytes = Buffer.from("before");
      await writer.write(Buffer.from(bytes));
      await writer.finish();
      bytes.write("after!");
      assert.equal(await read(a, 0, 6), "before");
    });

    test("what is not finished is not listed, and discarded it is gone", async () => {
      const writer = await blobs.create(a);
      await writer.write(Buffer.from("half"));
      assert.deepEqual(await listed(), []);
      await writer.discard();
      assert.deepEqual(await listed(), []);
      await write(a, "again");
      assert.equal(await read(a, 0, 5), "again");
    });

    test("all finished blobs are listed; removed ones are gone, and removing them twice is no mistake", async () => {
      await write(a, "1");
      await write(b, "2");
      assert.deepEqual(await listed(), [a, b].sort());
      await blobs.remove([a]);
      await blobs.remove([a, blobIdOf(9)]);
      assert.deepEqual(await listed(), [b]);
      assert.equal(await read(b, 0, 1), "2");
    });

    test("a blob that is removed while it is read goes on to its end", async () => {
      await write(a, Buffer.alloc(600_000, "x"), Buffer.alloc(600_000, "y"));
      const reading = blobs.read(a, { startByte: 0, bytes: 1_200_000 })[Symbol.asyncIterator]();
      let bytes = (await reading.next()).value?.length ?? 0;
      await blobs.remove([a]);
      for (let next = await reading.next(); next.done !== true; next = await reading.next()) bytes += next.value.length;
      assert.equal(bytes, 1_200_000);
    });

    test("reading what is not there fails, and so does reading beyond the end", async () => {
      await write(a, "short");
      await assert.rejects(read(b, 0, 1));
      await assert.rejects(read(a, 0, 6));
    });
  });
}
