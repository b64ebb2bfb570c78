import type { Pointer } from "./rules/pointer.ts";

/** What was found under a key. */
export interface StoredText {
  readonly text: string;
  /** Of this version; a write can be made to depend on it. */
  readonly etag: string;
}

/** When a write may happen: only where there is nothing yet, or only over the version that was read. */
export type WriteCondition = { readonly ifNone: true } | { readonly ifMatch: string };

/**
 * What a pipeline asks of the object store, in one bucket: conditional writes decide who of several workers was first.
 * Each throws what the AWS SDK throws.
 */
export interface Objects {
  readonly bucket: string;
  /** @returns `undefined` where there is no object. */
  read(key: string, signal?: AbortSignal): Promise<StoredText | undefined>;
  /** @returns the new version, or `undefined` where the condition did not hold. */
  write(
    key: string,
    text: string,
    options?: { readonly condition?: WriteCondition; readonly signal?: AbortSignal },
  ): Promise<string | undefined>;
  /** Keys that begin so, in their order; all of them. */
  list(prefix: string, signal?: AbortSignal): Promise<string[]>;
  /** Also of objects that are not there. */
  remove(keys: readonly string[]): Promise<void>;
  /** The text at a pointer, which may be in another bucket. @throws when there is none, or it is larger than `bytesMax`. */
  follow(pointer: Pointer, bytesMax: number, signal?: AbortSignal): Promise<string>;
  getBytes(key: string, signal?: AbortSignal): Promise<Uint8Array | undefined>;
  putBytes(
    key: string,
    bytes: Uint8Array | string,
    options: { readonly contentType?: string | undefined; readonly signal?: AbortSignal | undefined },
  ): Promise<void>;
}
