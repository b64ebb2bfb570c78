import assert from "node:assert/strict";
import { test } from "node:test";
import { decodeNextToken, encodeNextToken, pageSize } from "./listing.ts";

test("a page has a thousand names, or as many as asked for", () => {
  assert.equal(pageSize(undefined), 1000);
  assert.equal(pageSize(1), 1);
  assert.equal(pageSize(1000), 1000);
  for (const count of [0, 1001, -1, 1.5])
    assert.throws(() => pageSize(count), {
      message: `Value ${count} for parameter MaxResults is invalid. Reason: Must be between 1 and 1000, if provided.`,
    });
});

test("a token continues the same list after its last name", () => {
  const request = { prefix: "a", maxResults: 2 };
  assert.equal(decodeNextToken(encodeNextToken(request, "ab"), request), "ab");
  assert.equal(decodeNextToken(undefined, request), "");
});

test("a token of another list is refused", () => {
  const token = encodeNextToken({ prefix: "a", maxResults: 2 }, "ab");
  for (const request of [
    { prefix: "b", maxResults: 2 },
    { prefix: "a", maxResults: 3 },
    { prefix: "a", maxResults: undefined },
  ]) {
    assert.throws(() => decodeNextToken(token, request), { message: /you must not change the other request parameters/ });
  }
});

test("a token that nobody gave is refused", () => {
  const made = [[1, 2, "c"], ["a", "2", "c"], ["a", 2, 3], [], {}].map((content) =>
    Buffer.from(JSON.stringify(content)).toString("base64url"),
  );
  for (const token of ["garbage", "AAAA", ...made]) {
    assert.throws(() => decodeNextToken(token, { prefix: "", maxResults: 1 }), { message: "Invalid or expired next token." });
  }
});
