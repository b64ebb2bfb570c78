import { compareBytes, decode, encode, encodePath, type Parameter } from "./percent.ts";

const PLAIN_PATH = /^[A-Za-z0-9\-._~/]*$/;
const PATH_TO_NORMALISE = /\/\/|\/\.{1,2}(?:\/|$)/;

/**
 * The path as S3 signs it: each byte encoded once, nothing normalised, so that `//`, `..` and `%2F` are part of a key.
 * @returns undefined where it cannot be percent-decoded.
 */
export function canonicalS3Path(path: string): string | undefined {
  if (PLAIN_PATH.test(path)) return path;
  const segments: string[] = [];
  // Cut first, then decoded: an encoded slash is part of a name and must not become a separator.
  for (const segment of path.split("/")) {
    const decoded = decode(segment);
    if (decoded === undefined) return undefined;
    segments.push(encode(decoded));
  }
  return segments.join("/");
}

/** The path as every other service signs it: normalised, then encoded once more as it stands. */
export function canonicalServicePath(path: string): string {
  if (path === "/") return path;
  return encodePath(PATH_TO_NORMALISE.test(path) ? normalise(path) : path);
}

/** Empty and `.` segments are dropped, `..` drops the one before it (RFC 3986 section 6); a slash at the end stays. */
function normalise(path: string): string {
  const segments: string[] = [];
  for (const segment of path.split("/")) {
    if (segment === "..") segments.pop();
    else if (segment !== "" && segment !== ".") segments.push(segment);
  }
  return `/${segments.join("/")}${segments.length > 0 && path.endsWith("/") ? "/" : ""}`;
}

/** Sorted by encoded name, then by encoded value; each with its `=`. */
export function canonicalQuery(parameters: readonly Parameter[]): string {
  return parameters
    .toSorted((left, right) => compareBytes(left.encodedName, right.encodedName) || compareBytes(left.encodedValue, right.encodedValue))
    .map(({ encodedName, encodedValue }) => `${encodedName}=${encodedValue}`)
    .join("&");
}

/** A header's value as it is signed: without space around it, runs of spaces inside made one. */
export function canonicalValue(value: string): string {
  const plain = value.includes(" ") ? !value.includes("  ") && !value.startsWith(" ") && !value.endsWith(" ") : true;
  if (plain && !value.includes("\t")) return value;
  return value.replaceAll(/[ \t]+/g, " ").replaceAll(/^ | $/g, "");
}
