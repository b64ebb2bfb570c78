import type { Departure } from "../kernel/departure.ts";
import type { ByteStream } from "./shapes.ts";

/** An HTTP request as it came, whether through a socket or from a test. */
export interface HttpRequest {
  readonly method: string;
  /** Path and query string as received: never decoded, never normalised. */
  readonly target: string;
  /** Header names and values in turn, as received; values are Latin-1 text of the bytes. */
  readonly rawHeaders: readonly string[];
  /** Lower-case names; of repeated headers the first. */
  readonly headers: Readonly<Record<string, string | undefined>>;
  readonly body: RequestBody;
  readonly remoteAddress: string;
  /** Aborts when the caller has gone. */
  readonly signal: Departure;
  /** Lets go of what it holds for a request that waits: its headers. They are empty from then on. */
  forget?(): void;
}

/** The bytes of a request, read at most once, in one of two ways. */
export interface RequestBody {
  /**
   * All bytes.
   * @throws {BodyTooLarge} as soon as more than `bytesMax` are announced or have come. @throws {BodyTooSlow}
   */
  bytes(bytesMax: number): Promise<Buffer>;
  /** The bytes as they come; the sender is slowed to the reader's pace. */
  stream(): ByteStream;
}

export class BodyTooLarge extends Error {
  override readonly name = "BodyTooLarge";
}

/** The sender keeps the server waiting for the rest of a body. */
export class BodyTooSlow extends Error {
  override readonly name = "BodyTooSlow";
}

export interface HttpResponse {
  readonly status: number;
  /** Lower-case names. */
  readonly headers: Record<string, string>;
  /** Text and bytes are sent with their length; a stream at the reader's pace. */
  readonly body: string | Uint8Array | ByteStream | undefined;
}

/** A body that is already in memory, for requests without a socket. */
export function bodyOf(bytes: Uint8Array | string): RequestBody {
  const buffer = typeof bytes === "string" ? Buffer.from(bytes) : Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  return {
    async bytes(bytesMax) {
      if (buffer.length > bytesMax) throw new BodyTooLarge(`${buffer.length} bytes, at most ${bytesMax} are taken`);
      return buffer;
    },
    async *stream() {
      if (buffer.length > 0) yield buffer;
    },
  };
}
