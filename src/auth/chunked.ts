import { createHash } from "node:crypto";
import { assert } from "../kernel/assert.ts";
import type { ByteStream } from "../wire/shapes.ts";
import type { ChunkedCheck } from "./auth.ts";
import type { CheckedBody } from "./body.ts";
import { CHUNK_ERRORS } from "./errors.ts";
import { sha256Hex } from "./hmac.ts";
import { LineReader } from "./line-reader.ts";
import { chunkStringToSign, trailerStringToSign } from "./scope.ts";

/** A chunk's first line and a trailer each have this much room. */
const LINE_BYTES_MAX = 1024;
const CHUNK_HEADER = /^([0-9a-fA-F]{1,13})(?:;chunk-signature=([0-9a-f]{64}))?$/;
const TRAILER = /^([A-Za-z0-9-]+):[ \t]*([\x21-\x7e](?:[\x20-\x7e]*[\x21-\x7e])?)[ \t]*$/;
const TRAILER_SIGNATURE = "x-amz-trailer-signature";

/**
 * Decodes aws-chunked, verifying each chunk's signature and the trailers' where there are some. Chunks may be of any
 * size, and the network may have split them anywhere: memory does not grow with either.
 *
 *     10000;chunk-signature=b474d8862b1487a5…CRLF
 *     65,536 bytesCRLF
 *     0;chunk-signature=2ca2aba2005185cf…CRLF
 *     x-amz-checksum-crc32c:sOO8/Q==CRLF
 *     x-amz-trailer-signature:d81f82fc3505edab…CRLF
 *     CRLF
 *
 * The last line may be missing. Source: Amazon S3 API Reference, "Signature Calculations for the Authorization Header:
 * Transferring Payload in Multiple Chunks".
 * @throws {ServiceError} while reading: IncompleteBody, MalformedTrailerError, SignatureDoesNotMatch.
 */
export function decodeChunked(source: ByteStream, check: ChunkedCheck): CheckedBody {
  const decoder = new ChunkDecoder(source, check);
  return {
    stream: decoder.decode(),
    trailers() {
      assert(decoder.trailers !== undefined, "trailers come after the body has been read to its end");
      return decoder.trailers;
    },
  };
}

class ChunkDecoder {
  trailers: Record<string, string> | undefined;
  readonly #reader: LineReader;
  readonly #check: ChunkedCheck;
  /** The signature that the next one covers. */
  #previous: string;
  #decodedBytes = 0;

  constructor(source: ByteStream, check: ChunkedCheck) {
    this.#reader = new LineReader(source);
    this.#check = check;
    this.#previous = check.signing?.seed ?? "";
  }

  async *decode(): AsyncGenerator<Uint8Array> {
    try {
      for (let more = true; more;) {
        const { size, signature } = await this.#header();
        if (size > 0) yield* this.#data(size, signature);
        else this.#checkChunk(signature, sha256Hex(""));
        more = size > 0;
      }
      if (this.#decodedBytes !== this.#check.decodedBytes) {
        throw CHUNK_ERRORS.incompleteBody(`${this.#check.decodedBytes} were announced, ${this.#decodedBytes} came.`);
      }
      this.trailers = await this.#readTrailers();
    } finally {
      await this.#reader.close();
    }
  }

  async #header(): Promise<{ size: number; signature: string | undefined }> {
    const line = await this.#reader.line(LINE_BYTES_MAX);
    if (line === undefined) throw CHUNK_ERRORS.incompleteBody("the body ended before its last chunk.");
    const match = typeof line === "string" ? CHUNK_HEADER.exec(line) : null;
    if (match === null) throw CHUNK_ERRORS.incompleteBody("a chunk does not begin with its size.");
    const size = Number.parseInt(match[1] ?? "", 16);
    if (this.#decodedBytes + size > this.#check.decodedBytes) {
      throw CHUNK_ERRORS.incompleteBody(`${this.#check.decodedBytes} were announced, more came.`);
    }
    return { size, signature: match[2] };
  }

  async *#data(size: number, signature: string | undefined): AsyncGenerator<Uint8Array> {
    const hash = this.#check.signing === undefined ? undefined : createHash("sha256");
    for (let left = size; left > 0;) {
      const piece = await this.#reader.some(left);
      if (piece === undefined) throw CHUNK_ERRORS.incompleteBody("the body ended within a chunk.");
      hash?.update(piece);
      left -= piece.length;
      this.#decodedBytes += piece.length;
      yield piece;
    }
    if ((await this.#reader.line(0)) !== "") throw CHUNK_ERRORS.incompleteBody("a chunk is not as long as it says.");
    if (hash !== undefined) this.#checkChunk(signature, hash.digest("hex"));
  }

  #checkChunk(signature: string | undefined, sha256: string): void {
    const { signing } = this.#check;
    if (signing !== undefined) this.#checkSignature(signature, chunkStringToSign(signing, this.#previous, sha256));
  }

  #checkSignature(signature: string | undefined, stringToSign: string): void {
    const { signing, errors } = this.#check;
    assert(signing !== undefined, "only signed chunks have a signature to check");
    if (signature === undefined || !signing.key.matches(stringToSign, signature)) {
      throw errors.wrongSignature({ accessKeyId: signing.accessKeyId, signature: signature ?? "", stringToSign });
    }
    this.#previous = signature;
  }

  /** Those that were announced, each once, no other, and the signature over them where they must be signed. */
  async #readTrailers(): Promise<Record<string, string>> {
    const trailers: Record<string, string> = {};
    const missing = new Set(this.#check.trailers);
    let signed = "";
    let signature: string | undefined;
    for (
      let line = await this.#reader.line(LINE_BYTES_MAX);
      line !== undefined && line !== "";
      line = await this.#reader.line(LINE_BYTES_MAX)
    ) {
      const [, rawName = "", value = ""] = (typeof line === "string" ? TRAILER.exec(line) : null) ?? [];
      const name = rawName.toLowerCase();
      if (signature !== undefined) throw CHUNK_ERRORS.malformedTrailer();
      if (name === TRAILER_SIGNATURE) signature = value;
      else if (missing.delete(name)) {
        trailers[name] = value;
        signed += `${name}:${value}\n`;
      } else throw CHUNK_ERRORS.malformedTrailer();
    }
    if (missing.size > 0) throw CHUNK_ERRORS.malformedTrailer();
    if ((await this.#reader.some(1)) !== undefined) throw CHUNK_ERRORS.incompleteBody("the body goes on after its end.");
    const { signing } = this.#check;
    if (signing?.trailers === true) this.#checkSignature(signature, trailerStringToSign(signing, this.#previous, sha256Hex(signed)));
    else if (signature !== undefined && signing !== undefined) throw CHUNK_ERRORS.malformedTrailer();
    return trailers;
  }
}
