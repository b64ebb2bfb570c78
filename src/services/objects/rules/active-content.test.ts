import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { contentPolicy } from "./active-content.ts";

describe("what could act as our origin is shut in, what could not is left alone", () => {
  for (const type of [
    "text/html",
    "TEXT/HTML; charset=utf-8",
    "application/xhtml+xml",
    "image/svg+xml",
    "text/xml",
    "application/xml",
    "unknown/unknown",
    "",
    "image/png, text/html",
    "image/png;a, text/html",
    "application/vnd.wap.xhtml+xml",
    "application/x-html",
    "application/rss+xml",
    " text/html",
  ]) {
    test(`${JSON.stringify(type)} is shut in`, () => assert.match(contentPolicy(type) ?? "", /^sandbox(?!.*allow-same-origin)/));
  }
  for (const type of [
    "image/jpeg",
    "image/png; a=b",
    "video/mp4",
    "application/pdf",
    "application/json",
    "text/plain;charset=utf-8",
    "binary/octet-stream",
    "application/zip",
  ]) {
    test(`${type} is not`, () => assert.equal(contentPolicy(type), undefined));
  }
});
