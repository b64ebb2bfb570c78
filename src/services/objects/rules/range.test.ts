import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { ServiceError } from "../../../kernel/service-error.ts";
import { contentRange, copySourceRange, rangeOf } from "./range.ts";
import { cut, totalBytes } from "./segments.ts";

function shown(decide: () => { start: number; end: number } | undefined): string {
  try {
    const range = decide();
    return range === undefined ? "all" : `${range.start}-${range.end}`;
  } catch (error) {
    if (error instanceof ServiceError) return error.code;
    throw error;
  }
}

describe("a Range header, of ten bytes", () => {
  for (const [header, expected] of [
    [undefined, "all"],
    ["bytes=0-8", "0-9"],
    ["bytes=0-0", "0-1"],
    ["bytes= 2-3 ", "2-4"],
    ["bytes=1-", "1-10"],
    ["bytes=-2", "8-10"],
    ["bytes=-15", "0-10"],
    ["bytes=0-100", "0-10"],
    ["bytes=9-9", "9-10"],
    ["bytes=1-0", "all"],
    ["bytes=-", "all"],
    ["bytes=-1-", "all"],
    ["bytes=0--1", "all"],
    ["bytes=0-1,3-4", "all"],
    ["lines=0-1", "all"],
    ["bytes=a-b", "all"],
    ["bytes=-0", "InvalidRange"],
    ["bytes=10-", "InvalidRange"],
    ["bytes=100-200", "InvalidRange"],
    ["bytes=99999999999999999999-", "InvalidRange"],
  ] as const) {
    test(`${header} → ${expected}`, () =>
      assert.equal(
        shown(() => rangeOf(header, 10)),
        expected,
      ));
  }
  test("nothing can be taken from an empty object", () => {
    for (const header of ["bytes=0-", "bytes=-5", "bytes=0-0"])
      assert.equal(
        shown(() => rangeOf(header, 0)),
        "InvalidRange",
      );
  });
  test("it is told back in its own form", () => assert.equal(contentRange({ start: 0, end: 9 }, 10), "bytes 0-8/10"));
});

describe("x-amz-copy-source-range, of ten bytes", () => {
  for (const [header, expected] of [
    ["bytes=0-9", "0-10"],
    ["bytes=3-3", "3-4"],
    ["bytes=3-", "InvalidArgument"],
    ["bytes=-3", "InvalidArgument"],
    ["bytes=5-4", "InvalidArgument"],
    ["0-9", "InvalidArgument"],
    ["bytes=0-10", "InvalidArgument"],
    ["bytes=10-11", "InvalidRequest"],
  ] as const) {
    test(`${header} → ${expected}`, () =>
      assert.equal(
        shown(() => copySourceRange(header, 10)),
        expected,
      ));
  }
});

test("segments are cut to a range, wherever it begins and ends", () => {
  const segments = [
    { blob: "a", startByte: 5, bytes: 3 },
    { blob: "b", startByte: 0, bytes: 4 },
    { blob: "c", startByte: 1, bytes: 2 },
  ];
  const bytes = segments.flatMap(({ blob, startByte, bytes }) =>
    Array.from({ length: bytes }, (_, index) => `${blob}${startByte + index}`),
  );
  for (let start = 0; start <= 9; start += 1) {
    for (let end = start; end <= 9; end += 1) {
      const found = cut(segments, { start, end });
      const got = found.flatMap(({ blob, startByte, bytes }) => Array.from({ length: bytes }, (_, index) => `${blob}${startByte + index}`));
      assert.deepEqual(got, bytes.slice(start, end));
      assert.equal(totalBytes(found), end - start);
    }
  }
});
