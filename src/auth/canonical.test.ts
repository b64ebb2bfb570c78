import assert from "node:assert/strict";
import { createHmac } from "node:crypto";
import { test } from "node:test";
import fc from "fast-check";
import { canonicalQuery, canonicalS3Path, canonicalServicePath, canonicalValue } from "./canonical.ts";
import { decodeBase64, HmacSha256, sha256Hex } from "./hmac.ts";
import { decode, encode, parseParameters } from "./percent.ts";
import { formatAmzDate, parseAmzDate, parseHttpDate, parseIsoDate } from "./times.ts";

test("S3 signs each byte of a path encoded once, and normalises nothing", () => {
  const table = [
    ["/", "/"],
    ["/bucket//a/./../b/", "/bucket//a/./../b/"],
    ["/b/a%2Fb", "/b/a%2Fb"],
    ["/b/a%2fb", "/b/a%2Fb"],
    ["/b/%252F", "/b/%252F"],
    ["/b/%61+b c", "/b/a%2Bb%20c"],
    ["/b/Ã©", "/b/%C3%A9"],
    ["/b/(x)~", "/b/%28x%29~"],
  ] as const;
  for (const [path, canonical] of table) assert.equal(canonicalS3Path(path), canonical);
  assert.equal(canonicalS3Path("/b/%"), undefined);
  assert.equal(canonicalS3Path("/b/%4"), undefined);
});

test("other services sign a path normalised and encoded once more", () => {
  const table = [
    ["", ""],
    ["/", "/"],
    ["//", "/"],
    ["/./", "/"],
    ["/a/..", "/"],
    ["/../a/", "/a/"],
    ["/a/./b//c", "/a/b/c"],
    ["/a%20b", "/a%2520b"],
    ["/.a/b..", "/.a/b.."],
  ] as const;
  for (const [path, canonical] of table) assert.equal(canonicalServicePath(path), canonical);
});

test("a query string is signed in the order of its encoded names, then values", () => {
  const canonical = (query: string) => canonicalQuery(parseParameters(query) ?? []);
  const table = [
    ["location", "location="],
    ["b=2&a=2&a=1&a", "a=&a=1&a=2&b=2"],
    ["a-b=1&a=1", "a=1&a-b=1"],
    ["a=b=c", "a=b%3Dc"],
    ["a=1+2&b=1%202&c=1%2b2", "a=1%202&b=1%202&c=1%2B2"],
    ["&&a=1&", "a=1"],
    ["=1", "=1"],
    ["%61=%C3%a9", "a=%C3%A9"],
  ] as const;
  for (const [query, expected] of table) assert.equal(canonical(query), expected);
  assert.equal(parseParameters("a=%g0"), undefined);
});

test("a header's value is signed without the space around it and with runs inside made one", () => {
  for (const [value, canonical] of [
    [" a", "a"],
    ["a ", "a"],
    ["a  b", "a b"],
    ["a\tb", "a b"],
    ["\t", ""],
    ["a b", "a b"],
    ["a\u00a0\u00a0b", "a\u00a0\u00a0b"],
  ] as const) {
    assert.equal(canonicalValue(value), canonical);
  }
});

test("percent-encoding has an inverse for every byte", () => {
  fc.assert(
    fc.property(fc.string({ unit: fc.nat(255).map((byte) => String.fromCharCode(byte)) }), (bytes) =>
      assert.equal(decode(encode(bytes)), bytes),
    ),
  );
});

test("HMAC-SHA-256 is Node's own, for keys and messages of any length", () => {
  const bytes = fc.string({ unit: fc.nat(255).map((byte) => String.fromCharCode(byte)), maxLength: 700 });
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 100 }), fc.array(bytes, { maxLength: 4 }), (secret, messages) => {
      const hmac = new HmacSha256(secret);
      for (const message of messages) assert.equal(hmac.hex(message), createHmac("sha256", secret).update(message, "latin1").digest("hex"));
    }),
  );
  assert.equal(sha256Hex("é"), sha256Hex(Buffer.from([0xe9])));
});

test("base64 is strict: padded, one alphabet, no bits that say nothing", () => {
  assert.deepEqual(decodeBase64("aGk="), Buffer.from("hi"));
  for (const text of ["aGk", "aGk==", "aGl=", "aG k=", "aGk=\n", "a-_=", "====", "a"]) assert.equal(decodeBase64(text), undefined, text);
});

test("times are read strictly", () => {
  assert.equal(parseAmzDate("20260228T235959Z"), Date.UTC(2026, 1, 28, 23, 59, 59));
  assert.equal(parseAmzDate("20240229T000000Z"), Date.UTC(2024, 1, 29));
  for (const text of [
    "20260229T000000Z",
    "20260001T000000Z",
    "20260100T000000Z",
    "20260101T250000Z",
    "20260101T006000Z",
    "20260101T000000",
    " 20260101T000000Z",
  ]) {
    assert.equal(parseAmzDate(text), undefined, text);
  }
  assert.equal(parseIsoDate("2026-01-01T00:00:00.123Z"), Date.UTC(2026, 0, 1));
  assert.equal(parseIsoDate("2026-01-01T00:00:00+02:00"), undefined);
  assert.equal(parseHttpDate("Tue, 27 Mar 2007 19:36:42 +0000"), Date.UTC(2007, 2, 27, 19, 36, 42));
  for (const text of ["Tue, 27 Mai 2007 19:36:42 GMT", "Tue, 27 Mar 2007 19:36:42 +0100", "27.3.2007"])
    assert.equal(parseHttpDate(text), undefined, text);
  assert.equal(formatAmzDate(Date.UTC(2026, 0, 2, 3, 4, 5)), "20260102T030405Z");
});
