import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { covers } from "../../../../test/contract/covers.ts";
import { ServiceError } from "../../../kernel/service-error.ts";
import { parseFilterPolicy, type FilteredAttribute, type FilterScope } from "./filter-policy.ts";

const refuse = (message: string) => new ServiceError({ code: "InvalidParameter", httpStatus: 400, fault: "client", message });

function matcher(policy: unknown, scope: FilterScope) {
  return parseFilterPolicy(JSON.stringify(policy), { scope, refuse });
}

const body = (policy: unknown, message: unknown) =>
  matcher(policy, "MessageBody").matches({ body: typeof message === "string" ? message : JSON.stringify(message), attributes: [] });

const attributes = (policy: unknown, given: Readonly<Record<string, [type: string, value: string]>>) =>
  matcher(policy, "MessageAttributes").matches({
    body: "not JSON",
    attributes: Object.entries(given).map(([name, [dataType, value]]): FilteredAttribute => ({ name, dataType, value })),
  });

/** What stands at the key of the policy, of the message, and whether that matches. */
type Row = readonly [rules: unknown, value: unknown, matches: boolean];

function eachInBody(rows: readonly Row[]): void {
  for (const [rules, value, matches] of rows)
    assert.equal(body({ k: rules }, { k: value }), matches, `${JSON.stringify(rules)} ${JSON.stringify(value)}`);
}

