/**
 * Percent-encoding (RFC 3986) over byte strings: text whose every character is one byte, as targets come from the
 * socket. UTF-8 is never decoded here, so whatever bytes a name has, they are the ones that were signed.
 */

const RESERVED = /[^A-Za-z0-9\-._~]/g;
const RESERVED_IN_PATH = /[^A-Za-z0-9\-._~/]/g;
const PLAIN = /^[A-Za-z0-9\-._~]*$/;
const ESCAPES: readonly string[] = Array.from({ length: 256 }, (_, byte) => `%${byte.toString(16).toUpperCase().padStart(2, "0")}`);

/** Encodes every byte that is not a letter, a digit or one of `-._~`. */
export function encode(bytes: string): string {
  return bytes.replaceAll(RESERVED, escape);
}

/** The same, but slashes stay. */
export function encodePath(bytes: string): string {
  return bytes.replaceAll(RESERVED_IN_PATH, escape);
}

/** @returns undefined where a `%` is not followed by two hex digits. */
export function decode(text: string): string | undefined {
  if (!text.includes("%")) return text;
  if (/%(?![0-9A-Fa-f]{2})/.test(text)) return undefined;
  return text.replaceAll(/%[0-9A-Fa-f]{2}/g, (found) => String.fromCharCode(Number.parseInt(found.slice(1), 16)));
}

/** One `name=value` of a query string or form. */
export interface Parameter {
  /** Decoded byte strings. */
  readonly name: string;
  readonly value: string;
  /** The same in the one spelling that is signed. */
  readonly encodedName: string;
  readonly encodedValue: string;
}

/**
 * The parameters in their order. A `+` is a space; a name without `=` has an empty value; nothing between two `&` is nothing.
 * @returns undefined where it cannot be percent-decoded.
 */
export function parseParameters(text: string): Parameter[] | undefined {
  const parameters: Parameter[] = [];
  for (const piece of text.split("&")) {
    if (piece === "") continue;
    const equals = piece.indexOf("=");
    const name = decodeForm(equals === -1 ? piece : piece.slice(0, equals));
    const value = equals === -1 ? "" : decodeForm(piece.slice(equals + 1));
    if (name === undefined || value === undefined) return undefined;
    parameters.push({ name, value, encodedName: encodeSeldom(name), encodedValue: encodeSeldom(value) });
  }
  return parameters;
}

/** Path and query string of a request's target, both as received. */
export function splitTarget(target: string): { path: string; query: string } {
  const mark = target.indexOf("?");
  return mark === -1 ? { path: target, query: "" } : { path: target.slice(0, mark), query: target.slice(mark + 1) };
}

/** The order of bytes, as all signing protocols sort. */
export function compareBytes(left: string, right: string): number {
  return left < right ? -1 : left > right ? 1 : 0;
}

function decodeForm(text: string): string | undefined {
  return decode(text.replaceAll("+", " "));
}

function encodeSeldom(bytes: string): string {
  return PLAIN.test(bytes) ? bytes : encode(bytes);
}

function escape(character: string): string {
  return ESCAPES[character.charCodeAt(0)] ?? "";
}
