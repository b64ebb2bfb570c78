import { isUtf8 } from "node:buffer";
import { type SaxesAttributeNS, SaxesParser } from "saxes";
import { MIB } from "../kernel/units.ts";
import { malformed } from "./wire-error.ts";

/** An element of a request: prefixes removed, whitespace kept, references resolved. */
export interface XmlElement {
  readonly name: string;
  /** By local name, without namespace declarations; `xsi:type` keeps its customary prefix. */
  readonly attributes: ReadonlyMap<string, string>;
  readonly children: readonly XmlElement[];
  /** All text directly inside, in order. */
  readonly text: string;
}

export const XML_BYTES_MAX = 2 * MIB;
export const XML_DEPTH_MAX = 20;
/** Elements and attributes together. */
export const XML_NODES_MAX = 50_000;

export const XSI_NAMESPACE = "http://www.w3.org/2001/XMLSchema-instance";

/**
 * Reads a whole document. Only the five predefined entities and numeric references exist: a DOCTYPE, which could define
 * others, is refused.
 * @throws {WireError} when it is not well-formed XML in UTF-8, or over a limit.
 */
export function parseXml(bytes: Uint8Array): XmlElement {
  if (bytes.length > XML_BYTES_MAX) throw malformed(`XML of more than ${XML_BYTES_MAX} bytes`);
  if (!isUtf8(bytes)) throw malformed("the XML is not UTF-8");
  const reader = new TreeBuilder();
  // Version 1.1 would let control characters in by reference.
  const parser = new SaxesParser({ xmlns: true, position: false, defaultXMLVersion: "1.0", forceXMLVersion: true });
  parser.on("error", (error) => {
    throw malformed(`the XML is not well-formed: ${error.message}`);
  });
  parser.on("doctype", () => {
    throw malformed("XML with a DOCTYPE is not taken");
  });
  parser.on("xmldecl", ({ encoding }) => {
    if (encoding !== undefined && !/^(?:utf-?8|us-ascii)$/i.test(encoding))
      throw malformed("the XML is declared as another encoding than UTF-8");
  });
  // Attributes are counted as they come: a million of them in one tag must not be collected first.
  parser.on("attribute", () => reader.count());
  parser.on("opentag", (tag) => reader.open(tag.local, attributesOf(tag.attributes)));
  parser.on("text", (text) => reader.text(text));
  parser.on("cdata", (text) => reader.text(text));
  parser.on("closetag", () => reader.close());
  parser.write(Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString("utf8")).close();
  return reader.root();
}

const NO_ATTRIBUTES: ReadonlyMap<string, string> = new Map();

function attributesOf(given: Record<string, SaxesAttributeNS>): ReadonlyMap<string, string> {
  let attributes: Map<string, string> | undefined;
  for (const name in given) {
    const { local, prefix, uri, value } = given[name] as SaxesAttributeNS;
    if (prefix === "xmlns" || name === "xmlns") continue;
    attributes ??= new Map();
    attributes.set(uri === XSI_NAMESPACE ? `xsi:${local}` : local, value);
  }
  return attributes ?? NO_ATTRIBUTES;
}

interface OpenElement {
  readonly name: string;
  readonly attributes: ReadonlyMap<string, string>;
  readonly children: XmlElement[];
  text: string;
}

class TreeBuilder {
  readonly #open: OpenElement[] = [];
  #root: XmlElement | undefined;
  #nodes = 0;

  count(): void {
    this.#nodes += 1;
    if (this.#nodes > XML_NODES_MAX) throw malformed(`XML of more than ${XML_NODES_MAX} elements and attributes`);
  }

  open(name: string, attributes: ReadonlyMap<string, string>): void {
    this.count();
    if (this.#open.length >= XML_DEPTH_MAX) throw malformed(`XML nested deeper than ${XML_DEPTH_MAX}`);
    const element: OpenElement = { name, attributes, children: [], text: "" };
    this.#open.at(-1)?.children.push(element);
    this.#open.push(element);
  }

  text(text: string): void {
    const element = this.#open.at(-1);
    if (element !== undefined) element.text += text;
  }

  close(): void {
    const element = this.#open.pop();
    if (this.#open.length === 0) this.#root = element;
  }

  root(): XmlElement {
    if (this.#root === undefined) throw malformed("the XML has no root element");
    return this.#root;
  }
}

/** How a protocol writes what XML leaves open. */
export interface XmlDialect {
  /** A character as a numeric reference: carriage returns, which a parser would turn into line feeds, and control characters. */
  reference(code: number): string;
  readonly wholeSeconds: boolean;
}

export const QUERY_XML: XmlDialect = { reference: (code) => `&#x${code.toString(16).toUpperCase()};`, wholeSeconds: false };
export const S3_XML: XmlDialect = { reference: (code) => `&#${code};`, wholeSeconds: true };

// oxlint-disable-next-line eslint/no-control-regex -- Those are what must not stand in XML as they are.
const SPECIAL = /[&<>"\u0000-\u0008\u000b-\u001f]/;
const EVERY_SPECIAL = new RegExp(SPECIAL, "g");

/** Escapes text for use between tags or in a quoted attribute. */
export function escapeXml(text: string, dialect: XmlDialect): string {
  if (!SPECIAL.test(text)) return text;
  return text.replace(EVERY_SPECIAL, (character) => {
    switch (character) {
      case "&":
        return "&amp;";
      case "<":
        return "&lt;";
      case ">":
        return "&gt;";
      case '"':
        return "&quot;";
      default:
        return dialect.reference(character.charCodeAt(0));
    }
  });
}
