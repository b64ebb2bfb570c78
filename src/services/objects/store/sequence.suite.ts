import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { refusedWith, storeFixture, type StartStore } from "./store.fixture.ts";

/** The meaning of `checkSequence`, for any engine. */
export function sequenceSuite(engine: string, start: StartStore): void {
  describe(`numbers of changes in the object store on ${engine}`, () => {
    const { now } = storeFixture(start);
    const check = (...changes: readonly (readonly [key: string, sequencer: number])[]) => {
      const { store, bucketId } = now();
      return store.checkSequence({ bucketId, changes: changes.map(([key, number]) => ({ key, sequencer: String(number) })) });
    };
    const outOfTurn = refusedWith("OperationAborted");

    test("a change that comes after one of its key with a higher number is refused; other keys have their own order", async () => {
      await check(["a", 5]);
      await check(["b", 4]);
      await assert.rejects(check(["a", 4]), outOfTurn);
      await check(["a", 6]);
      await assert.rejects(check(["c", 9], ["b", 3]), outOfTurn);
    });

    test("the same unit may come again, since a group is run again when another unit spoils it", async () => {
      await check(["a", 5]);
      await check(["a", 5]);
    });

    test("of keys that were changed long ago no more is known than the highest number of any, and nothing passes for earlier than that", async () => {
      await check(...Array.from({ length: 10_001 }, (_, index) => [`key ${index}`, index + 1] as const));
      await check(["new", 2]);
      await check(["key 10000", 10_001]);
      await check(["another", 20_000]);
      await assert.rejects(check(["yet another", 1]), outOfTurn);
    });

    test("the order is that of one bucket", async () => {
      const { store, bucketId } = now();
      await check(["a", 5]);
      await store.checkSequence({ bucketId: bucketId + 1, changes: [{ key: "a", sequencer: "4" }] });
    });
  });
}
