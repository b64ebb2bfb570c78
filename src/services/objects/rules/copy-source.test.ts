import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { ServiceError } from "../../../kernel/service-error.ts";
import { copySourceOf, directiveOf, refuseUnchangedCopy } from "./copy-source.ts";

describe("where a copy comes from", () => {
  for (const [header, expected] of [
    ["b/k", "b|k|undefined"],
    ["/b/k", "b|k|undefined"],
    ["b/a/k", "b|a/k|undefined"],
    ["b//k", "b|/k|undefined"],
    ["b%2Fk", "b|k|undefined"],
    ["b/a+b%2Bc%20d", "b|a b+c d|undefined"],
    ["b/%C3%A9", "b|é|undefined"],
    ["b/\u00c3\u00a9", "b|é|undefined"],
    ["b/k?versionId=null", "b|k|null"],
    ["b/k?versionId=3%2FL4", "b|k|3/L4"],
    ["b/k%3FversionId=null", "b|k?versionId=null|undefined"],
    ["http://localhost:4566/b/k", "b|k|undefined"],
    ["b", "InvalidArgument"],
    ["b/", "InvalidArgument"],
    ["/", "InvalidArgument"],
    ["b/%zz", "InvalidArgument"],
    [`b/${"k".repeat(1025)}`, "KeyTooLongError"],
  ] as const) {
    test(header.slice(0, 40), () => {
      try {
        const { bucket, key, versionId } = copySourceOf(header);
        assert.equal(`${bucket}|${key}|${versionId}`, expected);
      } catch (error) {
        if (!(error instanceof ServiceError)) throw error;
        assert.equal(error.code, expected);
      }
    });
  }
});

test("directives are COPY or REPLACE", () => {
  assert.equal(directiveOf(undefined, "x-amz-metadata-directive"), "COPY");
  assert.equal(directiveOf("REPLACE", "x-amz-metadata-directive"), "REPLACE");
  assert.throws(() => directiveOf("replace", "x-amz-tagging-directive"), /Unknown tagging directive\./);
});

test("a copy onto itself must change something", () => {
  assert.throws(() => refuseUnchangedCopy({ replacesMetadata: false }), /illegal/);
  refuseUnchangedCopy({ replacesMetadata: true });
  refuseUnchangedCopy({ replacesMetadata: false, StorageClass: "STANDARD" });
  refuseUnchangedCopy({ replacesMetadata: false, WebsiteRedirectLocation: "/x" });
});
