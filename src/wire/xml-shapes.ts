import { assert } from "../kernel/assert.ts";
import { isScalar, scalarReader, scalarWriter } from "./scalars.ts";
import { type ListShape, type MapShape, type Member, memberOf, type Shape, type StructureShape } from "./shapes.ts";
import { malformed, missing, within } from "./wire-error.ts";
import { escapeXml, type XmlDialect, type XmlElement, XSI_NAMESPACE } from "./xml.ts";

/** Writes one whole element, or for a flattened list or map one for each item. */
export type XmlWriter = (value: unknown) => string;

/** @param attributes of every such element, escaped already: ` xmlns="…"`. */
export function compileXmlElement(
  name: string,
  shape: Shape,
  { dialect, attributes = "" }: { dialect: XmlDialect; attributes?: string },
): XmlWriter {
  const start = `<${name}${attributes}`;
  const close = `</${name}>`;
  const wrap = (content: string, own = "") => (content === "" ? `${start}${own}/>` : `${start}${own}>${content}${close}`);
  if (isScalar(shape)) {
    const write = scalarWriter(shape, dialect);
    return (value) => wrap(escapeXml(write(value), dialect));
  }
  if (shape.kind === "structure") {
    const writeAttributes = attributeWriter(shape, dialect);
    const content = compileXmlContent(shape, dialect);
    return (value) => wrap(content(value), writeAttributes(value));
  }
  assert(shape.kind !== "stream", "a stream cannot stand inside XML");
  const content = shape.kind === "list" ? itemsWriter(shape, shape.itemName, dialect) : entriesWriter(shape, "entry", dialect);
  return (value) => wrap(content(value));
}

/** Writes the members of a structure in the order of their declaration, without the element around them. */
function compileXmlContent(shape: StructureShape, dialect: XmlDialect): XmlWriter {
  const members = Object.entries(shape.members)
    .map(([name, declared]) => ({ name, member: memberOf(declared) }))
    .filter(({ member }) => member.traits.attribute !== true)
    .map(({ name, member }) => ({
      name,
      required: member.required,
      lacking: `the answer lacks ${name}`,
      write: memberWriter(member.traits.wireName ?? name, member, dialect),
    }));
  return (value) => {
    const given = value as Record<string, unknown>;
    let text = "";
    for (const { name, required, lacking, write } of members) {
      const part = given[name];
      if (part !== undefined) text += write(part);
      else assert(!required, lacking);
    }
    return text;
  };
}

function memberWriter(name: string, { shape }: Member, dialect: XmlDialect): XmlWriter {
  if (shape.kind === "list" && shape.flattened) return itemsWriter(shape, name, dialect);
  if (shape.kind === "map" && shape.flattened) return entriesWriter(shape, name, dialect);
  return compileXmlElement(name, shape, { dialect });
}

function itemsWriter(shape: ListShape, itemName: string, dialect: XmlDialect): XmlWriter {
  const write = compileXmlElement(itemName, shape.member, { dialect });
  return (value) => {
    let text = "";
    for (const item of value as readonly unknown[]) text += write(item);
    return text;
  };
}

function entriesWriter(shape: MapShape, entryName: string, dialect: XmlDialect): XmlWriter {
  const write = compileXmlElement(shape.valueName, shape.value, { dialect });
  const key = `<${shape.keyName}>`;
  const endOfKey = `</${shape.keyName}>`;
  return (value) => {
    let text = "";
    for (const [name, entry] of Object.entries(value as Record<string, unknown>)) {
      if (entry !== undefined) text += `<${entryName}>${key}${escapeXml(name, dialect)}${endOfKey}${write(entry)}</${entryName}>`;
    }
    return text;
  };
}

