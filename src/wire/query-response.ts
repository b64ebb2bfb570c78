import { unreachable } from "../kernel/assert.ts";
import { jsonEncoder } from "./json.ts";
import { memberOf, nothing, type Operation, type Shape, type StructureShape } from "./shapes.ts";
import { escapeXml, QUERY_XML } from "./xml.ts";
import { compileXmlElement } from "./xml-shapes.ts";

/** Writes the results of one action inside the envelope of the Query protocol. */
export interface QueryResponse {
  xml(this: void, output: unknown, requestId: string): string;
  /** The same envelope for a caller that accepts JSON alone: maps are lists of entries, and what is absent is null. */
  json(this: void, output: unknown, requestId: string): string;
}

export const XML_DECLARATION = '<?xml version="1.0"?>';

/** Compiles an action's output once into functions. */
export function compileQueryResponse(operation: Operation, xmlNamespace: string): QueryResponse {
  const { name, output } = operation;
  // An action that has an output has an element for it even where no member is declared: botocore looks for it.
  const hasResult = output !== nothing;
  const writeXml = hasResult ? compileXmlElement(`${name}Result`, output, { dialect: QUERY_XML }) : () => "";
  const writeJson = hasResult ? labelled(`${name}Result`, structureWriter(output)) : () => "";
  const start = `${XML_DECLARATION}<${name}Response xmlns="${xmlNamespace}">`;
  return {
    xml: (result, requestId) =>
      `${start}${writeXml(result)}<ResponseMetadata><RequestId>${escapeXml(requestId, QUERY_XML)}</RequestId></ResponseMetadata></${name}Response>`,
    json: (result, requestId) => `{"${name}Response":{${writeJson(result)}"ResponseMetadata":{"RequestId":${JSON.stringify(requestId)}}}}`,
  };
}

function labelled(name: string, write: (value: unknown) => string): (value: unknown) => string {
  return (value) => `"${name}":${write(value)},`;
}

function writerOf(shape: Shape): (value: unknown) => string {
  switch (shape.kind) {
    case "structure":
      return structureWriter(shape);
    case "list": {
      const write = writerOf(shape.member);
      return (value) => listOf((value as readonly unknown[]).map(write));
    }
    case "map": {
      const write = writerOf(shape.value);
      const [key, label] = [JSON.stringify(shape.keyName), JSON.stringify(shape.valueName)];
      const entryOf = ([name, entry]: [string, unknown]) => `{${key}:${JSON.stringify(name)},${label}:${write(entry)}}`;
      return (value) => listOf(Object.entries(value as object).map(entryOf));
    }
    case "string":
    case "integer":
    case "long":
    case "double":
    case "boolean":
    case "blob":
    case "timestamp":
    case "stream":
      return jsonEncoder(shape, false);
    default:
      return unreachable(shape);
  }
}

function listOf(items: readonly string[]): string {
  return items.length === 0 ? "null" : `[${items.join(",")}]`;
}

function structureWriter(shape: StructureShape): (value: unknown) => string {
  const members = Object.entries(shape.members).map(([name, declared]) => {
    const { shape, traits } = memberOf(declared);
    return { name, label: JSON.stringify(traits.queryJsonName ?? name), write: writerOf(shape) };
  });
  return (value) => {
    const given = value as Record<string, unknown>;
    return `{${members.map(({ name, label, write }) => `${label}:${given[name] === undefined ? "null" : write(given[name])}`).join(",")}}`;
  };
}
