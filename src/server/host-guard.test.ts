import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { bodyOf, type HttpRequest } from "../wire/http.ts";
import { hostGuard } from "./host-guard.ts";

const guard = hostGuard({ hosts: ["queue.example.com"], baseHosts: ["s3.localhost", "s3.example.com"] });
const request = (headers: Record<string, string>): HttpRequest => ({
  method: "POST",
  target: "/",
  headers,
  rawHeaders: Object.entries(headers).flat(),
  body: bodyOf(""),
  remoteAddress: "127.0.0.1",
  signal: new AbortController().signal,
});

describe("the guard of dev mode", () => {
  test("answers to names that only this machine has, to addresses, and to configured names", () => {
    const ours = [
      "localhost:4566",
      "127.0.0.1:4566",
      "[::1]:4566",
      "LOCALHOST",
      "bucket.s3.localhost:4566",
      "any.localhost",
      "queue.example.com",
      "bucket.s3.example.com",
      "10.0.0.7:4566",
    ];
    for (const host of ours) assert.doesNotThrow(() => guard.checkHost(request({ host })), host);
  });

  test("refuses every other name, for whoever owns it may point it here", () => {
    for (const host of [
      "evil.example",
      "localhost.evil.example",
      "queue.example.com.evil.example",
      "127.0.0.1.evil.example",
      "",
      "s3.example.com.evil",
    ])
      assert.throws(() => guard.checkHost(request({ host })), { code: "AccessDeniedException" }, host);
  });

  test("tells a page of ours from one of elsewhere", () => {
    const host = "127.0.0.1:4566";
    assert.equal(guard.isForeign(request({ host })), false);
    assert.equal(guard.isForeign(request({ host, origin: "http://127.0.0.1:4566", "sec-fetch-site": "same-origin" })), false);
    assert.equal(guard.isForeign(request({ host, "sec-fetch-site": "none" })), false);
    for (const origin of ["https://evil.example", "null", "http://127.0.0.1:8080", "http://localhost:4566"])
      assert.equal(guard.isForeign(request({ host, origin })), true);
    assert.equal(guard.isForeign(request({ host, "sec-fetch-site": "cross-site" })), true);
    assert.equal(guard.isForeign(request({ host, "sec-fetch-site": "same-site" })), true);
  });
});
