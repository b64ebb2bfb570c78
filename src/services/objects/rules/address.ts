import { isBucketName } from "./bucket-name.ts";
import { invalidUri, keyTooLong } from "./errors.ts";
import { KEY_BYTES_MAX } from "./limits.ts";

/** What a request is about, as its host and its path say. */
export interface Address {
  /** Undefined: the service itself (the list of buckets). */
  readonly bucket: string | undefined;
  /** Undefined: the bucket itself. */
  readonly key: string | undefined;
  /** Parameters of the query string in their order, decoded. A name without `=` has the value "". */
  readonly parameters: ReadonlyMap<string, string>;
}

/**
 * Reads the address of a request. The bucket stands in the host (`photos.s3.localhost`) or first in the path; the key is
 * the rest of the path, decoded once and never normalised: `//`, `.`, `..`, `%2F` and a slash at the end all belong to it.
 * @param host the Host header; its port and letter case do not matter. @param target path and query string as received.
 * @param baseHosts lower-case names under which buckets are hosts.
 * @throws InvalidURI, KeyTooLongError
 */
export function addressOf(host: string | undefined, target: string, baseHosts: readonly string[]): Address {
  const question = target.indexOf("?");
  const path = question < 0 ? target : target.slice(0, question);
  const parameters = parametersOf(question < 0 ? "" : target.slice(question + 1));
  const hosted = bucketOfHost(host, baseHosts);
  const rest = path.startsWith("/") ? path.slice(1) : path;
  if (hosted !== undefined) return { bucket: hosted, key: keyOf(rest), parameters };
  const slash = rest.indexOf("/");
  const bucket = decode(slash < 0 ? rest : rest.slice(0, slash));
  return { bucket: bucket === "" ? undefined : bucket, key: slash < 0 ? undefined : keyOf(rest.slice(slash + 1)), parameters };
}

/** The bucket named by a host such as `photos.localhost:4566`; buckets may contain dots, so the longest base wins. */
export function bucketOfHost(host: string | undefined, baseHosts: readonly string[]): string | undefined {
  if (host === undefined) return undefined;
  const name = host.toLowerCase().replace(/:\d*$/, "").replace(/\.$/, "");
  if (baseHosts.includes(name)) return undefined;
  const base = baseHosts.filter((base) => name.endsWith(`.${base}`)).sort((a, b) => b.length - a.length)[0];
  if (base === undefined) return undefined;
  const bucket = name.slice(0, -base.length - 1);
  return isBucketName(bucket) ? bucket : undefined;
}

function keyOf(encoded: string): string | undefined {
  if (encoded === "") return undefined;
  const key = decode(encoded);
  checkKey(key);
  return key;
}

/** @throws KeyTooLongError */
export function checkKey(key: string): void {
  const bytes = Buffer.byteLength(key);
  if (bytes > KEY_BYTES_MAX) throw keyTooLong(bytes, KEY_BYTES_MAX);
}

/** Percent-decoding, once, as UTF-8; a plus is a plus. Bytes that a careless client left unencoded are UTF-8 too. */
function decode(encoded: string): string {
  try {
    return decodeURIComponent(encoded.replace(/[\u0080-\u00ff]/g, (byte) => `%${byte.charCodeAt(0).toString(16)}`));
  } catch {
    throw invalidUri(encoded);
  }
}

/** In query strings a plus is a space. Of a repeated name the first counts, as it does when signatures are checked. */
export function parametersOf(query: string): ReadonlyMap<string, string> {
  const parameters = new Map<string, string>();
  for (const pair of query.split("&")) {
    if (pair === "") continue;
    const equals = pair.indexOf("=");
    const name = decode((equals < 0 ? pair : pair.slice(0, equals)).replaceAll("+", " "));
    const value = equals < 0 ? "" : decode(pair.slice(equals + 1).replaceAll("+", " "));
    if (!parameters.has(name)) parameters.set(name, value);
  }
  return parameters;
}
