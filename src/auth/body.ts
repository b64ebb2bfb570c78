import { createHash } from "node:crypto";
import { BodyTooLarge, type RequestBody } from "../wire/http.ts";
import type { ByteStream } from "../wire/shapes.ts";
import type { PayloadCheck, Sha256Check } from "./auth.ts";
import { decodeChunked } from "./chunked.ts";
import { S3_ERRORS } from "./errors.ts";
import { sha256Hex } from "./hmac.ts";

/** A body on its way. */
export interface CheckedBody {
  /**
   * Decoded bytes. The last step of reading is the proof that they were right: until the stream has ended without an
   * error nothing may be made of them.
   * @throws {ServiceError} while reading.
   */
  readonly stream: ByteStream;
  /** Trailers by lower-case name, complete once the stream has ended; empty where the body has none. */
  trailers(): Readonly<Record<string, string>>;
}

/**
 * A body of S3 as it comes, decoded and checked on the way.
 * @throws {ServiceError} at once for a payload that only tells its principal when read whole: S3 signs none like that.
 */
export function streamBody(body: RequestBody, check: PayloadCheck): CheckedBody {
  if (check.kind === "unproven" || check.kind === "form") throw S3_ERRORS.wrongContentSha256(undefined);
  if (check.kind === "chunked") {
    const decoded = decodeChunked(body.stream(), check);
    if (check.sha256 === undefined) return decoded;
    return { ...decoded, stream: sha256Stream(decoded.stream, { kind: "sha256", hex: check.sha256, errors: check.errors }) };
  }
  const stream = check.kind === "sha256" ? sha256Stream(body.stream(), check) : body.stream();
  return { stream, trailers: () => ({}) };
}

/**
 * The same read whole, for the small bodies of S3's XML.
 * @throws {BodyTooLarge} as soon as more than `bytesMax` have come.
 */
export async function readBody(body: RequestBody, check: PayloadCheck, bytesMax: number): Promise<Buffer> {
  if (check.kind === "none" || check.kind === "sha256") {
    const bytes = await body.bytes(bytesMax);
    if (check.kind === "sha256") checkSha256(bytes, check);
    return bytes;
  }
  const pieces: Uint8Array[] = [];
  let length = 0;
  for await (const piece of streamBody(body, check).stream) {
    length += piece.length;
    if (length > bytesMax) throw new BodyTooLarge(`more than ${bytesMax} bytes`);
    pieces.push(piece);
  }
  return Buffer.concat(pieces);
}

/** @throws {ServiceError} where the bytes are not those that were signed. */
export function checkSha256(bytes: Uint8Array, check: Sha256Check): void {
  const computed = sha256Hex(bytes);
  if (computed !== check.hex) throw check.errors.bodyMismatch(check.hex, computed);
}

/** Passes the bytes on and fails at their end where they are not those that were signed. */
export async function* sha256Stream(source: ByteStream, check: Sha256Check): AsyncGenerator<Uint8Array> {
  const hash = createHash("sha256");
  for await (const piece of source) {
    hash.update(piece);
    yield piece;
  }
  const computed = hash.digest("hex");
  if (computed !== check.hex) throw check.errors.bodyMismatch(check.hex, computed);
}
