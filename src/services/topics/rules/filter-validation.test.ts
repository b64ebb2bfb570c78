import assert from "node:assert/strict";
import { test } from "node:test";
import { covers } from "../../../../test/contract/covers.ts";
import { ServiceError } from "../../../kernel/service-error.ts";
import { parseFilterPolicy, type FilterScope } from "./filter-policy.ts";

const refuse = (message: string) => new ServiceError({ code: "InvalidParameter", httpStatus: 400, fault: "client", message });

/** What is said of a policy; undefined: it is accepted. */
function told(policy: unknown, scope: FilterScope = "MessageBody"): string | undefined {
  try {
    parseFilterPolicy(typeof policy === "string" ? policy : JSON.stringify(policy), { scope, refuse });
    return undefined;
  } catch (error) {
    assert.ok(error instanceof ServiceError, String(error));
    return error.message;
  }
}

function eachTold(rows: readonly (readonly [rules: unknown, reason: string | undefined])[]): void {
  for (const [rules, reason] of rows)
    assert.equal(told({ k: rules }), reason === undefined ? undefined : `FilterPolicy: ${reason}`, JSON.stringify(rules));
}

test("what is no policy is refused in AWS's words", () => {
  covers("sns/10.2-messages", "sns/10.1-anything-but-other");
  assert.equal(told("{"), "FilterPolicy: failed to parse JSON.");
  assert.match(told("[]") ?? "", /^FilterPolicy: failed to parse JSON\./);
  eachTold([
    [[], "Empty arrays are not allowed"],
    ["x", '"k" must be an object or an array'],
    [null, '"k" must be an object or an array'],
    [{}, "Empty objects are not allowed"],
    [[["x"]], "Match value must be String, number, true, false, or null"],
    [[{ like: "x" }], "Unrecognized match type like"],
    [[{ prefix: "a", suffix: "b" }], "Only one key allowed in match expression"],
    [[{}], "Only one key allowed in match expression"],
    [[{ prefix: 5 }], "prefix match pattern must be a string"],
    [[{ suffix: ["a"] }], "suffix match pattern must be a string"],
    [[{ "equals-ignore-case": null }], "equals-ignore-case match pattern must be a string"],
    [[{ wildcard: 1 }], "wildcard match pattern must be a string"],
    [[{ wildcard: "a**b" }], "Consecutive wildcard characters at pos 1"],
    [[{ wildcard: "a\\b" }], "Invalid escape character at pos 2"],
    [[{ wildcard: "*a*b*c*" }], "wildcard match pattern can not have more than 3 wildcards"],
    [[{ exists: "true" }], "exists match pattern must be either true or false."],
    [[{ "anything-but": [] }], "Empty arrays are not allowed"],
    [[{ "anything-but": [["x"]] }], "Match value must be String, number, true, false, or null"],
    [[{ "anything-but": { numeric: ["=", 1] } }], "Unsupported anything-but pattern: numeric"],
    [[{ "anything-but": { prefix: 1 } }], "prefix match pattern must be a string"],
  ]);
});

test("numeric ranges are refused in AWS's words", () => {
  eachTold([
    [[{ numeric: [] }], "Invalid member in numeric match: ]"],
    [[{ numeric: [1, "<"] }], "Invalid member in numeric match: 1"],
    [[{ numeric: ["<>", 1] }], "Unrecognized numeric range operator: <>"],
    [[{ numeric: ["=", "1"] }], "Value of equals must be numeric"],
    [[{ numeric: ["="] }], "Value of equals must be numeric"],
    [[{ numeric: [">=", "1"] }], "Value of >= must be numeric"],
    [[{ numeric: ["<", 1, ">", 0] }], "Too many elements in numeric expression"],
    [[{ numeric: ["=", 1, "<", 2] }], "Too many elements in numeric expression"],
    [[{ numeric: [">", 1, 30] }], "Bad value in numeric range: 30"],
    [[{ numeric: [">", 1, ">"] }], "Bad numeric range operator: >"],
    [[{ numeric: [">", 1, "<"] }], "Value of < must be numeric"],
    [[{ numeric: [">", 5, "<", 5] }], "Bottom must be less than top"],
    [[{ numeric: [">", 1, "<", 5, "<", 6] }], "Too many terms in numeric range expression"],
  ]);
});

