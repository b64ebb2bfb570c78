import { assert } from "../kernel/assert.ts";
import type { QueryParameters } from "./query-parameters.ts";
import { isScalar, scalarReader, scalarWriter } from "./scalars.ts";
import type { Shape } from "./shapes.ts";
import { ArgumentError, WireError } from "./wire-error.ts";

/** Header names in lower case, values as Latin-1 text of their bytes. */
export type Headers = Readonly<Record<string, string | undefined>>;

/**
 * A presigned URL carries as parameters what would otherwise be headers. Its checksum is left out: SDKs put that of an
 * empty body there before they know the real one, and AWS takes no notice of it.
 */
const HOISTED = /^(?:x-amz-(?!checksum-)|if-match$|if-none-match$)/i;

/** @returns the headers, and with them the parameters of a presigned URL that stand for headers; a real header comes first. */
export function withHoisted(headers: Headers, parameters: QueryParameters): Headers {
  let merged: Record<string, string | undefined> | undefined;
  for (const [name, value] of parameters) {
    const header = name.toLowerCase();
    if (!HOISTED.test(name) || headers[header] !== undefined) continue;
    merged ??= Object.assign(Object.create(null) as Record<string, string | undefined>, headers);
    merged[header] = value;
  }
  return merged ?? headers;
}

/** @returns a function that reads the text of a header or parameter; undefined where it says nothing. @throws {ArgumentError} from it. */
export function compileTextReader(name: string, shape: Shape): (text: string) => unknown {
  if (shape.kind === "list") {
    const read = compileTextReader(name, shape.member);
    return (text) =>
      text
        .split(",")
        .map((item) => item.trim())
        .filter((item) => item !== "")
        .map(read);
  }
  assert(isScalar(shape), `${name} is neither a scalar nor a list of them`);
  const read = scalarReader(shape);
  return (text) => {
    if (text === "" && shape.kind !== "string") return undefined;
    try {
      return read(text);
    } catch (failure) {
      if (!(failure instanceof WireError)) throw failure;
      // RFC 9110, 13.1.3: a condition whose date is none is to be ignored.
      if (shape.kind === "timestamp" && shape.format === "httpDate") return undefined;
      throw new ArgumentError(name, text, failure);
    }
  };
}

/** All headers that start so, by the rest of their names. */
export function headersFrom(prefix: string, headers: Headers): Record<string, string> | undefined {
  let found: Record<string, string> | undefined;
  for (const [name, value] of Object.entries(headers)) {
    if (value === undefined || !name.startsWith(prefix)) continue;
    found ??= Object.create(null) as Record<string, string>;
    found[name.slice(prefix.length)] = value;
  }
  return found;
}

/** @returns a function that writes a value as the text of a header. */
export function compileTextWriter(name: string, shape: Shape): (value: unknown) => string {
  if (shape.kind === "list") {
    const write = compileTextWriter(name, shape.member);
    return (value) => (value as readonly unknown[]).map(write).join(",");
  }
  assert(isScalar(shape), `${name} is neither a scalar nor a list of them`);
  const write = scalarWriter(shape, { wholeSeconds: true });
  return (value) => headerText(write(value));
}

// oxlint-disable-next-line eslint/no-control-regex -- Control characters are what would end a header.
const CONTROLS = /[\u0000-\u0008\u000a-\u001f\u007f]/g;
// oxlint-disable-next-line eslint/no-control-regex -- Everything that Latin-1 has.
const LATIN_1 = /^[\u0000-\u00ff]*$/;

/** Text from a caller, such as a content disposition, must neither end its header nor fail the answer. */
export function headerText(text: string): string {
  const spaced = text.replace(CONTROLS, " ");
  return LATIN_1.test(spaced) ? spaced : Buffer.from(spaced, "utf8").toString("latin1");
}
