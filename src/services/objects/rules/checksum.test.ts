import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { ServiceError } from "../../../kernel/service-error.ts";
import { algorithmOf, claimedInTrailer, claimOf, contentMd5 } from "./checksum.ts";

const CRC = "y/Q5Jg==";

function outcome(decide: () => unknown): unknown {
  try {
    return decide();
  } catch (error) {
    if (error instanceof ServiceError) return error.code;
    throw error;
  }
}

describe("what the headers claim of a body", () => {
  for (const [what, headers, expected] of [
    ["nothing", {}, undefined],
    ["a value", { "x-amz-checksum-crc32": CRC }, { algorithm: "CRC32", value: CRC }],
    [
      "a value, and the algorithm too",
      { "x-amz-checksum-crc32": CRC, "x-amz-sdk-checksum-algorithm": "CRC32" },
      { algorithm: "CRC32", value: CRC },
    ],
    ["an algorithm alone means nothing", { "x-amz-sdk-checksum-algorithm": "SHA256" }, undefined],
    [
      "what only begins like a checksum",
      { "x-amz-checksum-mode": "ENABLED", "x-amz-checksum-type": "COMPOSITE", "x-amz-checksum-algorithm": "CRC32" },
      undefined,
    ],
    ["a trailer", { "x-amz-trailer": "x-amz-checksum-SHA256" }, { algorithm: "SHA256", value: undefined }],
    ["a trailer and a value", { "x-amz-trailer": "x-amz-checksum-sha256", "x-amz-checksum-crc32": CRC }, "InvalidRequest"],
    ["two values", { "x-amz-checksum-crc32": CRC, "x-amz-checksum-crc32c": CRC }, "InvalidRequest"],
    ["no base64", { "x-amz-checksum-crc32": "y/Q5Jg" }, "InvalidRequest"],
    ["too short", { "x-amz-checksum-crc64nvme": CRC }, "InvalidRequest"],
    ["an algorithm that is not offered", { "x-amz-checksum-sha512": "AAAA" }, "InvalidRequest"],
    ["a trailer that is not offered", { "x-amz-trailer": "x-amz-checksum-md5" }, "InvalidRequest"],
  ] as const) {
    test(what, () =>
      assert.deepEqual(
        outcome(() => claimOf(headers)),
        expected,
      ),
    );
  }
});

test("a trailer that was announced must come, and be a checksum", () => {
  assert.equal(claimedInTrailer("CRC32", { "x-amz-checksum-crc32": CRC }), CRC);
  assert.equal(
    outcome(() => claimedInTrailer("CRC32", {})),
    "MalformedTrailerError",
  );
  assert.equal(
    outcome(() => claimedInTrailer("CRC32", { "x-amz-checksum-crc32": "?" })),
    "InvalidRequest",
  );
});

test("Content-MD5 is base64 of 16 bytes", () => {
  assert.equal(contentMd5(undefined), undefined);
  assert.equal(contentMd5("1B2M2Y8AsgTpgAmY7PhCfg==")?.toString("hex"), "d41d8cd98f00b204e9800998ecf8427e");
  for (const value of ["", "1B2M2Y8AsgTpgAmY7PhCfg", "AAAA", "d41d8cd98f00b204e9800998ecf8427e"])
    assert.equal(
      outcome(() => contentMd5(value)),
      "InvalidDigest",
    );
});

test("algorithms are named in any case", () => {
  assert.equal(algorithmOf("crc64nvme"), "CRC64NVME");
  assert.equal(
    outcome(() => algorithmOf("md5")),
    "InvalidRequest",
  );
});
