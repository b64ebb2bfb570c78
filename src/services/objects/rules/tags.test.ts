import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { ServiceError } from "../../../kernel/service-error.ts";
import { taggingHeader, tagList, tagsOf } from "./tags.ts";

function outcome(decide: () => unknown): unknown {
  try {
    return decide();
  } catch (error) {
    if (error instanceof ServiceError) return error.code;
    throw error;
  }
}

const tag = (Key: string, Value = "v") => ({ Key, Value });

describe("tags", () => {
  for (const [what, tags, expected] of [
    ["none", [], {}],
    ["some", [tag("a"), tag("b", "")], { a: "v", b: "" }],
    ["letters, digits, spaces and marks of any script", [tag("é ß1+-=._:/@", "ок")], { "é ß1+-=._:/@": "ок" }],
    ["128 characters, 256 of a value", [tag("😀".repeat(0) + "k".repeat(128), "v".repeat(256))], { ["k".repeat(128)]: "v".repeat(256) }],
    ["an empty key", [tag("")], "InvalidTag"],
    ["a key of 129", [tag("k".repeat(129))], "InvalidTag"],
    ["a value of 257", [tag("k", "v".repeat(257))], "InvalidTag"],
    ["other marks", [tag("a<b")], "InvalidTag"],
    ["other marks in a value", [tag("a", "{}")], "InvalidTag"],
    ["AWS's own prefix", [tag("AWS:x")], "InvalidTag"],
    ["a key twice", [tag("a"), tag("a", "w")], "InvalidTag"],
    ["too many", Array.from({ length: 11 }, (_, index) => tag(`k${index}`)), "BadRequest"],
  ] as const) {
    test(what, () =>
      assert.deepEqual(
        outcome(() => tagsOf(tags, 10)),
        expected,
      ),
    );
  }
});

describe("tags in a header", () => {
  for (const [header, expected] of [
    [undefined, {}],
    ["", {}],
    ["a=1&b=2", { a: "1", b: "2" }],
    ["a+b=c%20d", { "a b": "c d" }],
    ["a", { a: "" }],
    ["a=1&a=2", "InvalidArgument"],
    ["a=1,b=2", "InvalidArgument"],
    ["a=b=c", { a: "b=c" }],
    ["a,b=2", "InvalidArgument"],
    ["a=%zz", "InvalidArgument"],
    ["a=%3C", "InvalidTag"],
  ] as const) {
    test(String(header), () =>
      assert.deepEqual(
        outcome(() => taggingHeader(header, 10)),
        expected,
      ),
    );
  }
});

test("they go out as they came", () => assert.deepEqual(tagList({ a: "1", b: "" }), [tag("a", "1"), tag("b", "")]));
