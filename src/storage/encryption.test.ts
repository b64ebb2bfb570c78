import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { seededRandom } from "../kernel/random.ts";
import { Keyring, masterKeyId } from "./encryption.ts";

const KEY = Buffer.alloc(32, 1);
const NEWER_KEY = Buffer.alloc(32, 2);

const keyring = (...keys: Uint8Array[]) => new Keyring(keys, seededRandom(1));

describe("encryption at rest", () => {
  test("what was encrypted decrypts to the same text, whatever its characters and length", () => {
    const ring = keyring(KEY);
    for (const text of ["", "a", "déjà vu 🌊\r\n\t", "x".repeat(1024 * 1024)])
      assert.deepEqual(ring.decrypt(ring.encrypt(text, "m1"), "m1"), { text });
  });

  test("another keyring with the same master key decrypts it", () => {
    assert.deepEqual(keyring(KEY).decrypt(new Keyring([KEY], seededRandom(2)).encrypt("text", "m1"), "m1"), { text: "text" });
  });

  test("neither the text nor the key shows in the bytes, and the same text never gives the same bytes", () => {
    const ring = keyring(KEY);
    const [one, two] = [ring.encrypt("the text itself", "m1"), ring.encrypt("the text itself", "m1")];
    assert.equal(one.includes("the text"), false);
    assert.equal(one.includes(KEY.subarray(0, 8)), false);
    assert.notDeepEqual(one.subarray(25), two.subarray(25));
    assert.notDeepEqual(new Keyring([KEY], seededRandom(2)).encrypt("the text itself", "m1").subarray(9, 25), one.subarray(9, 25));
  });

  test("it decrypts only as what it was encrypted for", () => {
    const ring = keyring(KEY);
    assert.deepEqual(ring.decrypt(ring.encrypt("text", "m1"), "m2"), { refused: "altered", keyId: masterKeyId(KEY) });
  });

  test("a single flipped bit anywhere is refused, and so is a piece", () => {
    const ring = keyring(KEY);
    const stored = ring.encrypt("text", "m1");
    for (let bit = 0; bit < stored.length * 8; bit += 1) {
      const flipped = Buffer.from(stored);
      flipped[bit >> 3] = (flipped[bit >> 3] ?? 0) ^ (1 << (bit & 7));
      assert.ok("refused" in ring.decrypt(flipped, "m1"), `bit ${bit}`);
    }
    for (let length = 0; length < stored.length; length += 1)
      assert.ok("refused" in ring.decrypt(stored.subarray(0, length), "m1"), `${length} bytes`);
  });

  test("the first key encrypts, all decrypt, and one that is not given is named", () => {
    const older = keyring(KEY).encrypt("text", "m1");
    const both = keyring(NEWER_KEY, KEY);
    assert.deepEqual(both.decrypt(older, "m1"), { text: "text" });
    const newer = both.encrypt("text", "m1");
    assert.deepEqual(keyring(KEY).decrypt(newer, "m1"), { refused: "key missing", keyId: masterKeyId(NEWER_KEY) });
    assert.deepEqual(keyring(NEWER_KEY).decrypt(newer, "m1"), { text: "text" });
    assert.deepEqual([both.has(masterKeyId(KEY)), keyring(KEY).has(masterKeyId(NEWER_KEY))], [true, false]);
  });

  test("without a key nothing is encrypted", () => {
    assert.equal(keyring().encrypts, false);
    assert.throws(() => keyring().encrypt("text", "m1"), /without a key/);
  });
});
