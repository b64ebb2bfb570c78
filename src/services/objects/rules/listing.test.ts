import assert from "node:assert/strict";
import { describe, test } from "node:test";
import fc from "fast-check";
import { ServiceError } from "../../../kernel/service-error.ts";
import { afterAllWith, commonPrefixOf, encoder, encodingOf, markerPosition, pageSize, positionOf, tokenOf } from "./listing.ts";

const refused = (decide: () => unknown, code = "InvalidArgument") =>
  assert.throws(decide, (error) => error instanceof ServiceError && error.code === code);

test("a page has 1000 entries at most", () => {
  assert.deepEqual(
    [undefined, "", "0", "7", "1000", "1001", "2147483647"].map((value) => pageSize(value, "max-keys")),
    [1000, 1000, 0, 7, 1000, 1000, 1000],
  );
  for (const value of ["-1", "x", "1.5", "2147483648", " 1"]) refused(() => pageSize(value, "max-keys"));
});

test("the only encoding is url; slashes stay", () => {
  assert.equal(encodingOf(undefined), undefined);
  refused(() => encodingOf(""));
  const encoded = encoder("url");
  assert.equal(encoded("a b/c=d&é+'()!*~"), "a%20b/c%3Dd%26%C3%A9%2B%27%28%29%21*~");
  assert.equal(encoded(undefined), undefined);
  assert.equal(encoder(undefined)("a b"), "a b");
});

test("a token brings back its place, and nothing else is one", () => {
  fc.assert(
    fc.property(fc.string({ unit: "grapheme" }), (text) => {
      assert.deepEqual(positionOf(tokenOf({ afterKey: text })), { afterKey: text });
      assert.deepEqual(positionOf(tokenOf({ afterPrefix: text })), { afterPrefix: text });
      assert.match(tokenOf({ afterKey: text }), /^[A-Za-z0-9_-]+$/);
    }),
  );
  for (const token of ["", "junk!", "eA", "a_8", `${tokenOf({ afterKey: "a" })}=`]) refused(() => positionOf(token));
});

describe("common prefixes", () => {
  for (const [key, prefix, delimiter, expected] of [
    ["a/b/c", "", "/", "a/"],
    ["a/b/c", "a/", "/", "a/b/"],
    ["a/b", "a/", "/", undefined],
    ["a/", "a/", "/", undefined],
    ["a//b", "a/", "/", "a//"],
    ["axxb", "", "xx", "axx"],
    ["a/b", "", "", undefined],
    ["é/ü", "", "/ü", "é/ü"],
  ] as const) {
    test(`of ${key} under "${prefix}" by "${delimiter}": ${expected}`, () => {
      const common = commonPrefixOf(Buffer.from(key), Buffer.from(prefix), Buffer.from(delimiter));
      assert.equal(common === undefined ? undefined : Buffer.from(common).toString(), expected);
    });
  }
});

test("what comes after all with a prefix does, and no key lies between", () => {
  fc.assert(
    fc.property(fc.uint8Array({ minLength: 1, maxLength: 6 }), fc.uint8Array({ maxLength: 6 }), (prefix, rest) => {
      const kept = Uint8Array.from(prefix);
      const after = afterAllWith(prefix);
      assert.deepEqual(prefix, kept);
      if (after === undefined) return assert.ok(prefix.every((byte) => byte === 0xff));
      assert.ok(Buffer.compare(Buffer.concat([prefix, rest]), after) < 0);
      const other = Buffer.from(rest);
      if (!other.subarray(0, prefix.length).equals(prefix) && Buffer.compare(other, prefix) > 0)
        assert.ok(Buffer.compare(other, after) >= 0);
    }),
  );
  assert.equal(afterAllWith(new Uint8Array()), undefined);
});

test("a marker inside a common prefix stands behind all of it", () => {
  assert.deepEqual(markerPosition("a/x", "", "/"), { afterPrefix: "a/" });
  assert.deepEqual(markerPosition("a/", "", "/"), { afterPrefix: "a/" });
  assert.deepEqual(markerPosition("a/x", "a/", "/"), { afterKey: "a/x" });
  assert.deepEqual(markerPosition("b/x", "a/", "/"), { afterKey: "b/x" });
  assert.deepEqual(markerPosition("a/x", "", ""), { afterKey: "a/x" });
});
