import { canonicalValue } from "./canonical.ts";
import type { AuthErrors } from "./errors.ts";

/** The list in `SignedHeaders`: lower case, in ascending order, each once, `host` among them. */
export interface SignedHeaders {
  readonly text: string;
  readonly names: readonly string[];
  readonly indexes: ReadonlyMap<string, number>;
  /** One undefined for each name. */
  readonly blank: readonly (string | undefined)[];
}

const NAMES = /^[a-z0-9!#$%&'*+\-.^_`|~]+(?:;[a-z0-9!#$%&'*+\-.^_`|~]+)*$/;
const LISTS_MAX = 1000;
const TEXT_MAX = 4096;

/** Signs or is checked by way of the canonical request itself, signed or not. */
const EXCUSED = "x-amz-content-sha256";

/** Reads lists of signed headers; a client sends the same few all its life, so they are kept. */
export class SignedHeaderLists {
  readonly #known = new Map<string, SignedHeaders>();

  /** @returns what is wrong with it, in words, where it is not such a list. */
  read(text: string): SignedHeaders | string {
    const known = this.#known.get(text);
    if (known !== undefined) return known;
    if (text.length > TEXT_MAX || !NAMES.test(text)) return "SignedHeaders must be lower-case header names, separated by ';'.";
    const names = text.split(";");
    if (names.some((name, index) => index > 0 && name <= (names[index - 1] ?? ""))) {
      return "SignedHeaders must be in ascending order, each name once.";
    }
    if (!names.includes("host")) return "SignedHeaders must contain 'host'.";
    const list = { text, names, indexes: new Map(names.map((name, index) => [name, index])), blank: names.map(() => undefined) };
    // Whatever a hostile client invents is forgotten together with the rest.
    if (this.#known.size >= LISTS_MAX) this.#known.clear();
    this.#known.set(text, list);
    return list;
  }
}

/**
 * The headers of the canonical request, each with its line end. A signed header that did not come has no line, so that
 * the signature cannot fit.
 * @throws {ServiceError} where a signed or an `x-amz-` header or the credentials came twice, or an `x-amz-` header is not signed.
 */
export function canonicalHeaders(rawHeaders: readonly string[], signed: SignedHeaders, errors: AuthErrors): string {
  const values = signed.blank.slice();
  let unsigned: string[] | undefined;
  let authorizations = 0;
  for (let at = 0; at + 1 < rawHeaders.length; at += 2) {
    const name = (rawHeaders[at] ?? "").toLowerCase();
    const index = signed.indexes.get(name);
    if (index !== undefined) {
      if (values[index] !== undefined) throw errors.repeatedHeader(name);
      values[index] = canonicalValue(rawHeaders[at + 1] ?? "");
    } else if (name.startsWith("x-amz-")) {
      unsigned ??= [];
      if (unsigned.includes(name)) throw errors.repeatedHeader(name);
      unsigned.push(name);
    } else if (name === "authorization" && (authorizations += 1) > 1) throw errors.repeatedHeader(name);
  }
  const offending = unsigned?.filter((name) => name !== EXCUSED);
  if (offending !== undefined && offending.length > 0) throw errors.headersNotSigned(offending);
  let block = "";
  for (let index = 0; index < signed.names.length; index += 1) {
    const value = values[index];
    if (value !== undefined) block += `${signed.names[index]}:${value}\n`;
  }
  return block;
}

/**
 * The one value of a header that decides something without being in a list of signed headers.
 * @throws {ServiceError} where it came twice.
 */
export function singleHeader(rawHeaders: readonly string[], wanted: string, errors: AuthErrors): string | undefined {
  let value: string | undefined;
  for (let at = 0; at + 1 < rawHeaders.length; at += 2) {
    if ((rawHeaders[at] ?? "").toLowerCase() !== wanted) continue;
    if (value !== undefined) throw errors.repeatedHeader(wanted);
    value = rawHeaders[at + 1] ?? "";
  }
  return value;
}
