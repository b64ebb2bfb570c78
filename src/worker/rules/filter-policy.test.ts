import assert from "node:assert/strict";
import { test } from "node:test";
import { attributePolicy, filterAttributes } from "./filter-policy.ts";

test("fields that filters look at travel as attributes: texts, numbers, and truth as a text", () => {
  assert.deepEqual(filterAttributes({ size: "full", n: 2, isNew: false, more: [1] }, ["size", "n", "isNew", "more"]), {
    size: { type: "String", value: "full" },
    n: { type: "Number", value: "2" },
    isNew: { type: "String", value: "false" },
  });
});

test("what is absent, null or empty has no attribute, for SNS takes none without a value", () => {
  assert.deepEqual(filterAttributes({ size: null, text: "" }, ["size", "text", "other"]), {});
  assert.deepEqual(filterAttributes(null, ["size"]), {});
});

test("in a policy truth is a text as well, also where it is excluded", () => {
  assert.deepEqual(attributePolicy({ isNew: [true, { "anything-but": [false] }, { exists: true }], n: [{ numeric: [">", 1] }] }), {
    isNew: ["true", { "anything-but": ["false"] }, { exists: true }],
    n: [{ numeric: [">", 1] }],
  });
});

test("a text that is too long to travel beside the body is refused when it is emitted", () => {
  assert.deepEqual(Object.keys(filterAttributes({ text: "x".repeat(1024) }, ["text"])), ["text"]);
  assert.throws(
    () => filterAttributes({ text: "x".repeat(1025) }, ["text"]),
    /the field text has 1025 characters; filters can look at 1024 at most/,
  );
  assert.deepEqual(filterAttributes({ text: "x".repeat(1025) }, []), {});
});
