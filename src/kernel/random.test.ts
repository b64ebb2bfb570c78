import assert from "node:assert/strict";
import { describe, test } from "node:test";
import fc from "fast-check";
import { seededRandom, systemRandom, type Random } from "./random.ts";

const UUID_V4 = /^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/;

for (const [name, random] of Object.entries<Random>({ system: systemRandom, seeded: seededRandom(7) }))
  describe(`${name} randomness`, () => {
    test("makes version 4 UUIDs that differ", () => {
      const ids = Array.from({ length: 1000 }, () => random.uuid());
      for (const id of ids) assert.match(id, UUID_V4);
      assert.equal(new Set(ids).size, 1000);
    });

    test("makes as many bytes as asked", () => {
      assert.equal(random.bytes(0).length, 0);
      assert.equal(random.bytes(33).length, 33);
    });

    test("makes fractions from 0 up to, and not including, 1, that fill the range", () => {
      const fractions = Array.from({ length: 10_000 }, () => random.fraction());
      assert.ok(fractions.every((fraction) => fraction >= 0 && fraction < 1));
      const quarters = [0, 1, 2, 3].map((quarter) => fractions.filter((fraction) => Math.floor(fraction * 4) === quarter).length);
      assert.ok(
        quarters.every((count) => count > 2200 && count < 2800),
        String(quarters),
      );
    });
  });

test("the same seed gives the same sequence, another seed another one", () => {
  const sequence = (seed: number) => {
    const random = seededRandom(seed);
    return [random.uuid(), random.fraction(), random.bytes(8).toString("hex"), random.uuid()];
  };
  fc.assert(fc.property(fc.integer(), (seed) => assert.deepEqual(sequence(seed), sequence(seed))));
  assert.notDeepEqual(sequence(1), sequence(2));
});
