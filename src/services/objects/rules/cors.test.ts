import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { ServiceError } from "../../../kernel/service-error.ts";
import { checkCorsRules, corsHeaders, type CorsRule } from "./cors.ts";

const rule = (more: Partial<CorsRule> = {}): CorsRule => ({ AllowedOrigins: ["https://a.test"], AllowedMethods: ["GET"], ...more });
const asked = { origin: "https://a.test", method: "GET", headers: [] as string[] };

describe("which rule answers", () => {
  for (const [what, rules, question, expected] of [
    ["the same origin", [rule()], asked, "https://a.test"],
    ["another origin", [rule()], { ...asked, origin: "https://b.test" }, undefined],
    ["another scheme", [rule()], { ...asked, origin: "http://a.test" }, undefined],
    ["another method", [rule()], { ...asked, method: "PUT" }, undefined],
    ["a wildcard inside", [rule({ AllowedOrigins: ["https://*.test"] })], asked, "https://a.test"],
    ["a wildcard does not overlap itself", [rule({ AllowedOrigins: ["https://a*a.test"] })], asked, undefined],
    ["any origin", [rule({ AllowedOrigins: ["*"] })], asked, "*"],
    ["headers that nobody allowed", [rule()], { ...asked, headers: ["x-a"] }, undefined],
    ["headers in any case", [rule({ AllowedHeaders: ["X-A"] })], { ...asked, headers: ["x-a"] }, "https://a.test"],
    ["headers by wildcard", [rule({ AllowedHeaders: ["x-amz-*"] })], { ...asked, headers: ["x-amz-date"] }, "https://a.test"],
    ["one header of two", [rule({ AllowedHeaders: ["x-a"] })], { ...asked, headers: ["x-a", "x-b"] }, undefined],
    ["the first that allows all", [rule({ AllowedMethods: ["PUT"] }), rule({ AllowedOrigins: ["*"] })], asked, "*"],
    ["no rules", [], asked, undefined],
  ] as const) {
    test(what, () => assert.equal(corsHeaders(rules, question)?.["access-control-allow-origin"], expected));
  }
});

test("credentials are allowed to a named origin, never to all", () => {
  assert.equal(corsHeaders([rule()], asked)?.["access-control-allow-credentials"], "true");
  assert.equal(corsHeaders([rule({ AllowedOrigins: ["*"] })], asked)?.["access-control-allow-credentials"], undefined);
});

test("what is exposed, and for how long the answer holds", () => {
  const headers = corsHeaders([rule({ ExposeHeaders: ["ETag", "x-amz-id-2"], MaxAgeSeconds: 5, AllowedMethods: ["GET", "PUT"] })], asked);
  assert.deepEqual(headers, {
    "access-control-allow-origin": "https://a.test",
    "access-control-allow-credentials": "true",
    "access-control-allow-methods": "GET, PUT",
    "access-control-expose-headers": "ETag, x-amz-id-2",
    "access-control-max-age": "5",
    vary: "Origin, Access-Control-Request-Headers, Access-Control-Request-Method",
  });
});

describe("rules that are refused", () => {
  for (const [what, rules, code] of [
    ["none", [], "MalformedXML"],
    ["101", Array.from({ length: 101 }, () => rule()), "InvalidRequest"],
    ["no origin", [rule({ AllowedOrigins: [] })], "MalformedXML"],
    ["no method", [rule({ AllowedMethods: [] })], "MalformedXML"],
    ["OPTIONS", [rule({ AllowedMethods: ["OPTIONS"] })], "InvalidRequest"],
    ["a method in lower case", [rule({ AllowedMethods: ["get"] })], "InvalidRequest"],
    ["two wildcards", [rule({ AllowedOrigins: ["*.*"] })], "InvalidRequest"],
    ["a wildcard that is exposed", [rule({ ExposeHeaders: ["*"] })], "InvalidRequest"],
  ] as const) {
    test(what, () =>
      assert.throws(
        () => checkCorsRules(rules),
        (error) => error instanceof ServiceError && error.code === code,
      ),
    );
  }
});
