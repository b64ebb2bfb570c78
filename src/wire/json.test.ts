import assert from "node:assert/strict";
import { test } from "node:test";
import * as fc from "fast-check";
import { compileJson } from "./json.ts";
import { JSON_DEPTH_MAX, parseJson } from "./json-text.ts";
import { blob, boolean, double, integer, list, long, map, optional, required, string, structure, timestamp } from "./shapes.ts";
import { WireError, type Problem } from "./wire-error.ts";

const entry = structure({ Id: required(string), DelaySeconds: integer });
const codec = compileJson(
  structure({
    QueueUrl: required(string),
    Entries: list(entry),
    Tags: map(string),
    Size: long,
    Ratio: double,
    Quiet: boolean,
    Data: blob,
    Since: timestamp("epochSeconds"),
    Until: timestamp("iso8601"),
  }),
);

function decode(text: string): unknown {
  return codec.decode(parseJson(Buffer.from(text)));
}

function refuses(text: string | Uint8Array, problem: Problem, message: RegExp): void {
  assert.throws(
    () => codec.decode(parseJson(typeof text === "string" ? Buffer.from(text) : text)),
    (failure) => failure instanceof WireError && failure.problem === problem && message.test(failure.message),
  );
}

test("known members are read, each as its shape says", () => {
  const text = `{"QueueUrl":"u","Entries":[{"Id":"a","DelaySeconds":5}],"Tags":{"k":"v"},"Size":9007199254740991,"Ratio":0.5,
    "Quiet":true,"Data":"AQI=","Since":1700000000.5,"Until":"2024-01-01T12:00:00Z"}`;
  assert.deepEqual(decode(text), {
    QueueUrl: "u",
    Entries: [{ Id: "a", DelaySeconds: 5 }],
    Tags: Object.assign(Object.create(null) as object, { k: "v" }),
    Size: 9007199254740991,
    Ratio: 0.5,
    Quiet: true,
    Data: Buffer.from([1, 2]),
    Since: 1700000000500,
    Until: Date.UTC(2024, 0, 1, 12),
  });
});

test("members that the shape does not know are ignored, and null counts as absent", () => {
  assert.deepEqual(decode('{"QueueUrl":"u","Colour":"red","Size":null,"queueurl":"other"}'), { QueueUrl: "u" });
});

test("a required member that is absent is named, with its place", () => {
  refuses("{}", "missing", /^QueueUrl: /);
  refuses('{"QueueUrl":null}', "missing", /^QueueUrl: /);
  refuses('{"QueueUrl":"u","Entries":[{"Id":"a"},{}]}', "missing", /^Entries\[1\]\.Id: /);
  refuses("", "missing", /^QueueUrl: /);
});

test("a member of the wrong type is named before one that is absent", () => {
  refuses('{"Size":"1"}', "wrong-type", /^Size: expected an integer, received the string "1"$/);
});

test("a value of the wrong type is refused and shown in part only", () => {
  const cases = [
    [`"Entries":{}`, /^Entries: expected a list, received a structure$/],
    [`"Entries":[[]]`, /^Entries\[0\]: expected a structure, received a list$/],
    [`"Entries":[null]`, /^Entries\[0\]: expected a structure, received null$/],
    [`"Entries":[{"Id":1}]`, /^Entries\[0\]\.Id: expected a string, received the number 1$/],
    [`"Tags":{"k":null}`, /^Tags\.k: expected a string, received null$/],
    [`"Tags":["k"]`, /^Tags: expected a map, received a list$/],
    [`"Size":1.5`, /^Size: expected an integer, received the number 1\.5$/],
    [`"Size":9007199254740992`, /^Size: expected an integer/],
    [`"Entries":[{"Id":"a","DelaySeconds":2147483648}]`, /DelaySeconds: expected an integer of 32 bits/],
    [`"Ratio":"0.5"`, /^Ratio: expected a number/],
    [`"Quiet":"true"`, /^Quiet: expected true or false/],
    [`"Data":"A"`, /^Data: expected base64/],
    [`"Data":"A-_="`, /^Data: expected base64/],
    [`"Since":"2024-01-01T12:00:00Z"`, /^Since: expected a number/],
    [`"Until":"yesterday"`, /^Until: expected a time/],
    [`"Ratio":"${"x".repeat(1000)}"`, /^Ratio: expected a number, received the string "x{40}…"$/],
  ] as const;
  for (const [member, message] of cases) refuses(`{"QueueUrl":"u",${member}}`, "wrong-type", message);
});

