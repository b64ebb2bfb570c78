import type { Readable } from "node:stream";

/** What the service asks of an object store, so that its parts can be tested without one. */
export interface Objects {
  /**
   * The whole object, or `undefined` if there is none.
   * @throws {TooLarge} before reading when it has more than `bytesMax` bytes.
   */
  read(bucket: string, key: string, bytesMax: number): Promise<Buffer | undefined>;
  /** The object as a stream that is read as fast as its reader takes it, or `undefined` if there is none. */
  stream(bucket: string, key: string): Promise<Readable | undefined>;
  exists(bucket: string, key: string): Promise<boolean>;
  write(bucket: string, key: string, object: { readonly bytes: Buffer; readonly contentType: string }): Promise<void>;
  remove(bucket: string, key: string): Promise<void>;
  readJson(bucket: string, key: string): Promise<Versioned | undefined>;
  /**
   * Writes only if the object is still what the writer has seen.
   * @param expected the ETag that was read, or `"none"` if there must be no object.
   * @returns the new ETag, or `undefined` if somebody else was faster.
   */
  writeJson(bucket: string, key: string, change: { readonly value: unknown; readonly expected: string }): Promise<string | undefined>;
  /** Keys in their order, each with its ETag and the time of its last change. */
  list(bucket: string, prefix: string): AsyncIterable<Listed>;
  /** A URL to which a browser may PUT exactly `bytes` bytes, for ten minutes. */
  uploadUrl(bucket: string, key: string, upload: { readonly bytes: number; readonly contentType: string }): Promise<string>;
  /** A URL from which a browser may GET the object, for an hour. With a `fileName` it is saved and not shown. */
  downloadUrl(bucket: string, key: string, fileName?: string): Promise<string>;
}

export interface Versioned {
  readonly value: unknown;
  readonly etag: string;
}

export interface Listed {
  readonly key: string;
  readonly etag: string;
  readonly changedMs: number;
}

export class TooLarge extends Error {
  override readonly name = "TooLarge";
}

/** Puts a message into a queue. */
export type Send = (queue: string, body: unknown) => Promise<void>;
/** Puts many messages into a queue, ten to a request. */
export type SendAll = (queue: string, bodies: readonly unknown[]) => Promise<void>;