describe("the rules, each at one key", () => {
  test("values are equal by type and, as texts, case-sensitively", () => {
    covers("sns/10.1-exact");
    eachInBody([
      [["red"], "red", true],
      [["red", "blue"], "blue", true],
      [["red"], "Red", false],
      [["red"], "redd", false],
      [[""], "", true],
      [[100], 100, true],
      [[100], "100", false],
      [["100"], 100, false],
      [[301.5], 3.015e2, true],
      [[0], -0, true],
      [[true], true, true],
      [[true], "true", false],
      [[true], 1, false],
      [[null], null, true],
      [[null], false, false],
      [["\u00e4"], "\u00e4", true],
      [['a"\\\n\u2028'], 'a"\\\n\u2028', true],
    ]);
  });

  test("prefix, suffix and equals-ignore-case look at texts", () => {
    covers("sns/10.1-affixes");
    eachInBody([
      [[{ prefix: "ab" }], "abc", true],
      [[{ prefix: "ab" }], "ab", true],
      [[{ prefix: "ab" }], "a", false],
      [[{ prefix: "ab" }], "xab", false],
      [[{ prefix: "" }], "", true],
      [[{ prefix: "" }], 5, false],
      [[{ prefix: "1" }], 12, false],
      [[{ prefix: "abc" }, { prefix: "abd" }, { prefix: "a" }], "abx", true],
      [[{ prefix: "abc" }, { prefix: "abd" }], "abx", false],
      [[{ suffix: ".png" }], "photo.png", true],
      [[{ suffix: ".png" }], "photo.PNG", false],
      [[{ suffix: ".png" }], "png", false],
      [[{ suffix: "xyz" }, { suffix: "ayz" }], "byz", false],
      [[{ suffix: "xyz" }, { suffix: "ayz" }], "bayz", true],
      [[{ "equals-ignore-case": "\u0130zmir" }], "\u0130ZMIR", true],
      [[{ "equals-ignore-case": "\u0130zmir" }], "izmir", true],
      [[{ "equals-ignore-case": "Straße" }], "STRAßE", true],
      [[{ "equals-ignore-case": "red" }], "RED", true],
      [[{ "equals-ignore-case": "red" }], "REDS", false],
    ]);
  });

  test("a star stands for any characters, and a backslash takes that from it", () => {
    eachInBody([
      [[{ wildcard: "*" }], "", true],
      [[{ wildcard: "*" }], 5, false],
      [[{ wildcard: "*.png" }], "a.png", true],
      [[{ wildcard: "a*" }], "a", true],
      [[{ wildcard: "a*a" }], "a", false],
      [[{ wildcard: "a*a" }], "aa", true],
      [[{ wildcard: "*ab*" }], "xxabyy", true],
      [[{ wildcard: "*ab*cd*" }], "cdab", false],
      [[{ wildcard: "*ab*cd*" }], "abcd", true],
      [[{ wildcard: "a*bc*c" }], "abc", false],
      [[{ wildcard: "a*bc*c" }], "abcc", true],
      [[{ wildcard: "plain" }], "plain", true],
      [[{ wildcard: "a\\*b" }], "a*b", true],
      [[{ wildcard: "a\\*b" }], "axb", false],
      [[{ wildcard: "a\\\\*" }], "a\\x", true],
      [[{ wildcard: `*${"a".repeat(199)}b*` }], `${"a".repeat(1000)}b`, true],
      [[{ wildcard: `*${"a".repeat(199)}b*` }], `${"a".repeat(1000)}c`, false],
    ]);
  });

  test("numeric compares numbers", () => {
    covers("sns/10.1-numeric");
    eachInBody([
      [[{ numeric: ["=", 5] }], 5, true],
      [[{ numeric: ["=", 5] }], "5", false],
      [[{ numeric: [">", 5] }], 5, false],
      [[{ numeric: [">", 5] }], 5.00001, true],
      [[{ numeric: [">=", 5] }], 5, true],
      [[{ numeric: ["<", 5] }], -1e9, true],
      [[{ numeric: ["<=", 5] }], 5.00001, false],
      [[{ numeric: [">", 0, "<=", 150] }], 150, true],
      [[{ numeric: [">", 0, "<=", 150] }], 0, false],
      [[{ numeric: [">=", 1, "<", 2] }, { numeric: [">=", 3, "<", 4] }], 2.5, false],
      [[{ numeric: [">=", 1, "<", 2] }, { numeric: [">=", 3, "<", 4] }], 3, true],
    ]);
  });

  test("cidr holds of addresses that begin with the block's bits", () => {
    covers("sns/10.1-cidr");
    eachInBody([
      [[{ cidr: "10.0.0.0/24" }], "10.0.0.255", true],
      [[{ cidr: "10.0.0.0/24" }], "10.0.1.0", false],
      [[{ cidr: "10.0.0.77/24" }], "10.0.0.1", true],
      [[{ cidr: "0.0.0.0/0" }], "255.255.255.255", true],
      [[{ cidr: "0.0.0.0/0" }], "::1", false],
      [[{ cidr: "10.0.0.0/8" }], "010.0.0.1", false],
      [[{ cidr: "10.0.0.0/8" }], "10.0.0", false],
      [[{ cidr: "2001:db8::/32" }], "2001:DB8:ffff::1", true],
      [[{ cidr: "2001:db8::/33" }], "2001:db8:8000::", false],
      [[{ cidr: "::/0" }], "::ffff:10.0.0.1", true],
    ]);
  });

  test("anything-but holds of what is there and is none of it", () => {
    covers("sns/10.1-anything-but");
    eachInBody([
      [[{ "anything-but": "red" }], "blue", true],
      [[{ "anything-but": "red" }], "red", false],
      [[{ "anything-but": ["red", 5, null] }], 5, false],
      [[{ "anything-but": ["red", 5, null] }], null, false],
      [[{ "anything-but": ["red", 5] }], true, true],
      [[{ "anything-but": { prefix: "ab" } }], "abc", false],
      [[{ "anything-but": { prefix: "ab" } }], "b", true],
      [[{ "anything-but": { prefix: "ab" } }], 7, true],
      [[{ "anything-but": { suffix: ".png" } }], "a.png", false],
      [[{ "anything-but": { suffix: ".png" } }], "a.gif", true],
      [[{ "anything-but": { "equals-ignore-case": ["Red", "Blue"] } }], "BLUE", false],
      [[{ "anything-but": { "equals-ignore-case": ["Red", "Blue"] } }], "green", true],
      [[{ "anything-but": { wildcard: "a*z" } }], "abcz", false],
      [[{ "anything-but": { wildcard: "a*z" } }], "abc", true],
      // Entries of a list are alternatives: each text is none of at least one of these.
      [[{ "anything-but": "red" }, { "anything-but": "blue" }], "red", true],
      [[{ "anything-but": { prefix: "a" } }, "abc"], "abc", true],
      [[{ "anything-but": { prefix: "a" } }, "abc"], "abd", false],
    ]);
    assert.equal(body({ k: [{ "anything-but": "red" }] }, { other: 1 }), false);
    assert.equal(body({ k: [null] }, { other: 1 }), false);
  });

  test("exists asks for a value, or for none", () => {
    covers("sns/10.1-exists", "sns/10.4-leaves");
    eachInBody([
      [[{ exists: true }], "", true],
      [[{ exists: true }], null, true],
      [[{ exists: true }], [], false],
      [[{ exists: true }], { deeper: 1 }, false],
      [[{ exists: false }], { deeper: 1 }, true],
      [[{ exists: false }], [], true],
      [[{ exists: false }], null, false],
      [[{ exists: false }, "red"], "red", true],
      [[{ exists: false }, "red"], "blue", false],
    ]);
    assert.equal(body({ k: [{ exists: false }] }, {}), true);
    assert.equal(body({ k: [{ exists: false }, "red"] }, {}), true);
    assert.equal(body({ k: [{ exists: true }] }, {}), false);
  });
});

