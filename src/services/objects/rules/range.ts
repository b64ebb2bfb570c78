import { invalidArgument, invalidRange, invalidRequest } from "./errors.ts";

/** Bytes from `start` up to, and not including, `end`. */
export interface ByteRange {
  readonly start: number;
  readonly end: number;
}

/**
 * What a Range header asks of an object. Undefined: the whole of it; so is everything that is no single range of bytes
 * (RFC 9110 section 14.2 lets a server ignore it, and S3 does).
 * @throws InvalidRange there is no such byte
 */
export function rangeOf(header: string | undefined, sizeBytes: number): ByteRange | undefined {
  const match = /^bytes=\s*(\d*)-(\d*)\s*$/.exec(header ?? "");
  if (header === undefined || match === null) return undefined;
  const [, first = "", last = ""] = match;
  if (first === "") {
    if (last === "") return undefined;
    const suffix = Number(last);
    if (suffix === 0 || sizeBytes === 0) throw invalidRange(header, sizeBytes);
    return { start: Math.max(0, sizeBytes - suffix), end: sizeBytes };
  }
  const start = Number(first);
  if (last !== "" && Number(last) < start) return undefined;
  if (start >= sizeBytes) throw invalidRange(header, sizeBytes);
  return { start, end: last === "" ? sizeBytes : Math.min(sizeBytes, Number(last) + 1) };
}

/** `bytes 0-8/10` */
export function contentRange(range: ByteRange, sizeBytes: number): string {
  return `bytes ${range.start}-${range.end - 1}/${sizeBytes}`;
}

/**
 * `x-amz-copy-source-range`, which is stricter than Range: first and last byte, both inside the source.
 * @throws InvalidArgument, InvalidRequest
 */
export function copySourceRange(header: string, sizeBytes: number): ByteRange {
  const argument = { name: "x-amz-copy-source-range", value: header };
  const match = /^bytes=(\d+)-(\d+)$/.exec(header);
  const start = Number(match?.[1]);
  const last = Number(match?.[2]);
  if (match === null || last < start) {
    const message =
      "The x-amz-copy-source-range value must be of the form bytes=first-last where first and last are the zero-based offsets of the " +
      "first and last bytes to copy";
    throw invalidArgument(message, argument);
  }
  if (start >= sizeBytes) throw invalidRequest("The specified copy range is invalid for the source object size");
  if (last >= sizeBytes) throw invalidArgument(`Range specified is not valid for source object of size: ${sizeBytes}`, argument);
  return { start, end: last + 1 };
}
