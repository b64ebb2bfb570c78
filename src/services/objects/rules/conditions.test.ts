import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { ServiceError } from "../../../kernel/service-error.ts";
import { bareEtag, checkCopySource, checkRead, checkWrite, writeCondition, type ReadConditions } from "./conditions.ts";

const MODIFIED = Date.UTC(2026, 0, 1, 12, 0, 0, 700);
const SECOND = Date.UTC(2026, 0, 1, 12, 0, 0);
const NOW = SECOND + 3_600_000;
const STATE = { etag: "abc", modifiedMs: MODIFIED };

function outcome(check: () => void): string {
  try {
    check();
    return "holds";
  } catch (error) {
    if (!(error instanceof ServiceError)) throw error;
    return `${error.options.httpStatus}${error.options.details?.["Condition"] === undefined ? "" : ` ${error.options.details["Condition"]}`}`;
  }
}

describe("conditions on reading an object with the tag abc, changed at 12:00:00.7", () => {
  const table: [ReadConditions, string][] = [
    [{}, "holds"],
    [{ ifMatch: '"abc"' }, "holds"],
    [{ ifMatch: "abc" }, "holds"],
    [{ ifMatch: 'W/"abc"' }, "holds"],
    [{ ifMatch: '"x", "abc"' }, "holds"],
    [{ ifMatch: "*" }, "holds"],
    [{ ifMatch: '"x"' }, "412 If-Match"],
    [{ ifNoneMatch: '"x"' }, "holds"],
    [{ ifNoneMatch: '"abc"' }, "304"],
    [{ ifNoneMatch: "*" }, "304"],
    [{ ifModifiedSince: SECOND }, "304"],
    [{ ifModifiedSince: SECOND - 1000 }, "holds"],
    [{ ifModifiedSince: NOW + 1000 }, "holds"],
    [{ ifUnmodifiedSince: SECOND }, "holds"],
    [{ ifUnmodifiedSince: SECOND - 1000 }, "412 If-Unmodified-Since"],
    [{ ifMatch: '"abc"', ifUnmodifiedSince: SECOND - 1000 }, "holds"],
    [{ ifNoneMatch: '"x"', ifModifiedSince: SECOND }, "holds"],
    [{ ifMatch: '"x"', ifNoneMatch: '"abc"' }, "412 If-Match"],
    [{ ifUnmodifiedSince: SECOND - 1000, ifNoneMatch: '"abc"' }, "412 If-Unmodified-Since"],
  ];
  for (const [conditions, expected] of table) {
    test(`${JSON.stringify(conditions)} → ${expected}`, () =>
      assert.equal(
        outcome(() => checkRead(conditions, STATE, NOW)),
        expected,
      ));
  }
  test("a cache that need not fetch again is given what it needs", () => {
    assert.throws(
      () => checkRead({ ifNoneMatch: "*" }, STATE, NOW),
      (error) => {
        assert.ok(error instanceof ServiceError);
        assert.deepEqual(error.options.headers, { etag: '"abc"', "last-modified": "Thu, 01 Jan 2026 12:00:00 GMT" });
        return true;
      },
    );
  });
});

test("on the source of a copy all four fail in one way", () => {
  const failing: ReadConditions[] = [
    { ifMatch: "x" },
    { ifNoneMatch: "abc" },
    { ifModifiedSince: SECOND },
    { ifUnmodifiedSince: SECOND - 1000 },
  ];
  assert.deepEqual(
    failing.map((conditions) => outcome(() => checkCopySource(conditions, STATE, NOW))),
    ["If-Match", "If-None-Match", "If-Modified-Since", "If-Unmodified-Since"].map((name) => `412 x-amz-copy-source-${name}`),
  );
});

describe("conditions on writing", () => {
  for (const [headers, absent, same, other] of [
    [{}, "holds", "holds", "holds"],
    [{ ifNoneMatch: "*" }, "holds", "412 If-None-Match", "412 If-None-Match"],
    [{ ifMatch: '"abc"' }, "404", "holds", "412 If-Match"],
    [{ ifMatch: "abc" }, "404", "holds", "412 If-Match"],
    [{ ifMatch: "*" }, "501", "501", "501"],
    [{ ifNoneMatch: '"abc"' }, "501", "501", "501"],
    [{ ifMatch: '"abc"', ifNoneMatch: "*" }, "501", "501", "501"],
  ] as const) {
    test(`${JSON.stringify(headers)}: absent ${absent}, the same ${same}, another ${other}`, () => {
      const check = (existing: { etag: string } | undefined) => outcome(() => checkWrite(writeCondition(headers), "k", existing));
      assert.deepEqual([check(undefined), check({ etag: "abc" }), check({ etag: "def" })], [absent, same, other]);
    });
  }
});

test("a tag is the same with quotes, without, and marked as weak", () => {
  assert.deepEqual(['"a-2"', "a-2", 'W/"a-2"', ' "a-2" '].map(bareEtag), Array(4).fill("a-2"));
});