test("a body that is no JSON object in UTF-8 is refused", () => {
  for (const text of ["{", "[]", '"x"', "1", "null", "{'a':1}"]) {
    assert.throws(() => decode(text), WireError, text);
  }
  refuses(Buffer.from([0x7b, 0xff, 0x7d]), "malformed", /UTF-8/);
});

test("a body that is nested deeper than 64 is refused; brackets inside strings do not count", () => {
  const nested = (depth: number) => `{"QueueUrl":"u","x":${"[".repeat(depth - 1)}${"]".repeat(depth - 1)}}`;
  assert.deepEqual(decode(nested(JSON_DEPTH_MAX)), { QueueUrl: "u" });
  refuses(nested(JSON_DEPTH_MAX + 1), "malformed", /deeper than 64/);
  refuses("[".repeat(1_000_000), "malformed", /deeper than 64/);
  const text = '\\"[{'.repeat(200);
  assert.deepEqual(decode(JSON.stringify({ QueueUrl: text })), { QueueUrl: text });
});

test("a map or list of more than ten thousand entries is refused", () => {
  const tags = Object.fromEntries(Array.from({ length: 10_001 }, (_, index) => [`k${index}`, ""]));
  refuses(JSON.stringify({ QueueUrl: "u", Tags: tags }), "malformed", /^Tags: a map of more than 10000/);
  refuses(JSON.stringify({ QueueUrl: "u", Entries: Array.from({ length: 10_001 }, () => ({ Id: "" })) }), "malformed", /^Entries: a list/);
});

test("no key reaches a prototype", () => {
  const key = fc.constantFrom("__proto__", "constructor", "prototype", "toString", "hasOwnProperty");
  const before = Object.getOwnPropertyNames(Object.prototype).join();
  fc.assert(
    fc.property(key, key, fc.string(), (outer, inner, value) => {
      const text = `{"QueueUrl":"u",${JSON.stringify(outer)}:{${JSON.stringify(inner)}:"x"},"Tags":{${JSON.stringify(inner)}:${JSON.stringify(value)}}}`;
      const { Tags, ...rest } = decode(text) as { Tags: Record<string, string> };
      assert.deepEqual(rest, { QueueUrl: "u" });
      assert.equal(Object.getPrototypeOf(Tags), null);
      assert.deepEqual(Object.entries(Tags), [[inner, value]]);
    }),
  );
  assert.equal(Object.getOwnPropertyNames(Object.prototype).join(), before);
  assert.equal(({} as Record<string, unknown>)["x"], undefined);
});

test("what is absent and what is empty is left out of an answer", () => {
  assert.equal(codec.encode({ QueueUrl: "u", Entries: [], Tags: {}, Size: undefined }), '{"QueueUrl":"u"}');
  assert.equal(compileJson(structure({ Messages: list(string) })).encode({ Messages: [] }), "{}");
});

test("empty lists and maps stay where the codec is told so", () => {
  const keeping = compileJson(structure({ Names: list(string), Tags: map(string) }), { omitEmpty: false });
  assert.equal(keeping.encode({ Names: [], Tags: {} }), '{"Names":[],"Tags":{}}');
});

test("an answer without a required member is a mistake of ours", () => {
  assert.throws(() => codec.encode(JSON.parse("{}")), /the answer lacks QueueUrl/);
});

test("times leave as seconds, bytes as base64, strings with their escapes", () => {
  const text = codec.encode({
    QueueUrl: 'a"\\\n\u0000\ud800€',
    Since: 1700000000500,
    Until: Date.UTC(2024, 0, 1),
    Data: Buffer.from([1, 2]),
  });
  assert.equal(text, '{"QueueUrl":"a\\"\\\\\\n\\u0000\\ud800€","Data":"AQI=","Since":1700000000.5,"Until":"2024-01-01T00:00:00.000Z"}');
});

test("any string is written as JSON.stringify writes it", () => {
  const encode = compileJson(structure({ Text: optional(string) }));
  fc.assert(
    fc.property(fc.string({ unit: "binary", maxLength: 400 }), (Text) => assert.equal(encode.encode({ Text }), JSON.stringify({ Text }))),
  );
});
