import type { ByteStream } from "../../../wire/shapes.ts";

/**
 * The port of blob stores: bytes under ids of 32 hex digits, written once and never changed. Who refers to which blob is
 * not their business. `blob-store.suite.ts` is the meaning of this page.
 */
export interface BlobStore {
  /** Makes ready and drops what interrupted writers have left. Called once, before anything else. */
  open(): Promise<void>;
  /** Starts a blob. @throws {BlobStoreFull} */
  create(id: string): Promise<BlobWriter>;
  /**
   * Some of its bytes, at the reader's pace. A blob that is removed while it is read goes on to its end. Bytes that are not
   * what was written are never passed on: the stream throws BlobDamaged in their place.
   */
  read(id: string, range: { readonly startByte: number; readonly bytes: number }): ByteStream;
  /** How many bytes it has; undefined where there is none of that id. */
  size(id: string): Promise<number | undefined>;
  /** Removes for good; what is gone already is no mistake. */
  remove(ids: readonly string[]): Promise<void>;
  /** The ids of all blobs, in bounded pieces and in no order. */
  list(): AsyncIterable<readonly string[]>;
}

export interface BlobWriter {
  /** Takes the bytes over; resolves when it is willing to take more. @throws {BlobStoreFull} */
  write(bytes: Uint8Array): Promise<void>;
  /** Resolves when all bytes and the blob's name are on stable storage; not before can it be read. @throws {BlobStoreFull} */
  finish(): Promise<void>;
  /** Gives the blob up, at any time before `finish` has resolved. */
  discard(): Promise<void>;
}

/** No space is left, or no quota. */
export class BlobStoreFull extends Error {
  override readonly name = "BlobStoreFull";
}

/** A blob is not what was written, where it was read. */
export class BlobDamaged extends Error {
  override readonly name = "BlobDamaged";
}
