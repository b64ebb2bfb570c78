import assert from "node:assert/strict";
import { test } from "node:test";
import * as fc from "fast-check";
import { jsonDecoder, jsonEncoder } from "./json.ts";
import { parseJson } from "./json-text.ts";
import { parseQuery } from "./query-parameters.ts";
import { compileQueryDecoder } from "./query.ts";
import {
  blob,
  boolean,
  double,
  integer,
  list,
  long,
  map,
  memberOf,
  optional,
  required,
  type Shape,
  string,
  structure,
  timestamp,
} from "./shapes.ts";
import { parseXml, QUERY_XML, S3_XML } from "./xml.ts";
import { compileXmlElement, compileXmlReader } from "./xml-shapes.ts";

/** Characters that XML 1.0 can hold, with a preference for those that need care. */
const character = fc.oneof(
  {
    weight: 4,
    arbitrary: fc.constantFrom("<", ">", "&", '"', "'", "\r", "\n", "\t", " ", "]", "%", "+", "=", ".", "\\", "é", "😀", "constructor"),
  },
  { weight: 4, arbitrary: fc.string({ unit: "grapheme-ascii", minLength: 1, maxLength: 1 }) },
  { weight: 1, arbitrary: fc.string({ unit: "grapheme", minLength: 1, maxLength: 1 }) },
);
const text = fc.array(character, { maxLength: 12 }).map((characters) => characters.join(""));
const key = fc.oneof(text, fc.constantFrom("__proto__", "constructor", "toString", "1", "member"));

const scalar = fc.constantFrom<Shape>(string, integer, long, double, boolean, blob, timestamp("iso8601"), timestamp("epochSeconds"));
const names = {
  itemName: fc.constantFrom("member", "item"),
  keyName: fc.constantFrom("key", "Name"),
  valueName: fc.constantFrom("value", "Value"),
};

/** Every structure has a member that is always there: Query and flattened XML cannot tell an empty one from none. */
const shapes = fc.letrec<{ shape: Shape; structure: Shape }>((tie) => ({
  shape: fc.oneof(
    { depthSize: "small", withCrossShrink: true },
    scalar,
    fc.tuple(tie("shape"), fc.boolean(), names.itemName).map(([member, flattened, itemName]) => list(member, { flattened, itemName })),
    fc
      .tuple(tie("shape"), fc.boolean(), names.keyName, names.valueName)
      .map(([value, flattened, keyName, valueName]) => map(value, { flattened, keyName, valueName })),
    tie("structure"),
  ),
  structure: fc
    .dictionary(
      fc.constantFrom("Alpha", "Beta", "Gamma", "Delta"),
      fc.tuple(tie("shape"), fc.option(fc.constantFrom("One", "Two"), { nil: undefined })),
      { maxKeys: 3, noNullPrototype: true },
    )
    .map((members) => structure({ ...withDistinctNames(members), Id: required(string) })),
}));

function withDistinctNames(members: Record<string, [Shape, string | undefined]>) {
  return Object.fromEntries(
    Object.entries(members).map(([name, [shape, suffix]]) => [
      name,
      optional(shape, suffix === undefined ? {} : { wireName: `${name}${suffix}` }),
    ]),
  );
}

function valuesOf(shape: Shape): fc.Arbitrary<unknown> {
  switch (shape.kind) {
    case "string":
      return text;
    case "integer":
      return fc.integer();
    case "long":
      return fc.maxSafeInteger();
    case "double":
      return fc.double({ noNaN: true }).map((value) => (value === 0 ? 0 : value));
    case "boolean":
      return fc.boolean();
    case "blob":
      return fc.uint8Array({ maxLength: 9 }).map((bytes) => Buffer.from(bytes));
    case "timestamp":
      return fc.integer({ min: 0, max: 4_102_444_800 }).map((seconds) => seconds * 1000);
    case "list":
      return fc.array(valuesOf(shape.member), { minLength: 1, maxLength: 3 });
    case "map":
      return fc.uniqueArray(fc.tuple(key, valuesOf(shape.value)), { minLength: 1, maxLength: 3, selector: ([key]) => key }).map(mapOf);
    case "structure": {
      const members = Object.entries(shape.members).map(([name, declared]) => {
        const { shape, required } = memberOf(declared);
        return [name, required ? valuesOf(shape) : fc.option(valuesOf(shape), { nil: undefined })] as const;
      });
      return fc.record(Object.fromEntries(members), { noNullPrototype: true }).map(withoutUndefined);
    }
    case "stream":
      throw new Error("streams have no value in these protocols");
  }
}

