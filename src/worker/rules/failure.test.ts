import assert from "node:assert/strict";
import { test } from "node:test";
import { entryFailure, failureOf, isWorthRetrying, type Failure } from "./failure.ts";

const answered = (name: string, httpStatusCode: number) => Object.assign(new Error("text"), { name, $metadata: { httpStatusCode } });
const network = (code: string) => Object.assign(new Error("connect"), { code });

const TABLE: [string, unknown, Failure["kind"], string][] = [
  ["a refused connection", network("ECONNREFUSED"), "unreachable", "ECONNREFUSED"],
  ["a connection reset under a request", network("ECONNRESET"), "unreachable", "ECONNRESET"],
  ["an unknown host", network("ENOTFOUND"), "unreachable", "ENOTFOUND"],
  ["the SDK's own timeout", Object.assign(new Error("t"), { name: "TimeoutError" }), "unreachable", "TimeoutError"],
  ["a call that was given up", new DOMException("gone", "AbortError"), "unreachable", "AbortError"],
  ["a server that hung up", new Error("socket hang up"), "unreachable", "Error"],
  ["a good status whose body was cut short", answered("SyntaxError", 200), "unreachable", "SyntaxError"],
  ["throttling by name", answered("ThrottlingException", 400), "throttled", "ThrottlingException"],
  ["throttling by status", answered("Whatever", 429), "throttled", "Whatever"],
  ["too many messages in flight", answered("OverLimit", 403), "throttled", "OverLimit"],
  ["an internal failure", answered("InternalFailure", 500), "server", "InternalFailure"],
  ["a gateway without a server", answered("Unknown", 503), "server", "Unknown"],
  ["an expired token, which JSON answers with 400", answered("ExpiredTokenException", 400), "denied", "ExpiredTokenException"],
  ["a policy that denies", answered("AccessDenied", 403), "denied", "AccessDenied"],
  ["a missing queue", answered("QueueDoesNotExist", 400), "refused", "QueueDoesNotExist"],
  ["missing credentials", Object.assign(new Error("c"), { name: "CredentialsProviderError" }), "client", "CredentialsProviderError"],
  ["a thrown text", "oops", "client", "UnknownError"],
];

for (const [sentence, error, kind, code] of TABLE) {
  test(`${sentence} is ${kind}`, () => assert.deepEqual({ kind: failureOf(error).kind, code: failureOf(error).code }, { kind, code }));
}

test("a failure always has a text", () => {
  assert.equal(failureOf(Object.assign(new AggregateError([]), { code: "ECONNREFUSED" })).message, "ECONNREFUSED");
});

test("an entry fails by the sender's fault or by the server's", () => {
  assert.equal(entryFailure({ code: "InvalidMessageContents", message: "", senderFault: true }).kind, "refused");
  assert.equal(entryFailure({ code: "InternalError", message: "", senderFault: false }).kind, "server");
  assert.equal(entryFailure({ code: "RequestThrottled", message: "", senderFault: true }).kind, "throttled");
});

test("only a refusal is final", () => {
  const kinds: Failure["kind"][] = ["unreachable", "throttled", "server", "denied", "client", "refused"];
  assert.deepEqual(
    kinds.filter((kind) => !isWorthRetrying({ kind, code: "", message: "" })),
    ["refused"],
  );
});