describe("a policy of several keys", () => {
  test("every key must match, at any depth", () => {
    covers("sns/10.1-keys");
    const policy = { a: ["x"], b: { c: { d: [1] }, e: [{ exists: false }] } };
    assert.equal(body(policy, { a: "x", b: { c: { d: 1 } } }), true);
    assert.equal(body(policy, { a: "x", b: { c: { d: 2 } } }), false);
    assert.equal(body(policy, { a: "x", b: { c: { d: 1 }, e: 5 } }), false);
    assert.equal(body(policy, { b: { c: { d: 1 } } }), false);
  });

  test("one branch of $or must match, with what stands beside it", () => {
    covers("sns/10.1-or");
    const policy = { a: ["x"], $or: [{ b: [1] }, { b: [2], c: { $or: [{ d: [3] }, { e: [4] }] } }] };
    assert.equal(body(policy, { a: "x", b: 1 }), true);
    assert.equal(body(policy, { a: "x", b: 2 }), false);
    assert.equal(body(policy, { a: "x", b: 2, c: { d: 3 } }), true);
    assert.equal(body(policy, { a: "x", b: 2, c: { d: 0, e: 4 } }), true);
    assert.equal(body(policy, { a: "y", b: 1 }), false);
  });

  test("$or is an ordinary key where it has one branch, or rules", () => {
    assert.equal(body({ $or: [{ prefix: "a" }, { prefix: "b" }] }, { $or: "bc" }), true);
    assert.equal(body({ $or: ["a", "b"] }, { $or: "b" }), true);
  });

  test("dots in keys are the same as depth, on both sides", () => {
    covers("sns/10.4-points");
    for (const policy of [{ "a.b.c": ["x"] }, { a: { "b.c": ["x"] } }, { "a.b": { c: ["x"] } }, { a: { b: { c: ["x"] } } }])
      for (const message of [{ "a.b.c": "x" }, { a: { "b.c": "x" } }, { "a.b": { c: "x" } }, { a: { b: { c: "x" } } }])
        assert.equal(body(policy, message), true, JSON.stringify([policy, message]));
    assert.equal(body({ "a.b": ["x"], "a.c": ["y"] }, { "a.b": "x", a: { c: "y" } }), true);
    assert.equal(body({ "a.": ["x"] }, { a: { "": "x" } }), true);
    assert.equal(body({ "a.b": ["x"] }, { a: "x" }), false);
  });

  test("an empty policy matches everything", () => {
    covers("sns/4.2-empty-filter");
    assert.equal(body({}, "not JSON"), true);
    assert.equal(attributes({}, {}), true);
  });
});

