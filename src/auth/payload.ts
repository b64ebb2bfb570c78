import type { HttpRequest } from "../wire/http.ts";
import type { BodyCheck, ChunkedCheck, ChunkSigning } from "./auth.ts";
import { type AuthErrors, CHUNK_ERRORS } from "./errors.ts";
import { isHexDigest } from "./hmac.ts";

/** What `x-amz-content-sha256` may say beside a hash. */
const UNSIGNED = "UNSIGNED-PAYLOAD";
const STREAMING_UNSIGNED_TRAILER = "STREAMING-UNSIGNED-PAYLOAD-TRAILER";
const STREAMING_SIGNED = "STREAMING-AWS4-HMAC-SHA256-PAYLOAD";
const STREAMING_SIGNED_TRAILER = "STREAMING-AWS4-HMAC-SHA256-PAYLOAD-TRAILER";
const WORDS: ReadonlySet<string> = new Set([UNSIGNED, STREAMING_UNSIGNED_TRAILER, STREAMING_SIGNED, STREAMING_SIGNED_TRAILER]);

export const NO_CHECK: BodyCheck = { kind: "none" };

export function isUnsignedPayload(declared: string): boolean {
  return declared === UNSIGNED || declared === STREAMING_UNSIGNED_TRAILER;
}

/** Whether S3 knows the value: a hash or one of the four words. */
export function isS3ContentSha256(declared: string): boolean {
  return WORDS.has(declared) || isHexDigest(declared);
}

/** Whether bytes follow the head. HTTP/1.1 announces each body by one of two headers (RFC 9112 section 6). */
export function announcesBody(request: HttpRequest): boolean {
  return (request.headers["content-length"] ?? "0") !== "0" || request.headers["transfer-encoding"] !== undefined;
}

/**
 * What must hold of the body of an S3 request.
 * @param of.declared the trusted value of `x-amz-content-sha256`; undefined where nothing is claimed.
 * @param of.signing the request's own key and signature, from which signed chunks go on; absent where none is checked.
 * @throws {ServiceError} where the body is framed and its decoded length is not announced.
 */
export function s3BodyCheck(
  request: HttpRequest,
  of: { declared: string | undefined; signing: Omit<ChunkSigning, "trailers"> | undefined; errors: AuthErrors },
): BodyCheck {
  const { declared, errors } = of;
  const sha256 = declared !== undefined && isHexDigest(declared) ? declared : undefined;
  if (!isChunked(request)) {
    if (declared?.startsWith("STREAMING-") !== true) return sha256 === undefined ? NO_CHECK : { kind: "sha256", hex: sha256, errors };
  }
  const signed = declared === STREAMING_SIGNED || declared === STREAMING_SIGNED_TRAILER;
  const signing = signed && of.signing !== undefined ? { ...of.signing, trailers: declared === STREAMING_SIGNED_TRAILER } : undefined;
  return chunkedCheck(request, { sha256, signing, errors });
}

/** By the word in `x-amz-content-sha256`, the encoding, or the decoded length: clients are known that send only one of them. */
function isChunked(request: HttpRequest): boolean {
  const { headers } = request;
  if (headers["x-amz-content-sha256"]?.startsWith("STREAMING-") === true) return true;
  if (headers["x-amz-decoded-content-length"] !== undefined) return true;
  const encodings = headers["content-encoding"];
  return encodings !== undefined && encodings.split(",").some((encoding) => encoding.trim().toLowerCase() === "aws-chunked");
}

function chunkedCheck(request: HttpRequest, of: Pick<ChunkedCheck, "sha256" | "signing" | "errors">): ChunkedCheck {
  const length = request.headers["x-amz-decoded-content-length"] ?? "";
  if (!/^\d{1,15}$/.test(length)) throw CHUNK_ERRORS.missingDecodedLength();
  const announced = request.headers["x-amz-trailer"] ?? "";
  const trailers = announced
    .split(",")
    .map((name) => name.trim().toLowerCase())
    .filter((name) => name !== "");
  // A trailer that no signature covers could be changed on the way, whatever the request's own signature says.
  if (trailers.length > 0 && of.signing?.trailers === false) throw CHUNK_ERRORS.unsignedTrailer();
  return { kind: "chunked", decodedBytes: Number(length), trailers, ...of };
}