test("address blocks are refused in AWS's words", () => {
  eachTold([
    [[{ cidr: 5 }], "prefix match pattern must be a string"],
    [[{ cidr: "10.0.0.0" }], "Malformed CIDR, one '/' required"],
    [[{ cidr: "10.0.0.0/8/8" }], "Malformed CIDR, one '/' required"],
    [[{ cidr: "10.0.0.0/x" }], "Malformed CIDR, mask bits must be an integer"],
    [[{ cidr: "10.0.0.0/-1" }], "Malformed CIDR, mask bits must not be negative"],
    [[{ cidr: "10.0.0.256/8" }], "Nonstandard IP address: 10.0.0.256"],
    [[{ cidr: "xx/8" }], "Nonstandard IP address: xx"],
    [[{ cidr: "10.0.0.0/32" }], "IPv4 mask bits must be < 32"],
    [[{ cidr: "::1/128" }], "IPv6 mask bits must be < 128"],
    [[{ cidr: "::1/127" }], undefined],
  ]);
});

test("a policy has at most five keys and combinations of 150", () => {
  covers("sns/10.2-keys", "sns/10.2-complexity");
  const values = (count: number) => Array.from({ length: count }, (_, number) => `v${number}`);
  assert.equal(told({ a: ["x"], b: ["x"], c: ["x"], d: ["x"], e: ["x"] }), undefined);
  assert.equal(
    told({ a: ["x"], b: ["x"], c: ["x"], d: ["x"], e: ["x"], f: ["x"] }),
    "FilterPolicy: Filter policy can not have more than 5 keys",
  );
  const complex = "FilterPolicy: Filter policy is too complex";
  assert.equal(told({ k: values(150) }), undefined);
  assert.equal(told({ k: values(151) }), complex);
  assert.equal(told({ a: { b: { c: values(4) } }, d: { e: values(3) }, f: values(2) }), undefined);
  assert.equal(told({ a: { b: { c: values(4) } }, d: { e: values(3) }, f: values(3) }), complex);
  assert.equal(told({ a: values(3), $or: [{ b: values(20) }, { c: values(30) }] }), undefined);
  assert.equal(told({ a: values(3), $or: [{ b: values(20) }, { c: values(31) }] }), complex);
});

test("what would make matching slow is refused as too complex", () => {
  const complex = "FilterPolicy: Filter policy is too complex";
  const wildcards = (count: number, pattern: string) => Array.from({ length: count }, (_, number) => ({ wildcard: `${number}${pattern}` }));
  assert.equal(told({ k: wildcards(10, "*x") }), undefined);
  assert.equal(told({ k: wildcards(11, "*x") }), complex);
  assert.equal(told({ k: wildcards(5, "*x*") }), undefined);
  assert.equal(told({ k: wildcards(6, "*x*") }), complex);
  assert.equal(told({ k: [{ wildcard: `a*${"b".repeat(201)}*` }] }), complex);
  const manyKeys = Object.fromEntries(Array.from({ length: 40 }, (_, number) => [`k${number}`, [1]]));
  assert.equal(told({ $or: [manyKeys, { a: [1] }] }), complex);
  assert.equal(told({ ["a.".repeat(200)]: [1] }), complex);
  assert.equal(told(`${'{"a":'.repeat(2000)}[1]${"}".repeat(2000)}`), complex);
  assert.match(told({ k: ["x".repeat(256 * 1024)] }) ?? "", /can not be larger/);
});

test("only a body's policy is nested", () => {
  const nested = "Filter policy scope MessageAttributes does not support nested filter policy";
  assert.equal(told({ a: { b: ["x"] } }, "MessageAttributes"), nested);
  assert.equal(told({ $or: [{ a: { b: ["x"] } }, { c: ["x"] }] }, "MessageAttributes"), nested);
  assert.equal(told({ $or: [{ a: ["x"] }, { c: ["x"] }] }, "MessageAttributes"), undefined);
});