describe("arrays in a body", () => {
  test("match if any of their elements does, however deep arrays stand in arrays", () => {
    covers("sns/10.4-arrays", "sns/10.4-empty");
    const table: Row[] = [
      [["x"], ["y", "x"], true],
      [["x"], [["y"], [[["x"]]]], true],
      [["x"], [], false],
      [["x"], [[], {}], false],
      [[{ "anything-but": "x" }], ["x", "y"], true],
      [[{ "anything-but": "x" }], ["x", "x"], false],
      [[{ exists: false }], [1], false],
    ];
    eachInBody(table);
    assert.equal(body({ k: ["x"] }, { empty: [], k: "x", nested: [[], {}] }), true);
  });

  test("several keys below one array must match in the same element", () => {
    covers("sns/10.4-same-element");
    const policy = { records: { a: [1], b: [2] } };
    assert.equal(body(policy, { records: [{ a: 1 }, { b: 2 }] }), false);
    assert.equal(body(policy, { records: [{ a: 1, b: 2 }] }), true);
    assert.equal(
      body(policy, {
        records: [
          { a: 9 },
          [
            { a: [0, 1], b: { c: 1 } },
            { a: [3, 1], b: [2] },
          ],
        ],
      }),
      true,
    );
    assert.equal(body(policy, { records: [[{ a: 1 }, { b: 2 }]] }), false);
    assert.equal(body(policy, { records: [{ a: 1 }, { a: 1 }, { b: 2 }], b: 2 }), false);
  });

  test("each branch of $or finds its own element", () => {
    const policy = { records: { a: [1], $or: [{ b: [2] }, { c: [3] }] } };
    assert.equal(body(policy, { records: [{ a: 1, b: 0 }, { b: 2 }, { a: 1, c: 3 }] }), true);
    assert.equal(body(policy, { records: [{ a: 1, b: 0 }, { b: 2 }, { c: 3 }] }), false);
  });

  test("two rules for one key may be satisfied by the same value", () => {
    const policy = { k: [{ prefix: "a" }], $or: [{ k: [{ suffix: "z" }] }, { other: [1] }] };
    assert.equal(body(policy, { k: ["az"] }), true);
    assert.equal(body(policy, { k: ["a", "z"] }), false);
    assert.equal(body(policy, { k: "az" }), true);
  });

  test("two rules for one key may be satisfied by the same value, also below an array where nothing else is asked", () => {
    const policy = { r: { k: [{ prefix: "a" }], $or: [{ k: [{ suffix: "z" }] }, { k: ["a"] }] } };
    for (const yes of [[{ k: "az" }], [{ k: ["b", "az"] }], [{ k: "a" }], [{ k: "b" }, { k: "az", other: 1 }], { k: "az" }])
      assert.equal(body(policy, { r: yes }), true, JSON.stringify(yes));
    for (const no of [[{ k: "ab" }, { k: "bz" }], [{ k: ["ab", "bz"] }], { k: ["ab", "bz"] }])
      assert.equal(body(policy, { r: no }), false, JSON.stringify(no));
  });

  test("a value below one array is looked at again where another way leads to it", () => {
    const c = { c: [1] };
    const policy = { $or: [{ r: { k: c }, z: [5] }, { r: { k: c, other: [2] } }, { r: { k: { ...c, d: [3] } } }] };
    const r = [{ "k.c": 1 }];
    assert.equal(body(policy, { r, "r.k": [{ c: 1 }], "r.other": 2 }), true);
    assert.equal(body(policy, { r, "r.other": 2 }), false);
    assert.equal(body(policy, { r, z: 5 }), true);
  });

  test("absence is of the whole message", () => {
    assert.equal(body({ r: { a: [1], b: [{ exists: false }] } }, { r: [{ a: 1 }, { b: 2 }] }), false);
    assert.equal(body({ r: { a: [1], b: [{ exists: false }] } }, { r: [{ a: 1 }, { c: 2 }] }), true);
  });
});

