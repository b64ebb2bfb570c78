import assert from "node:assert/strict";
import { test } from "node:test";
import { checkAddedTags, checkRemovedTags, checkTags, mergeTags } from "./tags.ts";

const many = (count: number) => Object.fromEntries(Array.from({ length: count }, (_, index) => [`k${index}`, "v"]));

test("a key has 1 to 128 characters, a value up to 256", () => {
  checkTags({ ["k".repeat(128)]: "v".repeat(256), empty: "", "Team / a_b.c:d=e+f-g@h": "é 1" }, "q");
  for (const key of ["", "k".repeat(129)]) {
    assert.throws(() => checkTags({ [key]: "v" }, "q"), { message: "Tag keys must be between 1 and 128 characters in length." });
  }
  assert.throws(() => checkTags({ k: "v".repeat(257) }, "q"), { message: /between 0 and 256/ });
});

test("a reserved prefix and other characters are refused", () => {
  for (const key of ["aws:x", "AWS:x", "a!", "a\n"])
    assert.throws(() => checkTags({ [key]: "v" }, "q"), { code: "InvalidParameterValueException" });
  assert.throws(() => checkTags({ k: "<v>" }, "q"), { code: "InvalidParameterValueException" });
});

test("a queue has up to 50 tags, counted after they were merged", () => {
  checkTags(many(50), "q");
  assert.throws(() => checkTags(many(51), "q"), { message: "Too many tags added for queue q." });
  assert.deepEqual(mergeTags({ a: "1", b: "2" }, { b: "3", B: "4" }, "q"), { a: "1", b: "3", B: "4" });
  assert.equal(Object.keys(mergeTags(many(50), { k0: "new" }, "q")).length, 50);
  assert.throws(() => mergeTags(many(50), { other: "v" }, "q"), { message: "Too many tags added for queue q." });
});

test("no tags to add or remove are missing ones", () => {
  assert.throws(() => checkAddedTags({}, "q"), { message: "The request must contain the parameter Tags." });
  assert.throws(() => checkRemovedTags([]), { message: "The request must contain the parameter TagKeys." });
});
