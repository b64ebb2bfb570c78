import { assert } from "../kernel/assert.ts";
import type { QueryParameters } from "./query-parameters.ts";
import { compileTextReader, type Headers, headersFrom, withHoisted } from "./rest-headers.ts";
import { type ByteStream, type Member, memberOf, structure, type StructureShape } from "./shapes.ts";
import { malformed, missing, within } from "./wire-error.ts";
import { parseXml } from "./xml.ts";
import { compileXmlReader } from "./xml-shapes.ts";

/** A request taken apart, but not yet understood. */
export interface RestRequest {
  readonly labels: { readonly bucket?: string | undefined; readonly key?: string | undefined };
  readonly headers: Headers;
  readonly parameters: QueryParameters;
  /** As `bodyKind` of the codec asks for it. */
  readonly body: Uint8Array | ByteStream | undefined;
}

/** `stream`: handed on unread; `bytes`: to be read whole; `none`: not looked at. */
export type BodyKind = "none" | "bytes" | "stream";

export interface RestDecoder {
  readonly bodyKind: BodyKind;
  /** @returns what the shape infers to. @throws {WireError} an `ArgumentError` where a header or parameter is at fault. */
  decode(this: void, request: RestRequest): unknown;
}

interface Part {
  readonly name: string;
  /** The member's name where it travels, as errors tell it. */
  readonly wireName: string;
  readonly required: boolean;
  read(request: RestRequest): unknown;
}

/**
 * Compiles a shape once into functions.
 * @param root the name of the body's root element; where absent that of the payload, or any.
 */
export function compileRestInput(shape: StructureShape, root?: string): RestDecoder {
  const members = Object.entries(shape.members).map(([name, declared]) => ({ name, member: memberOf(declared) }));
  const inBody = members.filter(({ member }) => isBodyMember(member));
  const bound = members.filter(({ member }) => !isBodyMember(member)).map(({ name, member }) => partOf(name, member, root));
  const payload = members.find(({ member }) => member.traits.payload === true);
  assert(payload === undefined || inBody.length === 0, "beside a payload no member can be in the body");
  const readBody = inBody.length === 0 ? undefined : bodyReader(Object.fromEntries(inBody.map(({ name, member }) => [name, member])), root);
  return {
    bodyKind: payload?.member.shape.kind === "stream" ? "stream" : payload === undefined && readBody === undefined ? "none" : "bytes",
    decode(request) {
      const seen = { ...request, headers: withHoisted(request.headers, request.parameters) };
      const result: Record<string, unknown> = {};
      let absent: string | undefined;
      for (const part of bound) {
        const value = part.read(seen);
        if (value !== undefined) result[part.name] = value;
        else if (part.required) absent ??= part.wireName;
      }
      if (absent !== undefined) throw missing(absent);
      return readBody === undefined ? result : Object.assign(result, readBody(seen));
    },
  };
}

function isBodyMember({ traits }: Member): boolean {
  return (
    traits.label === undefined &&
    traits.header === undefined &&
    traits.headerPrefix === undefined &&
    traits.parameter === undefined &&
    traits.payload === undefined &&
    traits.status === undefined
  );
}

function partOf(name: string, member: Member, root: string | undefined): Part {
  const { shape, required, traits } = member;
  const { label, header, headerPrefix, parameter } = traits;
  if (label !== undefined) return { name, wireName: name, required, read: ({ labels }) => labels[label] };
  if (header !== undefined) {
    const read = compileTextReader(header, shape);
    return { name, wireName: header, required, read: ({ headers }) => mapDefined(headers[header], read) };
  }
  if (headerPrefix !== undefined) {
    return { name, wireName: headerPrefix, required, read: ({ headers }) => headersFrom(headerPrefix, headers) };
  }
  if (parameter !== undefined) {
    const read = compileTextReader(parameter, shape);
    return { name, wireName: parameter, required, read: ({ parameters }) => mapDefined(parameters.get(parameter), read) };
  }
  assert(traits.payload === true, `an input has no place for ${name}`);
  return payloadPart(name, member, root);
}

function payloadPart(name: string, { shape, required, traits }: Member, root: string | undefined): Part {
  if (shape.kind === "stream") return { name, wireName: name, required, read: ({ body }) => streamOf(body) };
  if (shape.kind === "blob") return { name, wireName: name, required, read: ({ body }) => bytesOf(body) };
  if (shape.kind === "string") return { name, wireName: name, required, read: ({ body }) => mapDefined(bytesOf(body), textOf) };
  const wireName = root ?? traits.wireName ?? name;
  const reader = compileXmlReader(shape);
  const read = (bytes: Uint8Array) => {
    const element = parseXml(bytes);
    if (element.name !== wireName) throw malformed(`expected the root element ${wireName}, received ${element.name}`);
    try {
      return reader(element);
    } catch (failure) {
      throw within(wireName, failure);
    }
  };
  return { name, wireName, required, read: ({ body }) => mapDefined(bytesOf(body), read) };
}

/** The members of the body's root element; all of them absent where there is no body. */
function bodyReader(members: Record<string, Member>, root: string | undefined): (request: RestRequest) => object {
  const read = compileXmlReader(structure(members));
  const empty = { name: "", attributes: new Map<string, string>(), children: [], text: "" };
  return ({ body }) => {
    const bytes = bytesOf(body);
    const element = bytes === undefined ? empty : parseXml(bytes);
    if (root !== undefined && element !== empty && element.name !== root) {
      throw malformed(`expected the root element ${root}, received ${element.name}`);
    }
    return read(element) as object;
  };
}

function mapDefined<T>(value: T | undefined, read: (value: T) => unknown): unknown {
  return value === undefined ? undefined : read(value);
}

function bytesOf(body: RestRequest["body"]): Uint8Array | undefined {
  assert(body === undefined || body instanceof Uint8Array, "this body is to be read whole before it is decoded");
  return body === undefined || body.length === 0 ? undefined : body;
}

function streamOf(body: RestRequest["body"]): ByteStream | undefined {
  return body instanceof Uint8Array ? streamOfBytes(body) : body;
}

async function* streamOfBytes(bytes: Uint8Array): ByteStream {
  if (bytes.length > 0) yield bytes;
}

function textOf(bytes: Uint8Array): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString("utf8");
}
