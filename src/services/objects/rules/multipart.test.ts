import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { ServiceError } from "../../../kernel/service-error.ts";
import { MIB } from "../../../kernel/units.ts";
import {
  checkCompletion,
  chosenParts,
  partAlgorithms,
  partsText,
  uploadChecksum,
  UPLOAD_CHECKSUM_DEFAULT,
  type AskedPart,
  type Part,
} from "./multipart.ts";

function outcome(decide: () => unknown): unknown {
  try {
    return decide();
  } catch (error) {
    if (error instanceof ServiceError) return error.code;
    throw error;
  }
}

describe("the checksum of an upload", () => {
  for (const [algorithm, type, expected] of [
    [undefined, undefined, null],
    ["CRC32", undefined, "COMPOSITE"],
    ["CRC32C", "FULL_OBJECT", "FULL_OBJECT"],
    ["CRC64NVME", undefined, "FULL_OBJECT"],
    ["CRC64NVME", "COMPOSITE", "InvalidRequest"],
    ["SHA1", undefined, "COMPOSITE"],
    ["SHA256", "FULL_OBJECT", "InvalidRequest"],
    [undefined, "COMPOSITE", "InvalidRequest"],
    ["CRC32", "PARTIAL", "InvalidRequest"],
  ] as const) {
    test(`${algorithm} ${type} → ${expected}`, () => {
      const made = outcome(() => uploadChecksum(algorithm, type));
      assert.equal(typeof made === "string" || made === null ? made : (made as { type: string }).type, expected);
    });
  }
});

test("a part has the checksum of its upload, and no other; without one any is checked beside the default", () => {
  assert.deepEqual(partAlgorithms({ algorithm: "SHA256", type: "COMPOSITE" }, undefined), ["SHA256"]);
  assert.equal(
    outcome(() => partAlgorithms({ algorithm: "SHA256", type: "COMPOSITE" }, "CRC32")),
    "InvalidRequest",
  );
  assert.deepEqual(partAlgorithms(null, "CRC32"), ["CRC64NVME", "CRC32"]);
  assert.deepEqual(partAlgorithms(null, "CRC64NVME"), ["CRC64NVME"]);
});

const part = (number: number, sizeBytes = 5 * MIB): Part => ({ number, sizeBytes, etag: `e${number}`, checksum: `c${number}` });
const uploaded = [part(1), part(2), part(4, 10), part(7)];
const asked = (...numbers: number[]): AskedPart[] => numbers.map((PartNumber) => ({ PartNumber, ETag: `"e${PartNumber}"` }));

describe("the parts of an object", () => {
  const choose = (parts: readonly AskedPart[], checksum = UPLOAD_CHECKSUM_DEFAULT) =>
    outcome(() => chosenParts(parts, { id: "u", checksum, parts: uploaded }).map(({ number }) => number));
  for (const [what, parts, expected] of [
    ["all", asked(1, 2, 7), [1, 2, 7]],
    ["some, with gaps", asked(2, 7), [2, 7]],
    ["a small one last", asked(1, 4), [1, 4]],
    ["one alone may be small", asked(4), [4]],
    ["a small one before another", asked(4, 7), "EntityTooSmall"],
    ["none", [], "InvalidRequest"],
    ["descending", asked(2, 1), "InvalidPartOrder"],
    ["one twice", asked(1, 1), "InvalidPartOrder"],
    ["one that never came", asked(3), "InvalidPart"],
    ["with another tag", [{ PartNumber: 1, ETag: "e2" }], "InvalidPart"],
    ["without a tag", [{ PartNumber: 1 }], "InvalidPart"],
    ["without a number", [{ ETag: "e1" }], "InvalidPartOrder"],
    ["with another checksum", [{ PartNumber: 1, ETag: "e1", ChecksumCRC64NVME: "c2" }], "InvalidPart"],
  ] as const) {
    test(what, () => assert.deepEqual(choose(parts), expected));
  }
  test("a checksum over the parts needs that of each", () => {
    const composite = { algorithm: "CRC32", type: "COMPOSITE" } as const;
    assert.equal(choose(asked(1), composite), "InvalidRequest");
    assert.deepEqual(choose([{ PartNumber: 1, ETag: "e1", ChecksumCRC32: "c1" }], composite), [1]);
  });
  test("a checksum of another algorithm than the upload's is not passed over, unless the upload has none of its own", () => {
    const parts = [{ PartNumber: 1, ETag: "e1", ChecksumCRC32: "c1", ChecksumSHA256: "d1" }];
    for (const type of ["COMPOSITE", "FULL_OBJECT"] as const) assert.equal(choose(parts, { algorithm: "CRC32", type }), "InvalidRequest");
    assert.deepEqual(choose(parts), [1]);
  });
});

describe("what a completion says of the whole", () => {
  const object = { sizeBytes: 10, checksum: { algorithm: "CRC32", type: "COMPOSITE", value: "abc-2" } } as const;
  for (const [claims, expected] of [
    [{}, undefined],
    [{ ChecksumType: "COMPOSITE", MpuObjectSize: 10, ChecksumCRC32: "abc-2" }, undefined],
    [{ ChecksumCRC32: "abc" }, undefined],
    [{ ChecksumCRC32: "abd" }, "BadDigest"],
    [{ ChecksumType: "FULL_OBJECT" }, "InvalidRequest"],
    [{ MpuObjectSize: 11 }, "InvalidRequest"],
    [{ ChecksumSHA1: "abc" }, "InvalidRequest"],
    [{ ChecksumSHA1: "abc", ChecksumCRC32: "abc" }, "InvalidRequest"],
  ] as const) {
    test(`${JSON.stringify(claims)} → ${expected ?? "holds"}`, () =>
      assert.equal(
        outcome(() => checkCompletion(claims, object)),
        expected,
      ));
  }
});

test("a repeated completion is known by its parts, however their tags are written", () => {
  assert.equal(
    partsText(asked(1, 2)),
    partsText([
      { PartNumber: 1, ETag: "e1" },
      { PartNumber: 2, ETag: "e2" },
    ]),
  );
  assert.notEqual(partsText(asked(1, 2)), partsText(asked(1)));
});
