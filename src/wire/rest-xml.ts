import { assert } from "../kernel/assert.ts";
import type { HttpResponse } from "./http.ts";
import { compileTextWriter, headerText } from "./rest-headers.ts";
import { type BodyKind, compileRestInput, type RestRequest } from "./rest-input.ts";
import { type ByteStream, type InputOf, type Member, memberOf, type Operation, type OutputOf, structure } from "./shapes.ts";
import { S3_XML } from "./xml.ts";
import { compileXmlElement } from "./xml-shapes.ts";

export const S3_NAMESPACE = "http://s3.amazonaws.com/doc/2006-03-01/";
export const S3_CONTENT_TYPE = "application/xml";
export const S3_XML_DECLARATION = '<?xml version="1.0" encoding="UTF-8"?>\n';

/** Reads and writes one action of REST-XML: what travels in path, headers, parameters and body, as the traits say. */
export interface RestCodec<T extends Operation = Operation> {
  readonly bodyKind: BodyKind;
  /** @throws {WireError} an `ArgumentError` where a header or parameter is at fault. */
  decode(request: RestRequest): InputOf<T>;
  encode(output: OutputOf<T>): HttpResponse;
}

export interface RestOptions {
  /** Of a response's root element. */
  readonly xmlNamespace?: string;
}

/** Compiles an action once into functions. */
export function compileRest<T extends Operation>(operation: T, options: RestOptions = {}): RestCodec<T> {
  const input = compileRestInput(operation.input, operation.xmlRoot?.request);
  return {
    bodyKind: input.bodyKind,
    decode: (request) => input.decode(request) as InputOf<T>,
    encode: compileRestOutput(operation, options),
  };
}

type Values = Readonly<Record<string, unknown>>;
type WriteHeader = (values: Values, headers: Record<string, string>) => void;
interface Body {
  readonly body: HttpResponse["body"];
  readonly contentType?: string;
}

function compileRestOutput(operation: Operation, options: RestOptions): (output: unknown) => HttpResponse {
  const members = Object.entries(operation.output.members).map(([name, declared]) => ({ name, member: memberOf(declared) }));
  const headerWriters = members.flatMap(({ name, member }) => headerWriter(name, member) ?? []);
  const writeBody = compileBody(operation, options.xmlNamespace ?? S3_NAMESPACE);
  const statusName = members.find(({ member }) => member.traits.status === true)?.name;
  return (output) => {
    const values = output as Values;
    const given = statusName === undefined ? undefined : values[statusName];
    const status = typeof given === "number" ? given : (operation.status ?? 200);
    const { body, contentType } = status === 204 || status === 304 ? { body: undefined } : writeBody(values);
    const headers: Record<string, string> = contentType === undefined ? {} : { "content-type": contentType };
    for (const write of headerWriters) write(values, headers);
    return { status, headers, body };
  };
}

function headerWriter(name: string, { shape, required, traits }: Member): WriteHeader | undefined {
  const { header, headerPrefix } = traits;
  if (header !== undefined) {
    const write = compileTextWriter(header, shape);
    return (values, headers) => {
      const value = values[name];
      if (value !== undefined) headers[header] = write(value);
      else assert(!required, `the answer lacks ${name}`);
    };
  }
  if (headerPrefix === undefined) return undefined;
  return (values, headers) => {
    for (const [key, value] of Object.entries((values[name] ?? {}) as Record<string, string>))
      headers[headerPrefix + key] = headerText(value);
  };
}

function compileBody(operation: Operation, xmlNamespace: string): (values: Values) => Body {
  const members = Object.entries(operation.output.members).map(([name, declared]) => ({ name, member: memberOf(declared) }));
  const payload = members.find(({ member }) => member.traits.payload === true);
  if (payload !== undefined) return payloadWriter(payload.name, payload.member, { operation, xmlNamespace });
  const inBody = members.filter(({ member: { traits } }) => (traits.header ?? traits.headerPrefix ?? traits.status) === undefined);
  if (inBody.length === 0) return () => ({ body: undefined });
  const root = operation.xmlRoot?.response ?? `${operation.name}Result`;
  const shape = structure(Object.fromEntries(inBody.map(({ name, member }) => [name, member])));
  return operation.unwrapped === true ? unwrappedWriter(root, inBody, xmlNamespace) : xmlWriter(root, shape, xmlNamespace);
}

function xmlWriter(root: string, shape: Member["shape"], xmlNamespace: string): (value: unknown) => Body {
  const write = compileXmlElement(root, shape, { dialect: S3_XML, attributes: ` xmlns="${xmlNamespace}"` });
  return (value) => ({ body: S3_XML_DECLARATION + write(value), contentType: S3_CONTENT_TYPE });
}

function unwrappedWriter(
  root: string,
  inBody: readonly { name: string; member: Member }[],
  xmlNamespace: string,
): (values: Values) => Body {
  const only = inBody[0];
  assert(only !== undefined && inBody.length === 1, "only a single member can be the root element itself");
  const write = xmlWriter(root, only.member.shape, xmlNamespace);
  return (values) => write(values[only.name] ?? "");
}

function payloadWriter(
  name: string,
  { shape, traits }: Member,
  named: { operation: Operation; xmlNamespace: string },
): (values: Values) => Body {
  if (shape.kind === "stream" || shape.kind === "blob" || shape.kind === "string") {
    return (values) => ({ body: values[name] as string | Uint8Array | ByteStream | undefined });
  }
  const write = xmlWriter(named.operation.xmlRoot?.response ?? traits.wireName ?? name, shape, named.xmlNamespace);
  return (values) => (values[name] === undefined ? { body: undefined } : write(values[name]));
}
