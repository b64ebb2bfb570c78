import assert from "node:assert/strict";
import { afterEach, beforeEach, describe, test } from "node:test";
import { MIB } from "../kernel/units.ts";
import { MissingFile, type Bytes, type Place } from "./place.ts";

/** The meaning of the port of places. @param start gives an empty place, and what removes its traces. */
export function placeSuite(kind: string, start: () => Promise<{ place: Place; stop: () => Promise<void> }>): void {
  describe(`a place for backups in ${kind}`, { timeout: 60_000 }, () => {
    let place: Place;
    let stop: () => Promise<void>;

    beforeEach(async () => {
      ({ place, stop } = await start());
    });
    afterEach(async () => {
      place.close();
      await stop();
    });

    async function* pieces(...texts: (string | Uint8Array)[]): Bytes {
      for (const text of texts) yield Buffer.from(text as string);
    }
    async function text(path: string): Promise<string> {
      const read: Uint8Array[] = [];
      for await (const piece of await place.read(path)) read.push(piece);
      return Buffer.concat(read).toString();
    }
    async function listed(folder: string): Promise<[string, number][]> {
      const found: [string, number][] = [];
      for await (const page of place.list(folder)) found.push(...page.map(({ path, bytes }): [string, number] => [path, bytes]));
      return found;
    }

    test("a file is there as it was written, and its size is listed, in the order of paths, below its folder only", async () => {
      await place.write("blobs/cd/2", pieces("later"));
      await place.write("blobs/ab/1", pieces("one ", "", "two"), 7);
      await place.write("blobs/ab/3", pieces());
      await place.write("backups/x/manifest.json", pieces("{}"));
      assert.equal(await text("blobs/ab/1"), "one two");
      assert.equal(await text("blobs/ab/3"), "");
      assert.deepEqual(await listed("blobs"), [
        ["blobs/ab/1", 7],
        ["blobs/ab/3", 0],
        ["blobs/cd/2", 5],
      ]);
      assert.deepEqual(await listed("backups"), [["backups/x/manifest.json", 2]]);
      assert.deepEqual(await listed("nothing"), []);
    });

    test("a file of many megabytes in pieces of any size, whether its length was told or not", async () => {
      const bytes = Buffer.alloc(20 * MIB + 5, "0123456789 ");
      const cut = () => pieces(bytes.subarray(0, 3), bytes.subarray(3, 17 * MIB), bytes.subarray(17 * MIB));
      await place.write("a/told", cut(), bytes.length);
      await place.write("a/untold", cut());
      assert.deepEqual(
        (await listed("a")).map(([, size]) => size),
        [bytes.length, bytes.length],
      );
      assert.ok((await text("a/told")) === bytes.toString() && (await text("a/untold")) === bytes.toString());
    });

    test("a file takes the place of the one that is there, or, where its bytes fail, leaves it", async () => {
      await place.write("a/b", pieces("old"));
      await place.write("a/b", pieces("new"));
      assert.equal(await text("a/b"), "new");
      const broken = async function* (): Bytes {
        yield Buffer.alloc(20 * MIB);
        throw new Error("the network is gone");
      };
      await assert.rejects(place.write("a/b", broken()), /the network is gone/);
      await assert.rejects(place.write("a/c", broken(), 40 * MIB), /the network is gone/);
      assert.equal(await text("a/b"), "new");
      assert.deepEqual(await listed("a"), [["a/b", 3]]);
    });

    test("what is removed is gone, and what is gone can be removed", async () => {
      await place.write("a/b", pieces("x"));
      await place.write("a/c", pieces("y"));
      await place.remove(["a/b", "a/never"]);
      assert.deepEqual(await listed("a"), [["a/c", 1]]);
      await assert.rejects(place.read("a/b"), (error) => error instanceof MissingFile && error.message.includes("a/b"));
    });
  });
}
