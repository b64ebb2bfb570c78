import assert from "node:assert/strict";
import { describe, test } from "node:test";
import fc from "fast-check";
import { ServiceError } from "../../../kernel/service-error.ts";
import { addressOf } from "./address.ts";
import { isBucketName } from "./bucket-name.ts";

const BASES = ["localhost", "s3.localhost", "s3.example.com"];

describe("bucket and key, by host and path", () => {
  for (const [host, target, bucket, key] of [
    ["localhost:4566", "/", undefined, undefined],
    ["localhost:4566", "/b", "b", undefined],
    ["localhost:4566", "/b/", "b", undefined],
    ["localhost:4566", "/b?acl", "b", undefined],
    ["localhost:4566", "/b/k", "b", "k"],
    ["127.0.0.1:4566", "/b/k", "b", "k"],
    [undefined, "/b/k", "b", "k"],
    ["elsewhere.test", "/b/k", "b", "k"],
    ["localhost", "/b//k", "b", "/k"],
    ["localhost", "/b/a//k/", "b", "a//k/"],
    ["localhost", "/b/./../k", "b", "./../k"],
    ["localhost", "/b/a%2Fk", "b", "a/k"],
    ["localhost", "/b/a%252Fk", "b", "a%2Fk"],
    ["localhost", "/b/a+k", "b", "a+k"],
    ["localhost", "/b/%C3%A9", "b", "é"],
    ["localhost", "/b/\u00c3\u00a9", "b", "é"],
    ["photos.localhost:4566", "/k", "photos", "k"],
    ["photos.localhost:4566", "/", "photos", undefined],
    ["PHOTOS.S3.LocalHost", "/k", "photos", "k"],
    ["my.photos.s3.example.com", "/a/b", "my.photos", "a/b"],
    ["photos.s3.localhost", "/k", "photos", "k"],
    ["s3.localhost", "/b/k", "b", "k"],
    ["not_a_bucket.localhost", "/b/k", "b", "k"],
  ] as const) {
    test(`${host} ${target} → ${bucket} ${key}`, () => {
      const address = addressOf(host, target, BASES);
      assert.deepEqual([address.bucket, address.key], [bucket, key]);
    });
  }
});

test("any key that a client encodes arrives as it was, and nothing else does", () => {
  fc.assert(
    fc.property(fc.string({ unit: "grapheme", minLength: 1, maxLength: 60 }), (key) => {
      if (Buffer.byteLength(key) > 1024) return;
      const encoded = encodeURIComponent(key);
      assert.equal(addressOf("localhost", `/b/${encoded}`, BASES).key, key);
      assert.equal(addressOf("localhost", `/b/${encoded.replaceAll("%2F", "/")}`, BASES).key, key);
    }),
  );
});

test("a path that is no UTF-8, or a key of more than 1024 bytes, is refused", () => {
  const code = (target: string) => {
    try {
      addressOf("localhost", target, BASES);
    } catch (error) {
      return error instanceof ServiceError ? error.code : error;
    }
    return "taken";
  };
  assert.equal(code("/b/%ff"), "InvalidURI");
  assert.equal(code("/b/%zz"), "InvalidURI");
  assert.equal(code(`/b/${"%C3%A9".repeat(512)}`), "taken");
  assert.equal(code(`/b/${"%C3%A9".repeat(512)}x`), "KeyTooLongError");
});

test("parameters are decoded, a plus is a space, the first of a name counts", () => {
  const { parameters } = addressOf("localhost", "/b?delete=&prefix=a+b%2Bc&acl&prefix=2", BASES);
  assert.deepEqual(
    [...parameters],
    [
      ["delete", ""],
      ["prefix", "a b+c"],
      ["acl", ""],
    ],
  );
});

describe("names of buckets", () => {
  for (const name of ["abc", "a-b.c", "123", "a".repeat(63), "1.2.3.4.5"]) test(`${name} is one`, () => assert.ok(isBucketName(name)));
  for (const name of [
    "ab",
    "",
    "Abc",
    "a_b",
    "-ab",
    "ab-",
    ".ab",
    "ab.",
    "a..b",
    "1.2.3.4",
    "xn--a",
    "a-s3alias",
    "a".repeat(64),
    "a b",
    "a/b",
  ]) {
    test(`${JSON.stringify(name)} is none`, () => assert.ok(!isBucketName(name)));
  }
});
