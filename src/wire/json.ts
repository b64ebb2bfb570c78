import { assert, unreachable } from "../kernel/assert.ts";
import { base64Of, fitsInteger, INTEGER_NAMES, parseBase64, scalarReader, scalarWriter, secondsToMs } from "./scalars.ts";
import { type Infer, type ListShape, type MapShape, memberOf, type Shape, type StructureShape, type TimestampShape } from "./shapes.ts";
import { malformed, missing, within, wrongType } from "./wire-error.ts";

/** Reads and writes the values of one shape as AWS JSON 1.0. */
export interface JsonCodec<S extends Shape = Shape> {
  /**
   * Copies what the shape knows into fresh objects, maps into objects without a prototype. Other members are ignored,
   * and null ones count as absent.
   * @param value what `parseJson` gave.
   * @throws {WireError}
   */
  decode(value: unknown): Infer<S>;
  encode(value: Infer<S>): string;
}

export interface JsonOptions {
  /** Leaves empty lists and maps out of structures, as SQS does; true by default. */
  readonly omitEmpty?: boolean;
}

/** Entries of one list or map; no AWS action takes as many. */
const ENTRIES_MAX = 10_000;

type Decode = (value: unknown) => unknown;
type Encode = (value: unknown) => string;

/** Compiles a shape once into functions; nothing of the shape is looked at again per request. */
export function compileJson<S extends Shape>(shape: S, options: JsonOptions = {}): JsonCodec<S> {
  return {
    decode: jsonDecoder(shape) as JsonCodec<S>["decode"],
    encode: jsonEncoder(shape, options.omitEmpty ?? true),
  };
}

/** The decoding half alone, for a shape that is not known to the compiler. */
export function jsonDecoder(shape: Shape): Decode {
  switch (shape.kind) {
    case "string":
      return decodeString;
    case "integer":
    case "long":
      return integerDecoder(shape.kind);
    case "double":
      return decodeDouble;
    case "boolean":
      return decodeBoolean;
    case "blob":
      return (value) => parseBase64(decodeString(value));
    case "timestamp":
      return timestampDecoder(shape);
    case "list":
      return listDecoder(shape);
    case "map":
      return mapDecoder(shape);
    case "structure":
      return structureDecoder(shape);
    case "stream":
      return streamsHaveNoJson();
    default:
      return unreachable(shape);
  }
}

function decodeString(value: unknown): string {
  if (typeof value !== "string") throw wrongType("a string", value);
  return value;
}

function integerDecoder(kind: "integer" | "long"): Decode {
  return (value) => {
    if (typeof value !== "number" || !fitsInteger(kind, value)) throw wrongType(INTEGER_NAMES[kind], value);
    return value === 0 ? 0 : value;
  };
}

function decodeDouble(value: unknown): number {
  if (value === "NaN" || value === "Infinity" || value === "-Infinity") return Number(value);
  if (typeof value !== "number") throw wrongType("a number", value);
  return value;
}

function decodeBoolean(value: unknown): boolean {
  if (typeof value !== "boolean") throw wrongType("true or false", value);
  return value;
}

function timestampDecoder(shape: TimestampShape): Decode {
  if (shape.format === "epochSeconds") return (value) => secondsToMs(decodeDouble(value));
  const read = scalarReader(shape);
  return (value) => read(decodeString(value));
}

function listDecoder(shape: ListShape): Decode {
  const decode = jsonDecoder(shape.member);
  return (value) => {
    if (!Array.isArray(value)) throw wrongType("a list", value);
    if (value.length > ENTRIES_MAX) throw malformed(`a list of more than ${ENTRIES_MAX} items`);
    return value.map((item, index) => {
      try {
        return decode(item);
      } catch (failure) {
        throw within(`[${index}]`, failure);
      }
    });
  };
}

function mapDecoder(shape: MapShape): Decode {
  const decode = jsonDecoder(shape.value);
  return (value) => {
    const entries = Object.entries(asObject(value, "a map"));
    if (entries.length > ENTRIES_MAX) throw malformed(`a map of more than ${ENTRIES_MAX} entries`);
    const result: Record<string, unknown> = Object.create(null);
    for (const [key, entry] of entries) {
      try {
        result[key] = decode(entry);
      } catch (failure) {
        throw within(key, failure);
      }
    }
    return result;
  };
}

