import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { crc32 } from "node:zlib";
import fc from "fast-check";
import { combineCrcs, CRC32, CRC32C, CRC64NVME, runningCrc, type Crc } from "./crc.ts";

/** The definition itself, bit by bit: slow, and with nothing in common with the tables. */
function bitByBit(crc: Crc, bytes: Uint8Array): string {
  const ones = (1n << BigInt(crc.bits)) - 1n;
  let value = ones;
  for (const byte of bytes) {
    value ^= BigInt(byte);
    for (let bit = 0; bit < 8; bit += 1) value = (value & 1n) === 1n ? (value >> 1n) ^ crc.polynomial : value >> 1n;
  }
  return (value ^ ones).toString(16).padStart(crc.bits / 4, "0");
}

function crcOf(crc: Crc, ...chunks: Uint8Array[]): Buffer {
  const running = runningCrc(crc);
  for (const chunk of chunks) running.update(chunk);
  return running.digest();
}

describe("the check value of the catalogue (the digits 1 to 9)", () => {
  const digits = Buffer.from("123456789");
  for (const [name, crc, base64] of [
    ["CRC32", CRC32, "y/Q5Jg=="],
    ["CRC32C", CRC32C, "4waSgw=="],
    ["CRC64NVME", CRC64NVME, "rosUhgp5mIg="],
  ] as const) {
    test(`${name} is ${base64}`, () => assert.equal(crcOf(crc, digits).toString("base64"), base64));
  }
});

describe("vectors of RFC 3720, appendix B.4 (CRC32C)", () => {
  const ascending = Buffer.from(Array.from({ length: 32 }, (_, index) => index));
  for (const [name, bytes, hex] of [
    ["32 zeroes", Buffer.alloc(32), "8a9136aa"],
    ["32 ones", Buffer.alloc(32, 0xff), "62a8ab43"],
    ["32 ascending", ascending, "46dd794e"],
  ] as const) {
    test(name, () => assert.equal(crcOf(CRC32C, bytes).toString("hex"), hex));
  }
});

test("CRC64NVME of 4,096 zero bytes is that of the NVM Express specification", () => {
  assert.equal(crcOf(CRC64NVME, Buffer.alloc(4096)).toString("hex"), "6482d367eb22b64e");
  assert.equal(crcOf(CRC64NVME, Buffer.alloc(4096, 0xff)).toString("hex"), "c0ddba7302eca3ac");
});

for (const [name, crc] of [
  ["CRC32", CRC32],
  ["CRC32C", CRC32C],
  ["CRC64NVME", CRC64NVME],
] as const) {
  test(`${name} by tables is what the definition says, however the bytes are cut`, () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 100 }), fc.nat(100), (bytes, cut) => {
        const at = Math.min(cut, bytes.length);
        assert.equal(crcOf(crc, bytes.subarray(0, at), bytes.subarray(at)).toString("hex"), bitByBit(crc, bytes));
      }),
    );
  });

  test(`${name} of the whole comes from those of its pieces`, () => {
    fc.assert(
      fc.property(fc.array(fc.uint8Array({ maxLength: 70 }), { maxLength: 6 }), (pieces) => {
        const combined = combineCrcs(
          crc,
          pieces.map((piece) => ({ crc: crcOf(crc, piece), lengthBytes: piece.length })),
        );
        assert.deepEqual(combined, crcOf(crc, Buffer.concat(pieces)));
      }),
    );
  });
}

test("CRC32 agrees with zlib over a mebibyte, and combines over lengths beyond 32 bits' worth of bits", () => {
  const bytes = Buffer.alloc(2 ** 20, "millrace");
  assert.equal(crcOf(CRC32, bytes).readUInt32BE(), crc32(bytes));
  const piece = { crc: crcOf(CRC32, bytes), lengthBytes: bytes.length };
  let expected = 0;
  for (let count = 0; count < 3; count += 1) expected = crc32(bytes, expected);
  assert.equal(combineCrcs(CRC32, [piece, piece, piece]).readUInt32BE(), expected);
});
