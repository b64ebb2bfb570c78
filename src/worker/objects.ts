import type { Pointer } from "./rules/pointer.ts";

/** What was found under a key. */
export interface StoredText {
  readonly text: string;
  /** Of this version; a write can be made to depend on it. */
  readonly etag: string;
}

/** What a listing says of an object. */
export interface ListedObject {
  readonly key: string;
  readonly etag: string;
  /** When it was last written, in epoch milliseconds, by the store's clock. */
  readonly modifiedMs: number;
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
  /** Up to a thousand objects whose keys begin so and come after `afterKey`, in the order of their keys. */
  page(
    prefix: string,
    afterKey: string,
    signal?: AbortSignal,
  ): Promise<{ readonly objects: readonly ListedObject[]; readonly isLast: boolean }>;
  /** Also of objects that are not there. */
  remove(keys: readonly string[]): Promise<void>;
  /** Up to a thousand; those that have been written since they were listed stay. @returns how many it has removed. */
  removeVersions(objects: readonly ListedObject[]): Promise<number>;
  /** The text at a pointer, which may be in another bucket. @throws when there is none, or it is larger than `bytesMax`. */
  follow(pointer: Pointer, bytesMax: number, signal?: AbortSignal): Promise<string>;
  getBytes(key: string, signal?: AbortSignal): Promise<Uint8Array | undefined>;
  putBytes(
    key: string,
    bytes: Uint8Array | string,
    options: { readonly contentType?: string | undefined; readonly signal?: AbortSignal | undefined },
  ): Promise<void>;
}
