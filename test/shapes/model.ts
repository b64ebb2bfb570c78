/**
 * The schemas that the AWS SDK ships, read into plain words. A schema is a nested array whose first number is its kind;
 * the layout is that of `@smithy/core/schema` (Apache-2.0) in SDK 3.1169.
 */
export type ModelShape =
  | { readonly kind: "string" | "number" | "boolean" | "blob" | "stream" | "other" }
  | { readonly kind: "timestamp"; readonly format: TimestampFormat | undefined }
  | { readonly kind: "list"; readonly itemName: string; member(): ModelShape }
  | { readonly kind: "map"; readonly keyName: string; readonly valueName: string; value(): ModelShape }
  | { readonly kind: "structure"; readonly xmlName: string | undefined; readonly members: ReadonlyMap<string, ModelMember> };

export type TimestampFormat = "iso8601" | "httpDate" | "epochSeconds";

export interface ModelMember {
  readonly required: boolean;
  readonly traits: Readonly<Record<string, unknown>>;
  shape(): ModelShape;
}

export interface ModelOperation {
  readonly name: string;
  /** The status of a success, where the protocol is REST. */
  readonly status: number | undefined;
  readonly input: ModelShape;
  readonly output: ModelShape;
}

type Schema = readonly unknown[];

const KIND = { simple: 0, list: 1, map: 2, structure: 3, union: 4, operation: 9 } as const;
const LIST_OF = 64;
const MAP_OF = 128;

const SIMPLE: Readonly<Record<number, ModelShape>> = {
  0: { kind: "string" },
  1: { kind: "number" },
  2: { kind: "boolean" },
  4: { kind: "timestamp", format: undefined },
  5: { kind: "timestamp", format: "iso8601" },
  6: { kind: "timestamp", format: "httpDate" },
  7: { kind: "timestamp", format: "epochSeconds" },
  21: { kind: "blob" },
  42: { kind: "stream" },
};

/** Traits that a member's schema packs into the bits of a number. */
const TRAIT_BITS = { httpLabel: 1, httpPayload: 16, httpResponseCode: 32 } as const;

/** @param client the SDK client's module: its exports whose names end in `$` are schemas. */
export function operationsOf(client: Readonly<Record<string, unknown>>): Map<string, ModelOperation> {
  const operations = new Map<string, ModelOperation>();
  for (const schema of Object.values(client)) {
    if (!Array.isArray(schema) || schema[0] !== KIND.operation) continue;
    const [, , name, traits, input, output] = schema as Schema;
    const http = traitsOf(traits)["http"] as readonly unknown[] | undefined;
    operations.set(String(name), {
      name: String(name),
      status: http?.[2] as number | undefined,
      input: shapeOf(input),
      output: shapeOf(output),
    });
  }
  return operations;
}

/** @param reference a number, a schema, a function that returns one, or a pair of one of those and a member's traits. */
export function shapeOf(reference: unknown): ModelShape {
  const [schema] = unpack(reference);
  if (schema === "unit") return { kind: "structure", xmlName: undefined, members: new Map() };
  if (typeof schema === "number") return ofNumber(schema);
  if (!Array.isArray(schema)) return { kind: "other" };
  const [kind, , , traits, first, second] = schema as Schema;
  if (kind === KIND.simple) return shapeOf(first);
  if (kind === KIND.list) return { kind: "list", itemName: nameIn(first, "member"), member: () => shapeOf(first) };
  if (kind === KIND.map)
    return { kind: "map", keyName: nameIn(first, "key"), valueName: nameIn(second, "value"), value: () => shapeOf(second) };
  if (kind !== KIND.structure) return { kind: "other" };
  return { kind: "structure", xmlName: traitsOf(traits)["xmlName"] as string | undefined, members: membersOf(schema) };
}

function membersOf(schema: Schema): ReadonlyMap<string, ModelMember> {
  const [, , , , names, shapes, requiredCount = 0] = schema as [number, string, string, unknown, string[], unknown[], number?];
  const member = (index: number): ModelMember => ({
    // Required members stand first.
    required: index < requiredCount,
    traits: traitsOf(unpack(shapes[index])[1]),
    shape: () => shapeOf(shapes[index]),
  });
  return new Map(names.map((name, index) => [name, member(index)]));
}

function ofNumber(schema: number): ModelShape {
  if (schema >= MAP_OF) return { kind: "map", keyName: "key", valueName: "value", value: () => ofNumber(schema - MAP_OF) };
  if (schema >= LIST_OF) return { kind: "list", itemName: "member", member: () => ofNumber(schema - LIST_OF) };
  return SIMPLE[schema] ?? { kind: "other" };
}

/** @returns the schema behind its wrappers, and the traits that the outermost pair gives it. */
function unpack(reference: unknown): [schema: unknown, traits: unknown] {
  if (typeof reference === "function") return unpack((reference as () => unknown)());
  if (Array.isArray(reference) && reference.length === 2) return [unpack(reference[0])[0], reference[1]];
  return [reference, 0];
}

function nameIn(reference: unknown, otherwise: string): string {
  return (traitsOf(unpack(reference)[1])["xmlName"] as string | undefined) ?? otherwise;
}

function traitsOf(packed: unknown): Readonly<Record<string, unknown>> {
  if (typeof packed === "object" && packed !== null) return packed as Record<string, unknown>;
  const bits = typeof packed === "number" ? packed : 0;
  return Object.fromEntries(
    Object.entries(TRAIT_BITS)
      .filter(([, bit]) => (bits & bit) !== 0)
      .map(([name]) => [name, 1]),
  );
}