function attributeWriter(shape: StructureShape, dialect: XmlDialect): XmlWriter {
  const members = Object.entries(shape.members)
    .map(([name, declared]) => ({ name, member: memberOf(declared) }))
    .filter(({ member }) => member.traits.attribute === true)
    .map(({ name, member }) => {
      assert(isScalar(member.shape), "an attribute is a scalar");
      const wireName = member.traits.wireName ?? name;
      const declaration = wireName.startsWith("xsi:") ? ` xmlns:xsi="${XSI_NAMESPACE}"` : "";
      return { name, start: `${declaration} ${wireName}="`, write: scalarWriter(member.shape, dialect) };
    });
  if (members.length === 0) return () => "";
  return (value) => {
    let text = "";
    for (const { name, start, write } of members) {
      const part = (value as Record<string, unknown>)[name];
      if (part !== undefined) text += `${start}${escapeXml(write(part), dialect)}"`;
    }
    return text;
  };
}

export type XmlReader = (element: XmlElement) => unknown;

/** @returns a function that reads such an element; elements that the shape does not know are passed over. @throws {WireError} from it. */
export function compileXmlReader(shape: Shape): XmlReader {
  if (isScalar(shape)) {
    const read = scalarReader(shape);
    return (element) => {
      if (element.children.length > 0) throw malformed("expected text, received elements");
      return read(element.text);
    };
  }
  assert(shape.kind !== "stream", "a stream cannot stand inside XML");
  if (shape.kind === "structure") return structureReader(shape);
  const read = shape.kind === "list" ? itemsReader(shape) : entriesReader(shape);
  const itemName = shape.kind === "list" ? shape.itemName : "entry";
  return (element) => {
    refuseText(element);
    return read(element.children.filter((child) => child.name === itemName));
  };
}

function structureReader(shape: StructureShape): XmlReader {
  const members = Object.entries(shape.members).map(([name, declared]) => {
    const member = memberOf(declared);
    return { name, required: member.required, wireName: member.traits.wireName ?? name, read: memberReader(member) };
  });
  return (element) => {
    refuseText(element);
    const found = Map.groupBy(element.children, (child) => child.name);
    const result: Record<string, unknown> = {};
    for (const { name, required, wireName, read } of members) {
      try {
        const value = read(found.get(wireName) ?? [], element.attributes.get(wireName));
        if (value !== undefined) result[name] = value;
        else if (required) throw missing("");
      } catch (failure) {
        throw within(wireName, failure);
      }
    }
    return result;
  };
}

/** Reads a member from the child elements of its name, or from the attribute of its name. */
function memberReader({ shape, traits }: Member): (elements: readonly XmlElement[], attribute: string | undefined) => unknown {
  if (traits.attribute === true) {
    assert(isScalar(shape), "an attribute is a scalar");
    const read = scalarReader(shape);
    return (_elements, attribute) => (attribute === undefined ? undefined : read(attribute));
  }
  if ((shape.kind === "list" || shape.kind === "map") && shape.flattened) {
    const read = shape.kind === "list" ? itemsReader(shape) : entriesReader(shape);
    return (elements) => (elements.length === 0 ? undefined : read(elements));
  }
  const read = compileXmlReader(shape);
  return (elements) => {
    if (elements.length > 1) throw malformed("the element may stand once only");
    return elements[0] === undefined ? undefined : read(elements[0]);
  };
}

function itemsReader(shape: ListShape): (elements: readonly XmlElement[]) => unknown[] {
  const read = compileXmlReader(shape.member);
  return (elements) =>
    elements.map((element, index) => {
      try {
        return read(element);
      } catch (failure) {
        throw within(`[${index}]`, failure);
      }
    });
}

function entriesReader(shape: MapShape): (elements: readonly XmlElement[]) => Record<string, unknown> {
  const read = compileXmlReader(shape.value);
  return (elements) => {
    const result: Record<string, unknown> = Object.create(null);
    for (const element of elements) {
      const key = element.children.find((child) => child.name === shape.keyName);
      const value = element.children.find((child) => child.name === shape.valueName);
      if (key === undefined) throw missing(shape.keyName);
      if (value === undefined) throw missing(shape.valueName);
      result[key.text] = read(value);
    }
    return result;
  };
}

function refuseText(element: XmlElement): void {
  if (element.text.trim() !== "") throw malformed(`text stands directly inside ${element.name}`);
}
