import { assert } from "../kernel/assert.ts";
import { indexedChildren, type QueryNode, type QueryParameters, treeOf } from "./query-parameters.ts";
import { isScalar, scalarReader } from "./scalars.ts";
import { type Infer, type ListShape, type MapShape, type Member, memberOf, type Shape, type StructureShape } from "./shapes.ts";
import { missing, within, wrongType } from "./wire-error.ts";

/** Reads the parameters of the AWS Query protocol into one shape. */
export interface QueryDecoder<S extends StructureShape = StructureShape> {
  /**
   * Lists and maps are taken flattened (`Attribute.1.Name`) and with their wrappers (`Names.member.1`,
   * `Attributes.entry.1.key`), whichever the shape declares. Parameters that it does not know are ignored.
   * @throws {WireError}
   */
  decode(parameters: QueryParameters): Infer<S>;
}

type Decode = (node: QueryNode) => unknown;

/** Compiles a shape once into functions. */
export function compileQuery<S extends StructureShape>(shape: S): QueryDecoder<S> {
  const decode = compileQueryDecoder(shape);
  return { decode: (parameters) => decode(parameters) as Infer<S> };
}

/** The same for a shape that is not known to the compiler. */
export function compileQueryDecoder(shape: StructureShape): (parameters: QueryParameters) => unknown {
  const decode = structureDecoder(shape);
  return (parameters) => decode(treeOf(parameters));
}

function decoderOf(shape: Shape): Decode {
  if (isScalar(shape)) return scalarDecoder(scalarReader(shape));
  assert(shape.kind !== "stream", "a stream cannot travel in a Query request");
  if (shape.kind === "list") return listDecoder(shape);
  return shape.kind === "map" ? mapDecoder(shape) : structureDecoder(shape);
}

function scalarDecoder(read: (text: string) => unknown): Decode {
  return (node) => {
    if (node.text === undefined) throw wrongType("a single value", {});
    return read(node.text);
  };
}

function structureDecoder(shape: StructureShape): Decode {
  const members = Object.entries(shape.members).map(([name, declared]) => {
    const member = memberOf(declared);
    return {
      name,
      required: member.required,
      wireNames: wireNamesOf(name, member),
      decode: decoderOf(member.shape),
      isList: member.shape.kind === "list",
    };
  });
  return ({ children }) => {
    const result: Record<string, unknown> = {};
    let absent: string | undefined;
    for (const { name, required, wireNames, decode, isList } of members) {
      const wireName = children === undefined ? undefined : wireNames.find((wireName) => children.has(wireName));
      const node = wireName === undefined ? undefined : children?.get(wireName);
      if (wireName === undefined || node === undefined) {
        // A list without items has no parameters: whether it may be empty is the service's question, as with `[]` in JSON.
        if (required && isList) result[name] = [];
        else if (required) absent ??= name;
        continue;
      }
      try {
        result[name] = decode(node);
      } catch (failure) {
        throw within(wireName, failure);
      }
    }
    if (absent !== undefined) throw missing(absent);
    return result;
  };
}

/** The declared name first; SQS also takes the member's own (`MessageAttributes.1.Name`). */
function wireNamesOf(name: string, { traits }: Member): readonly string[] {
  const declared = traits.queryName ?? traits.wireName ?? name;
  return [...new Set([declared, traits.wireName ?? name, name])];
}

function listDecoder(shape: ListShape): Decode {
  const decode = decoderOf(shape.member);
  return (node) => {
    const { at, items } = itemsOf(node, shape.itemName);
    if (items.length > 0) return items.map(([index, item]) => decodeAt(decode, item, at + index));
    // Serializers write an empty list as `Names=`; a person may leave out the index of the only item.
    if (node.text === "") return [];
    if (node.text !== undefined) return [decode(node)];
    throw wrongType("items numbered from 1", {});
  };
}

function mapDecoder(shape: MapShape): Decode {
  const decode = decoderOf(shape.value);
  return (node) => {
    const result: Record<string, unknown> = Object.create(null);
    const add = (entry: QueryNode) => {
      const key = childOf(entry, shape.keyName, "key")?.text;
      const value = childOf(entry, shape.valueName, "value");
      if (key === undefined) throw missing(shape.keyName);
      if (value === undefined) throw missing(shape.valueName);
      result[key] = decodeAt(decode, value, shape.valueName);
    };
    const { at, items } = itemsOf(node, "entry");
    for (const [index, entry] of items) decodeAt(add, entry, at + index);
    // AWS's own examples set a single attribute without a number: `Attribute.Name=…&Attribute.Value=…`.
    if (items.length === 0 && node.children !== undefined) add(node);
    else if (items.length === 0 && node.text !== "") throw wrongType("entries numbered from 1", node.text);
    return result;
  };
}

/** @returns the numbered nodes, found directly or inside the wrapper, and what stands before their number in a path. */
function itemsOf(node: QueryNode, wrapper: string): { at: string; items: [index: string, item: QueryNode][] } {
  const direct = indexedChildren(node);
  if (direct.length > 0) return { at: "", items: direct };
  for (const name of [wrapper, "member"]) {
    const wrapped = node.children?.get(name);
    if (wrapped !== undefined) return { at: `${name}.`, items: indexedChildren(wrapped) };
  }
  return { at: "", items: [] };
}

function childOf(node: QueryNode, name: string, otherName: string): QueryNode | undefined {
  return node.children?.get(name) ?? node.children?.get(otherName);
}

function decodeAt<T>(decode: (node: QueryNode) => T, node: QueryNode, segment: string): T {
  try {
    return decode(node);
  } catch (failure) {
    throw within(segment, failure);
  }
}
