import { isUtf8 } from "node:buffer";
import { malformed } from "./wire-error.ts";

/** Decoded names and values; of a repeated name the first. */
export type QueryParameters = ReadonlyMap<string, string>;

/** More than any action needs, even ten messages with ten attributes each. */
const PARAMETERS_MAX = 10_000;
const NAME_PARTS_MAX = 64;

/** Reads `a=b&c=d`, as a form body or as what stands behind the question mark of a target. @throws {WireError} */
export function parseQuery(source: string | Uint8Array): QueryParameters {
  const text = typeof source === "string" ? source : formText(source);
  const parameters = new Map<string, string>();
  if (text === "") return parameters;
  // One more than allowed shows that there are too many.
  const pairs = text.split("&", PARAMETERS_MAX + 1);
  if (pairs.length > PARAMETERS_MAX) throw malformed(`more than ${PARAMETERS_MAX} parameters`);
  for (const pair of pairs) {
    if (pair === "") continue;
    const equals = pair.indexOf("=");
    const name = unescape(equals === -1 ? pair : pair.slice(0, equals));
    if (!parameters.has(name)) parameters.set(name, equals === -1 ? "" : unescape(pair.slice(equals + 1)));
  }
  return parameters;
}

/** What stands behind the question mark; empty where there is none. */
export function queryOf(target: string): string {
  const mark = target.indexOf("?");
  return mark === -1 ? "" : target.slice(mark + 1);
}

/** Both sources as one: of a name that stands in both, the body's. */
export function mergeParameters(body: QueryParameters, target: QueryParameters): QueryParameters {
  if (target.size === 0) return body;
  return new Map([...target, ...body]);
}

function formText(bytes: Uint8Array): string {
  if (!isUtf8(bytes)) throw malformed("the form is not UTF-8");
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString("utf8");
}

function unescape(text: string): string {
  const spaced = text.includes("+") ? text.replaceAll("+", " ") : text;
  if (!spaced.includes("%")) return spaced;
  try {
    return decodeURIComponent(spaced);
  } catch {
    throw malformed("a parameter is not percent-encoded UTF-8");
  }
}

/** Parameters by the parts of their names: `Attribute.1.Name` lies three levels down. */
export interface QueryNode {
  text: string | undefined;
  children: Map<string, QueryNode> | undefined;
}

export function treeOf(parameters: QueryParameters): QueryNode {
  const root: QueryNode = { text: undefined, children: undefined };
  for (const [name, value] of parameters) {
    const parts = name.split(".", NAME_PARTS_MAX + 1);
    if (parts.length > NAME_PARTS_MAX) throw malformed(`a parameter's name of more than ${NAME_PARTS_MAX} parts`);
    let node = root;
    for (const part of parts) {
      node.children ??= new Map();
      let child = node.children.get(part);
      if (child === undefined) {
        child = { text: undefined, children: undefined };
        node.children.set(part, child);
      }
      node = child;
    }
    node.text = value;
  }
  return root;
}

/** Children named by numbers, in ascending order: they may come in any order and leave some out. */
export function indexedChildren(node: QueryNode): [index: string, child: QueryNode][] {
  if (node.children === undefined) return [];
  return [...node.children].filter(([name]) => /^[0-9]{1,9}$/.test(name)).sort(([a], [b]) => Number(a) - Number(b));
}