function structureDecoder(shape: StructureShape): Decode {
  const members = membersOf(shape).map(({ name, member }) => ({ name, required: member.required, decode: jsonDecoder(member.shape) }));
  return (value) => {
    const given = asObject(value, "a structure");
    const result: Record<string, unknown> = {};
    let absent: string | undefined;
    for (const { name, required, decode } of members) {
      const part = given[name];
      if (part === undefined || part === null) {
        if (required) absent ??= name;
        continue;
      }
      try {
        result[name] = decode(part);
      } catch (failure) {
        throw within(name, failure);
      }
    }
    // Last, so that a member of the wrong type is named first, as by a service that deserialises before it validates.
    if (absent !== undefined) throw missing(absent);
    return result;
  };
}

function asObject(value: unknown, expected: string): Record<string, unknown> {
  if (typeof value !== "object" || value === null || Array.isArray(value)) throw wrongType(expected, value);
  return value as Record<string, unknown>;
}

function membersOf(shape: StructureShape) {
  return Object.entries(shape.members).map(([name, declared]) => {
    // `given[name]` would find the inherited one in every request.
    assert(!(name in Object.prototype), `a member may not be called ${name}`);
    return { name, member: memberOf(declared) };
  });
}

/** The encoding half alone. */
export function jsonEncoder(shape: Shape, omitEmpty: boolean): Encode {
  switch (shape.kind) {
    case "string":
      return encodeString;
    case "integer":
    case "long":
    case "double":
      return encodeNumber;
    case "boolean":
      return String;
    case "blob":
      return (value) => `"${base64Of(value as Uint8Array)}"`;
    case "timestamp":
      return timestampEncoder(shape);
    case "list":
      return listEncoder(shape, omitEmpty);
    case "map":
      return mapEncoder(shape, omitEmpty);
    case "structure":
      return structureEncoder(shape, omitEmpty);
    case "stream":
      return streamsHaveNoJson();
    default:
      return unreachable(shape);
  }
}

const PLAIN_CHARACTERS_MAX = 256;
// oxlint-disable-next-line eslint/no-control-regex -- Control characters are what JSON escapes.
const NEEDS_ESCAPE = /[\u0000-\u001f"\\\ud800-\udfff]/;

function encodeString(value: unknown): string {
  assert(typeof value === "string", "a member of shape string is a string");
  // Ids, digests and URLs need no escapes, and finding that out takes a third of the time.
  return value.length <= PLAIN_CHARACTERS_MAX && !NEEDS_ESCAPE.test(value) ? `"${value}"` : JSON.stringify(value);
}

function encodeNumber(value: unknown): string {
  return Number.isFinite(value) ? String(value) : `"${String(value)}"`;
}

function timestampEncoder(shape: TimestampShape): Encode {
  const write = scalarWriter(shape);
  return shape.format === "epochSeconds" ? write : (value) => `"${write(value)}"`;
}

function listEncoder(shape: ListShape, omitEmpty: boolean): Encode {
  const encode = jsonEncoder(shape.member, omitEmpty);
  return (value) => {
    let text = "";
    for (const item of value as readonly unknown[]) text += `${text === "" ? "[" : ","}${encode(item)}`;
    return text === "" ? "[]" : `${text}]`;
  };
}

function mapEncoder(shape: MapShape, omitEmpty: boolean): Encode {
  const encode = jsonEncoder(shape.value, omitEmpty);
  return (value) => {
    let text = "";
    for (const [key, entry] of Object.entries(value as Record<string, unknown>)) {
      if (entry !== undefined) text += `${text === "" ? "{" : ","}${JSON.stringify(key)}:${encode(entry)}`;
    }
    return text === "" ? "{}" : `${text}}`;
  };
}

function structureEncoder(shape: StructureShape, omitEmpty: boolean): Encode {
  const members = membersOf(shape).map(({ name, member }) => ({
    name,
    label: `${JSON.stringify(name)}:`,
    required: member.required,
    lacking: `the answer lacks ${name}`,
    // An empty list or map is written so, and by nothing else: an empty structure says something.
    leftOut: !omitEmpty ? undefined : member.shape.kind === "list" ? "[]" : member.shape.kind === "map" ? "{}" : undefined,
    encode: jsonEncoder(member.shape, omitEmpty),
  }));
  return (value) => {
    const given = value as Record<string, unknown>;
    let text = "";
    for (const { name, label, required, lacking, leftOut, encode } of members) {
      const part = given[name];
      if (part === undefined) {
        assert(!required, lacking);
        continue;
      }
      const encoded = encode(part);
      if (encoded !== leftOut) text += (text === "" ? "{" : ",") + label + encoded;
    }
    return text === "" ? "{}" : `${text}}`;
  };
}

function streamsHaveNoJson(): never {
  throw new Error("a stream cannot travel in JSON");
}
