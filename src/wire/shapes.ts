/**
 * Shapes: what an action takes and gives, declared once by hand and read by every protocol. The TypeScript types are
 * inferred from them; `test/shapes.test.ts` compares each with the shape in the current AWS SDK.
 *
 *     const input = structure({
 *       QueueUrl: required(string),
 *       Attributes: optional(map(string, string, { entry: "Attribute", key: "Name", value: "Value", flattened: true })),
 *       DelaySeconds: integer, // A bare shape is an optional member.
 *     });
 *     type Input = Infer<typeof input>; // { QueueUrl: string; Attributes?: Record<string, string>; DelaySeconds?: number }
 */
export type Shape =
  | StringShape
  | NumberShape
  | BooleanShape
  | BlobShape
  | TimestampShape
  | StreamShape
  | ListShape
  | MapShape
  | StructureShape;

export interface StringShape {
  readonly kind: "string";
}
export interface NumberShape {
  readonly kind: "integer" | "long" | "double";
}
export interface BooleanShape {
  readonly kind: "boolean";
}
/** Bytes: base64 in JSON, Query and XML. */
export interface BlobShape {
  readonly kind: "blob";
}
/** A point in time, in code always epoch milliseconds; on the wire as the format says. */
export interface TimestampShape {
  readonly kind: "timestamp";
  readonly format: "iso8601" | "httpDate" | "epochSeconds";
}
/** A body that is not read before the handler asks for it (S3 objects). */
export interface StreamShape {
  readonly kind: "stream";
}
export interface ListShape<M extends Shape = Shape> {
  readonly kind: "list";
  readonly member: M;
  /** Query and XML: items stand directly in the parent, under the list's own name. */
  readonly flattened: boolean;
  /** Query and XML, not flattened: the name of an item; `member` by default. */
  readonly itemName: string;
}
export interface MapShape<V extends Shape = Shape> {
  readonly kind: "map";
  readonly value: V;
  readonly flattened: boolean;
  /** Query and XML names of an entry's key and value. */
  readonly keyName: string;
  readonly valueName: string;
}
export interface StructureShape<M extends Members = Members> {
  readonly kind: "structure";
  readonly members: M;
}

/** A member as declared: a bare shape is optional. */
export type Members = { readonly [name: string]: Shape | Member };

export interface Member<S extends Shape = Shape, R extends boolean = boolean> {
  readonly shape: S;
  readonly required: R;
  readonly traits: Traits;
}

/** Where and under which name a member travels; its own name in the body by default. */
export interface Traits {
  /** Name in Query parameters and XML. */
  readonly wireName?: string;
  /** Name in Query parameters alone, where it differs from that in XML. */
  readonly queryName?: string;
  /** Name in the JSON form of a Query response, where it differs from the member's own. */
  readonly queryJsonName?: string;
  /** REST: a header of the request or response, in lower case. */
  readonly header?: string;
  /** REST: a map of all headers that start so (`x-amz-meta-`). */
  readonly headerPrefix?: string;
  /** REST: a parameter of the query string. */
  readonly parameter?: string;
  /** REST: a part of the path. */
  readonly label?: "bucket" | "key";
  /** REST: this member alone is the body. */
  readonly payload?: true;
  /** REST: the status of the response. */
  readonly status?: true;
  /** XML: an attribute of the element. */
  readonly attribute?: true;
}

export const string: StringShape = { kind: "string" };
export const integer: NumberShape = { kind: "integer" };
export const long: NumberShape = { kind: "long" };
export const double: NumberShape = { kind: "double" };
export const boolean: BooleanShape = { kind: "boolean" };
export const blob: BlobShape = { kind: "blob" };
export const stream: StreamShape = { kind: "stream" };
export const timestamp = (format: TimestampShape["format"]): TimestampShape => ({ kind: "timestamp", format });

export function list<M extends Shape>(member: M, names: { flattened?: boolean; itemName?: string } = {}): ListShape<M> {
  return { kind: "list", member, flattened: names.flattened ?? false, itemName: names.itemName ?? "member" };
}

/** A map from strings. */
export function map<V extends Shape>(value: V, names: { flattened?: boolean; keyName?: string; valueName?: string } = {}): MapShape<V> {
  return {
    kind: "map",
    value,
    flattened: names.flattened ?? false,
    keyName: names.keyName ?? "key",
    valueName: names.valueName ?? "value",
  };
}

export function structure<const M extends Members>(members: M): StructureShape<M> {
  return { kind: "structure", members };
}

/** A structure without members, for actions that take or give nothing. */
export const nothing: StructureShape<Record<never, never>> = structure({});

export function required<S extends Shape>(shape: S, traits: Traits = {}): Member<S, true> {
  return { shape, required: true, traits };
}

export function optional<S extends Shape>(shape: S, traits: Traits = {}): Member<S, false> {
  return { shape, required: false, traits };
}

/** A member in full, whichever way it was declared. */
export function memberOf(declared: Shape | Member): Member {
  return "shape" in declared ? declared : { shape: declared, required: false, traits: {} };
}

/**
 * The TypeScript type of a shape. Required members of an input are present: the decoder refuses a request without them,
 * so handlers need not look again.
 */
export type Infer<S extends Shape> = S extends StringShape
  ? string
  : S extends NumberShape
    ? number
    : S extends TimestampShape
      ? number
      : S extends BooleanShape
        ? boolean
        : S extends BlobShape
          ? Uint8Array
          : S extends StreamShape
            ? ByteStream
            : S extends ListShape<infer M>
              ? Infer<M>[]
              : S extends MapShape<infer V>
                ? Record<string, Infer<V>>
                : S extends StructureShape<infer M>
                  ? InferMembers<M>
                  : never;

type InferMembers<M extends Members> = Flatten<
  { [K in keyof M as M[K] extends Member<Shape, true> ? K : never]: M[K] extends Member<infer S> ? Infer<S> : never } & {
    [K in keyof M as M[K] extends Member<Shape, true> ? never : K]?:
      | (M[K] extends Member<infer S> ? Infer<S> : M[K] extends Shape ? Infer<M[K]> : never)
      | undefined;
  }
>;

type Flatten<T> = { [K in keyof T]: T[K] };

/** Bytes in order, pulled by whoever consumes them. */
export type ByteStream = AsyncIterable<Uint8Array>;

/** One AWS action: its name and what it takes and gives. */
export interface Operation<I extends StructureShape = StructureShape, O extends StructureShape = StructureShape> extends OperationTraits {
  readonly name: string;
  readonly input: I;
  readonly output: O;
}

/** REST-XML: what the shapes themselves cannot say. */
export interface OperationTraits {
  /** Names of the root elements; by default a payload's own name, else the action's with `Request` or `Result` behind it. */
  readonly xmlRoot?: { readonly request?: string; readonly response?: string };
  /** The response's root element holds the text of the only body member itself, as in GetBucketLocation. */
  readonly unwrapped?: boolean;
  /** The status of a success; 200 by default. A member with the trait `status` overrules it. */
  readonly status?: number;
}

export function operation<I extends StructureShape, O extends StructureShape>(
  name: string,
  shapes: { input: I; output: O } & OperationTraits,
): Operation<I, O> {
  return { name, ...shapes };
}

export type InputOf<T extends Operation> = Infer<T["input"]>;
export type OutputOf<T extends Operation> = Infer<T["output"]>;