function mapOf(entries: [string, unknown][]): Record<string, unknown> {
  const result: Record<string, unknown> = Object.create(null);
  for (const [key, value] of entries) result[key] = value;
  return result;
}

function withoutUndefined(value: object): object {
  return Object.fromEntries(Object.entries(value).filter(([, part]) => part !== undefined));
}

const RUNS = { numRuns: 300 };

const shapeAndValue = shapes.structure.chain((shape) => valuesOf(shape).map((value) => ({ shape, value })));

/** What a client would send: written apart from the decoder, from the rules of the Query protocol. */
function* parametersOf(shape: Shape, value: unknown, prefix: string): Generator<[string, string]> {
  const at = (...parts: (string | number)[]) => [prefix, ...parts].filter((part) => part !== "").join(".");
  if (shape.kind === "structure") {
    for (const [name, declared] of Object.entries(shape.members)) {
      const member = memberOf(declared);
      const part = (value as Record<string, unknown>)[name];
      if (part !== undefined) yield* parametersOf(member.shape, part, at(member.traits.wireName ?? name));
    }
  } else if (shape.kind === "list") {
    for (const [index, item] of (value as unknown[]).entries()) {
      yield* parametersOf(shape.member, item, shape.flattened ? at(index + 1) : at(shape.itemName, index + 1));
    }
  } else if (shape.kind === "map") {
    for (const [index, [key, entry]] of Object.entries(value as object).entries()) {
      const entryAt = shape.flattened ? at(index + 1) : at("entry", index + 1);
      yield [`${entryAt}.${shape.keyName}`, key];
      yield* parametersOf(shape.value, entry, `${entryAt}.${shape.valueName}`);
    }
  } else if (shape.kind === "blob") yield [prefix, (value as Buffer).toString("base64")];
  else if (shape.kind !== "timestamp") yield [prefix, String(value)];
  else yield [prefix, shape.format === "iso8601" ? new Date(value as number).toISOString() : String((value as number) / 1000)];
}

test("whatever a shape can hold survives AWS JSON", () => {
  fc.assert(
    fc.property(shapeAndValue, ({ shape, value }) => {
      const decode = jsonDecoder(shape);
      assert.deepEqual(decode(parseJson(Buffer.from(jsonEncoder(shape, true)(value)))), value);
    }),
    RUNS,
  );
});

test("whatever a shape can hold is read from Query parameters, in whatever order they come", () => {
  fc.assert(
    fc.property(shapeAndValue, fc.boolean(), ({ shape, value }, backwards) => {
      assert(shape.kind === "structure");
      const pairs = [...parametersOf(shape, value, "")].map(([name, text]) => `${encodeURIComponent(name)}=${encodeURIComponent(text)}`);
      if (backwards) pairs.reverse();
      assert.deepEqual(compileQueryDecoder(shape)(parseQuery(Buffer.from(pairs.join("&")))), value);
    }),
    RUNS,
  );
});

for (const [style, dialect] of [
  ["Query", QUERY_XML],
  ["S3", S3_XML],
] as const) {
  test(`whatever a shape can hold survives XML as ${style} writes it`, () => {
    fc.assert(
      fc.property(shapeAndValue, ({ shape, value }) => {
        const xml = compileXmlElement("Root", shape, { dialect })(value);
        assert.deepEqual(compileXmlReader(shape)(parseXml(Buffer.from(xml))), value);
      }),
      RUNS,
    );
  });
}