test("only a JSON object is a body that matches", () => {
  covers("sns/10.4-object");
  for (const text of ['"x"', "5", "null", "[]", '[{"k":"x"}]', "", "{", '{"k":"x"', '{"k":"x"}}', '{"k":"x",}', "{'k':'x'}", "{k:1}"])
    assert.equal(body({ k: [{ exists: true }] }, text), false, text);
  for (const text of ['{"k":01}', '{"k":1.}', '{"k":.5}', '{"k":+1}', '{"k":1e}', '{"k":-}', '{"k":tru}', '{"k":"\u0001"}', '{"k":"\\x"}'])
    assert.equal(body({ k: [{ exists: true }] }, text), false, text);
  for (const text of [' {"k" : "x"}\n', '\t{"a":[1,-0.5e+3,"\\u00e4",{}],"k":"x"}', '{"\\u006b":"\\u0078"}'])
    assert.equal(body({ k: ["x"] }, text), true, text);
  assert.equal(body({ k: ["x"] }, `{"k":"x","d":${"[".repeat(500)}${"]".repeat(500)}}`), true);
  assert.equal(body({ k: ["x"] }, `{"k":"x","d":${"[".repeat(50_000)}${"]".repeat(50_000)}}`), false);
});

test("a key is a key, whatever it means elsewhere", () => {
  const policy: unknown = JSON.parse('{"__proto__":{"length":[1]}}');
  assert.equal(body(policy, '{"__proto__":{"length":1}}'), true);
  assert.equal(body(policy, "{}"), false);
  assert.equal(body({ k: ["x"] }, '{"__proto__":{"k":"x"}}'), false);
});

describe("attributes of a message", () => {
  test("are compared by their types; Binary ones are not", () => {
    covers("sns/10.3-types", "sns/10.3-number", "sns/10.3-text-is-no-number");
    assert.equal(attributes({ k: ["x"] }, { k: ["String", "x"] }), true);
    assert.equal(attributes({ k: ["x"] }, { k: ["String.label", "x"] }), true);
    assert.equal(attributes({ k: [301.5] }, { k: ["Number", "3.015e2"] }), true);
    assert.equal(attributes({ k: [{ numeric: [">", 300] }] }, { k: ["Number.int", "301"] }), true);
    assert.equal(attributes({ k: [301] }, { k: ["String", "301"] }), false);
    assert.equal(attributes({ k: ["301"] }, { k: ["Number", "301"] }), false);
    assert.equal(attributes({ k: [{ exists: true }] }, { k: ["Binary", "eA=="] }), false);
    assert.equal(attributes({ "a.b": ["x"] }, { "a.b": ["String", "x"] }), true);
  });

  test("of the type String.Array match if an element does", () => {
    covers("sns/10.3-array");
    const array = (rules: unknown, value: string) => attributes({ k: rules }, { k: ["String.Array", value] });
    assert.equal(array(["x"], '["y","x"]'), true);
    assert.equal(array([5], '["y",5]'), true);
    assert.equal(array([null], "[null]"), true);
    assert.equal(array([false], "[false]"), true);
    assert.equal(array(["x"], '"x"'), false);
    assert.equal(array(["x"], '["x"'), false);
    assert.equal(array([{ exists: true }], "[]"), false);
    assert.equal(array([{ "anything-but": "x" }], "[]"), false);
  });

  test("of the type String.Array are anything but a value if no element is it", () => {
    covers("sns/10.3-anything-but-array");
    const array = (rules: unknown, value: string) => attributes({ k: rules }, { k: ["String.Array", value] });
    assert.equal(array([{ "anything-but": ["x", "y"] }], '["a","b"]'), true);
    assert.equal(array([{ "anything-but": ["x", "y"] }], '["a","x"]'), false);
    assert.equal(array([{ "anything-but": ["x"] }, "x"], '["a","x"]'), true);
  });

  test("that are absent match exists: false, on a message that has others", () => {
    covers("sns/10.3-absent", "sns/10.3-without-attributes");
    assert.equal(attributes({ k: [{ exists: false }] }, { other: ["String", "x"] }), true);
    assert.equal(attributes({ k: [{ exists: false }] }, { k: ["String", "x"] }), false);
    assert.equal(attributes({ k: [{ exists: false }] }, {}), false);
    assert.equal(attributes({ k: [{ "anything-but": "x" }] }, { other: ["String", "x"] }), false);
  });
});
