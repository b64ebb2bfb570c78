import assert from "node:assert/strict";
import { test } from "node:test";
import { assert as holds, AssertionFailed, unreachable } from "./assert.ts";
import { ServiceError } from "./service-error.ts";

test("what is taken for granted and does not hold stops with the sentence", () => {
  holds(1, "never seen");
  assert.throws(
    () => holds(0, "the group is open"),
    (failure) => failure instanceof AssertionFailed && failure.message === "the group is open",
  );
  assert.throws(() => holds(undefined, "there is a queue"), AssertionFailed);
});

test("a branch that the types rule out says what came through it", () => {
  assert.throws(() => unreachable("sideways" as never), /unreachable: "sideways"/);
});

test("an error for a caller is not a failed assertion, and keeps its code and text", () => {
  const error = new ServiceError({ code: "NoSuchKey", httpStatus: 404, fault: "client", message: "The specified key does not exist." });
  assert.ok(!(error instanceof AssertionFailed));
  assert.equal(error.name, "ServiceError");
  assert.equal(error.code, "NoSuchKey");
  assert.equal(error.message, "The specified key does not exist.");
});
