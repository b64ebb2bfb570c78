import { invalidArgument } from "./errors.ts";
import { PAGE_MAX } from "./limits.ts";

/** Where a listing goes on: after a key, or after everything that begins with a prefix. */
export type Position = { readonly afterKey: string } | { readonly afterPrefix: string };

/**
 * `max-keys` and its like: 1000 where absent, and never more.
 * @throws InvalidArgument it is no whole number, or a negative one
 */
export function pageSize(value: string | undefined, name: string): number {
  if (value === undefined || value === "") return PAGE_MAX;
  const size = Number(value);
  if (!/^\d+$/.test(value) || size > 2 ** 31 - 1) {
    throw invalidArgument(`Provided ${name} not an integer or within integer range`, { name, value });
  }
  return Math.min(size, PAGE_MAX);
}

/** `encoding-type`: undefined or `url`. @throws InvalidArgument */
export function encodingOf(value: string | undefined): "url" | undefined {
  if (value === undefined || value === "url") return value;
  throw invalidArgument("Invalid Encoding Method specified in Request", { name: "encoding-type", value });
}

/** Keys and prefixes of an answer, encoded where asked; slashes stay readable. */
export function encoder(encoding: "url" | undefined): <T extends string | undefined>(text: T) => T {
  if (encoding === undefined) return (text) => text;
  return <T extends string | undefined>(text: T) => (text === undefined ? text : (urlEncoded(text) as T));
}

function urlEncoded(text: string): string {
  return encodeURIComponent(text)
    .replace(/[!'()]/g, (mark) => `%${mark.charCodeAt(0).toString(16).toUpperCase()}`)
    .replaceAll("%2F", "/");
}

/**
 * The common prefix under which a key is listed; undefined: the key is listed itself. In bytes, which is the order of
 * listings; UTF-8 texts match as bytes exactly where they match as characters.
 */
export function commonPrefixOf(key: Uint8Array, prefix: Uint8Array, delimiter: Uint8Array): Uint8Array | undefined {
  if (delimiter.length === 0) return undefined;
  const at = Buffer.from(key.buffer, key.byteOffset, key.byteLength).indexOf(delimiter, prefix.length);
  return at < 0 ? undefined : key.subarray(0, at + delimiter.length);
}

/** The first byte string after all that begin with the prefix; undefined: there is none, the prefix is empty or all ones. */
export function afterAllWith(prefix: Uint8Array): Uint8Array | undefined {
  let end = prefix.length;
  while (end > 0 && prefix[end - 1] === 0xff) end -= 1;
  if (end === 0) return undefined;
  const after = Uint8Array.from(prefix.subarray(0, end)); // A copy: the slice of a Buffer would be the same memory.
  after[end - 1] = (after[end - 1] ?? 0) + 1;
  return after;
}

/**
 * Where a V1 marker stands: one inside a common prefix stands behind the whole of it, since a page may end with that
 * prefix and name it as the next marker.
 */
export function markerPosition(marker: string, prefix: string, delimiter: string): Position {
  if (delimiter !== "" && marker.startsWith(prefix)) {
    const at = marker.indexOf(delimiter, prefix.length);
    if (at >= 0) return { afterPrefix: marker.slice(0, at + delimiter.length) };
  }
  return { afterKey: marker };
}

/** A continuation token: base64url of `k` and a key, or of `p` and a prefix. Opaque to clients. */
export function tokenOf(position: Position): string {
  const text = "afterKey" in position ? `k${position.afterKey}` : `p${position.afterPrefix}`;
  return Buffer.from(text).toString("base64url");
}

/** @throws InvalidArgument it was not made by us */
export function positionOf(token: string): Position {
  const bytes = Buffer.from(token, "base64url");
  const text = bytes.toString();
  const intact = bytes.toString("base64url") === token && Buffer.from(text).equals(bytes);
  if (intact && text.startsWith("k")) return { afterKey: text.slice(1) };
  if (intact && text.startsWith("p")) return { afterPrefix: text.slice(1) };
  throw invalidArgument("The continuation token provided is incorrect", { name: "continuation-token", value: token });
}
