import assert from "node:assert/strict";
import { describe, test } from "node:test";
import fc from "fast-check";
import { ServiceError } from "../../../kernel/service-error.ts";
import { metadataHeaders, metadataOf, storedContentEncoding } from "./metadata.ts";

const utf8 = (text: string) => Buffer.from(text).toString("latin1");

describe("a header's value, what is kept of it, and how it goes out", () => {
  for (const [header, kept, out] of [
    ["plain", "plain", "plain"],
    ["=?UTF-8?Q?actually-ascii?=", "actually-ascii", "actually-ascii"],
    ["=?UTF-8?B?YWJj?=", "abc", "abc"],
    ["=?utf-8?b?w4Q=?=", "Ä", "=?UTF-8?Q?=C3=84?="],
    [utf8("ÄMÄZÕÑ S3"), "ÄMÄZÕÑ S3", "=?UTF-8?Q?=C3=84M=C3=84Z=C3=95=C3=91_S3?="],
    ["=?UTF-8?Q?a?= =?UTF-8?Q?b?=", "ab", "ab"],
    ["x =?ISO-8859-1?Q?=E9?= y", "x é y", "=?UTF-8?Q?x_=C3=A9_y?="],
    ["=?UTF-8?Q?broken=?=", "=?UTF-8?Q?broken=?=", "=?UTF-8?Q?broken=?="],
    ["=?UTF-8?B?!!!?=", "=?UTF-8?B?!!!?=", "=?UTF-8?B?!!!?="],
    ["=?x-unknown?Q?a?=", "=?x-unknown?Q?a?=", "=?x-unknown?Q?a?="],
    ["=?UTF-8?Q?=FF?=", "=?UTF-8?Q?=FF?=", "=?UTF-8?Q?=FF?="],
    ["\u00e9 alone", "é alone", "=?UTF-8?Q?=C3=A9_alone?="],
    ["=? not a word", "=? not a word", "=? not a word"],
  ] as const) {
    test(JSON.stringify(header), () => {
      const metadata = metadataOf({ Name: header });
      assert.deepEqual(metadata, { name: kept });
      assert.deepEqual(metadataHeaders(metadata), { name: out });
    });
  }
});

test("what goes out can be kept again and is the same", () => {
  fc.assert(
    fc.property(fc.string({ unit: "grapheme", maxLength: 50 }), (text) => {
      if (text.includes("=?")) return;
      const [header] = Object.values(metadataHeaders({ a: text }));
      assert.deepEqual(metadataOf({ a: header ?? "" }), { a: text });
    }),
  );
});

test("names and values together may have 2 KB", () => {
  assert.ok(metadataOf({ ab: "x".repeat(2046) }));
  assert.throws(
    () => metadataOf({ ab: "x".repeat(2047) }),
    (error) => error instanceof ServiceError && error.code === "MetadataTooLarge",
  );
});

test("names of the language's own prototypes are names like others", () => {
  assert.deepEqual(
    Object.entries(
      metadataOf(
        Object.fromEntries([
          ["__proto__", "a"],
          ["constructor", "b"],
        ]),
      ),
    ),
    [
      ["__proto__", "a"],
      ["constructor", "b"],
    ],
  );
});

describe("Content-Encoding without the transfer's", () => {
  for (const [header, stored] of [
    [undefined, undefined],
    ["aws-chunked", undefined],
    ["gzip", "gzip"],
    ["gzip,aws-chunked", "gzip"],
    ["aws-chunked, gzip", "gzip"],
    ["AWS-CHUNKED,gzip, br", "gzip,br"],
    ["", undefined],
  ] as const) {
    test(`${header} → ${stored}`, () => assert.equal(storedContentEncoding(header), stored));
  }
});
