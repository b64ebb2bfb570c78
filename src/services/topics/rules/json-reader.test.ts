import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { ARRAY, JsonReader, KIND, KIND_BITS, NULL, NUMBER, OBJECT, PATH, STRING, TRUE, WHOLE } from "./json-reader.ts";

/** What a reader has found, as JSON.parse makes it; each node once, from the first to the last. */
function treeOf(reader: JsonReader): unknown {
  const at = { next: 0 };
  const textAt = (start: number, end: number) => String.fromCharCode(...reader.codes.subarray(start, end));
  const node = () => reader.nodes[at.next++] ?? assert.fail();
  const value = (): unknown => {
    const kept = node();
    const [kind, held] = [kept & KIND, kept >> KIND_BITS];
    if (kind === STRING) return textAt(held, node());
    if (kind === WHOLE) return held;
    if (kind === NUMBER) return reader.numberAt(held);
    if (kind === ARRAY) {
      const elements: unknown[] = [];
      while (at.next < held) elements.push(value());
      return elements;
    }
    if (kind !== OBJECT) return held === NULL ? null : held === TRUE;
    const members: [string, unknown][] = [];
    while (at.next < held) {
      const name = node();
      const key = textAt(name >> KIND_BITS, node());
      assert.equal((name & KIND) === PATH, key.includes("."));
      members.push([key, value()]);
    }
    return Object.fromEntries(members);
  };
  return value();
}

function parsed(text: string): { readonly value: unknown } | undefined {
  try {
    return { value: JSON.parse(text) as unknown };
  } catch {
    return undefined;
  }
}

function agree(reader: JsonReader, text: string): void {
  const expected = parsed(text);
  assert.equal(reader.read(text), expected !== undefined, text);
  if (expected !== undefined) assert.deepEqual(treeOf(reader), expected.value, text);
}

const json = fc.json({ maxDepth: 6, stringUnit: "binary" });
const indented = fc.jsonValue({ maxDepth: 4 }).map((value) => JSON.stringify(value, null, "\t"));
/** Pieces of which much that is nearly JSON can be made. */
const PIECES = ['"', '"', '"a"', "\\u00e4", "\\", "\\n", "{", "}", "[", "]", ":", ",", "1", "0", "-", ".5", "e9", "E-3", "tru", "true", "null", " ", "\n", "\u0000", "\u000b", ".", "\ud83d", "\u2028"]; // prettier-ignore
const pieces = fc.array(fc.constantFrom(...PIECES), { maxLength: 12 }).map((all) => all.join(""));

test("what JSON.parse takes is read as JSON.parse reads it, and what it refuses is refused", () => {
  const reader = new JsonReader();
  fc.assert(
    fc.property(fc.oneof(json, indented), pieces, fc.tuple(fc.nat(), fc.nat(3)), (text, piece, [where, cut]) => {
      const at = where % (text.length + 1);
      agree(reader, text);
      agree(reader, text.slice(0, at) + piece + text.slice(at + cut));
      agree(reader, piece);
      agree(reader, `[${piece}]`);
      agree(reader, `{"${piece}":${piece}}`);
    }),
    { numRuns: 400 },
  );
});

test("a number is the one that JSON.parse makes of it, to the last bit", () => {
  const reader = new JsonReader();
  const digits = fc.string({ unit: fc.constantFrom(...Array.from("0123456789")), minLength: 1, maxLength: 20 });
  const exponent = fc.oneof(
    fc.constant(""),
    fc.tuple(fc.constantFrom("e", "E", "e+", "e-"), fc.nat(400)).map((parts) => parts.join("")),
  );
  fc.assert(
    fc.property(fc.constantFrom("", "-"), fc.tuple(digits, fc.option(digits)), exponent, (sign, [whole, fraction], behind) => {
      agree(reader, `[${sign}${whole}${fraction === null ? "" : `.${fraction}`}${behind}]`);
    }),
    { numRuns: 1500 },
  );
  for (const text of [
    "-0",
    "0.1",
    "9007199254740993",
    "1e22",
    "1e23",
    "5e-324",
    "1e400",
    `0.${"0".repeat(400)}1e401`,
    "1e0000000000000000001",
  ])
    agree(reader, text);
});

test("numbers of an array end with it, not with a comma", () => {
  const reader = new JsonReader();
  for (const last of ["1", "1.5", "12345678901", "0", "-1", "01", "1e", "1e5"])
    for (const end of ["]", ",]", " ]", ", ]", ",1]", " ,1 ]", ",-1]", ',"a"]', ",1.]", "}", "", ",", ",[]]", "]]"])
      for (const text of [`[${last}${end}`, `[1,${last}${end}`, `{"a":[${last}${end}}`, `[[${last}${end},2]`]) agree(reader, text);
});

test("of a key that stands twice both values are read, the last behind the first", () => {
  const reader = new JsonReader();
  agree(reader, `{"a":1,"b":[{"c":{}}],"\\u0061":2,"a.b":3}`);
});

test("a text may be a thousand levels deep, and no deeper", () => {
  const reader = new JsonReader();
  for (const [open, close] of [
    ["[", "]"],
    [`{"a":`, "}"],
  ] as const) {
    const deep = (levels: number) => `${open.repeat(levels)}${open === "[" ? "" : "1"}${close.repeat(levels)}`;
    agree(reader, deep(1000));
    assert.equal(reader.read(deep(1001)), false);
    assert.equal(reader.read(open.repeat(100_000)), false);
  }
});

test("what was read before leaves nothing behind, however long it was", () => {
  const reader = new JsonReader();
  const long = JSON.stringify(Array.from({ length: 300_000 }, (_, number) => number % 10));
  for (const text of [long, `["\\u0061"]`, "[", long, "", `{"a":"\\"b"}`, long.slice(0, -1), "1", "1 ", "\ufeff1"]) agree(reader, text);
});
