import type { CheckArgs, CheckPiece } from "../../../storage/storage.ts";
import type { ChecksumAlgorithm, ChecksumType, Checksum } from "../rules/checksum.ts";
import type { WriteCondition } from "../rules/conditions.ts";
import type { Position } from "../rules/listing.ts";
import type { UploadChecksum } from "../rules/multipart.ts";
import type { ByteRange } from "../rules/range.ts";
import type { Segment } from "../rules/segments.ts";

/**
 * The store port of the object service: everything about objects but their bytes, which a blob store holds. An object
 * has a content, which is a list of segments of blobs and never changes; copies share it. What an operation refuses
 * with (`rules/errors.ts`) writes nothing. `store.suite.ts` is the meaning of this page, run on every engine.
 */
export interface ObjectOperations {
  // Buckets

  /** Creates a bucket; `created` is false where the account has one of that name in that region already. */
  createBucket(args: NewBucket): { created: boolean };
  findBucket(args: { name: string }): BucketDescription | undefined;
  /** Removes an empty bucket, together with uploads that were never completed. */
  deleteBucket(args: { bucketId: number }): void;
  /** An account's buckets in ascending order of their names, from the one after `after`. */
  listBuckets(args: { account: string; prefix: string; after: string; limit: number }): { buckets: BucketSummary[]; more: boolean };
  /** Sets or, with null, removes one setting. */
  setBucketSetting(args: { bucketId: number; setting: BucketSetting; value: string | null }): void;

  // Objects

  /** By the bucket's name, so that both can be asked for at once. */
  findObject(args: { bucket: string; key: string }): ObjectDescription | undefined;
  /** The segments that hold those bytes of a content; fewer where the content is gone by now. */
  readSegments(args: { contentId: number; range: ByteRange }): Segment[];
  /** Parts of an object that was uploaded in parts, by ascending number from the one after `after`. */
  listObjectParts(args: { contentId: number; after: number; limit: number }): { parts: PartDescription[]; more: boolean };
  /** Makes an object visible under a key, in place of the one that was there. */
  putObject(args: { object: NewObject; segments: readonly Segment[]; condition: WriteCondition | undefined }): Written;
  /** The same with the content of another object, which must still be the one that was read. */
  copyObject(args: { object: NewObject; sourceId: number; condition: WriteCondition | undefined }): Written;
  /** Removes the object of a key, if there is one. */
  deleteObject(args: { bucketId: number; key: string; condition: WriteCondition | undefined }): { existed: boolean };
  setObjectTags(args: { bucketId: number; key: string; tags: Tags }): void;
  /**
   * Refuses a unit of changes that are told of, and were numbered on several threads, if a change of one of the keys with a
   * higher number was committed before: they would be told of the wrong way round. @throws OperationAborted
   */
  checkSequence(args: { bucketId: number; changes: readonly { key: string; sequencer: string }[] }): void;
  /** Keys and common prefixes together in the order of their UTF-8 bytes; `next` where more follow. */
  listObjects(args: ListArgs): { entries: ListEntry[]; next: Position | undefined };

  // Uploads in parts

  createUpload(args: NewUpload): { createdMs: number };
  findUpload(args: UploadRef): UploadDescription;
  /** Puts a part in place of one of the same number. */
  putPart(args: { upload: UploadRef; part: NewPart; segments: readonly Segment[] }): { modifiedMs: number };
  /** The same with bytes of an object, which must still be the one that was read. */
  copyPart(args: { upload: UploadRef; part: NewPart; sourceId: number; range: ByteRange }): { modifiedMs: number };
  /** Parts by ascending number, from the one after `after`. */
  listParts(args: { upload: UploadRef; after: number; limit: number }): { parts: PartDescription[]; more: boolean };
  /** Uploads that are neither completed nor aborted, by key and then by age. */
  listUploads(args: ListUploadsArgs): { entries: UploadEntry[]; next: UploadPosition | undefined };
  /** Makes an object of the listed parts and drops the others; the answer is kept for a client that lost it. */
  completeUpload(args: Completion): Written;
  abortUpload(args: { upload: UploadRef }): void;

  // Blobs

  /** A number that no earlier start has had: blobs that carry a lower one were written by a process that is gone. */
  startGeneration(args: Record<never, never>): number;
  /** Blobs that nothing refers to, and never will again; from the one after `after`. */
  listGarbage(args: { after: string; limit: number }): string[];
  /** To be called when the bytes are gone. */
  forgetGarbage(args: { blobs: readonly string[] }): void;
  /** Of blobs that were found in the blob store, notes those as garbage to which nothing refers. */
  adoptOrphans(args: { blobs: readonly string[] }): { adopted: number };
  /** A bounded piece of tidying up: contents of deleted objects, answers of completed uploads. True: there is more. */
  tidy(args: { limit: number }): boolean;
  /**
   * Looks for what is wrong in the tables, and tells what must be in the blobs, a bounded number of objects at a time. It
   * writes nothing.
   */
  check(args: CheckArgs): CheckPiece & { readonly contents: CheckedContent[] };
}

/** The names of the operations, for whoever makes a client of them. */
export const OBJECT_OPERATIONS = [
  "createBucket",
  "findBucket",
  "deleteBucket",
  "listBuckets",
  "setBucketSetting",
  "findObject",
  "readSegments",
  "listObjectParts",
  "putObject",
  "copyObject",
  "deleteObject",
  "setObjectTags",
  "checkSequence",
  "listObjects",
  "createUpload",
  "findUpload",
  "putPart",
  "copyPart",
  "listParts",
  "listUploads",
  "completeUpload",
  "abortUpload",
  "startGeneration",
  "listGarbage",
  "forgetGarbage",
  "adoptOrphans",
  "tidy",
  "check",
] as const satisfies readonly (keyof ObjectOperations)[];

/** Bytes that must be what was sent, with the segments in which they lie. */
export interface CheckedContent {
  /** `object harbour.jpg of bucket photos`, and which part of it: for whoever is told of it. */
  readonly name: string;
  readonly segments: Segment[];
  /** Hex. */
  readonly md5: string;
}

export type Tags = Readonly<Record<string, string>>;

export interface NewBucket {
  readonly name: string;
  /** The owner, twelve digits. */
  readonly account: string;
  readonly region: string;
  readonly tags: Tags;
}

export interface BucketSummary {
  readonly name: string;
  readonly region: string;
  readonly createdMs: number;
}

/** Configurations of a bucket, kept as JSON text of what the rules made of them. */
export type BucketSetting = "cors" | "notifications" | "tags";

export interface BucketDescription extends BucketSummary {
  readonly id: number;
  readonly account: string;
  readonly settings: { readonly [S in BucketSetting]?: string };
}

/** What a sender says about an object. */
export interface ObjectAttributes {
  /** Content-Type and its like, by the lower-case names of their headers. */
  readonly headers: Readonly<Record<string, string>>;
  readonly metadata: Readonly<Record<string, string>>;
  readonly tags: Tags;
  readonly storageClass: string;
}

export interface NewObject extends ObjectAttributes {
  readonly bucketId: number;
  readonly key: string;
  readonly sizeBytes: number;
  /** Without quotes. */
  readonly etag: string;
  readonly checksum: Checksum;
}

export interface ObjectDescription extends NewObject {
  /** Another object under the same key has another number. */
  readonly id: number;
  readonly contentId: number;
  /** How many parts it was uploaded in; 0: not in parts. */
  readonly partsCount: number;
  readonly modifiedMs: number;
  /** All segments, where they are few; else undefined, and `readSegments` has them. */
  readonly segments: Segment[] | undefined;
}

export interface Written {
  readonly modifiedMs: number;
}

export interface ListArgs {
  readonly bucketId: number;
  readonly prefix: string;
  /** Empty: none. */
  readonly delimiter: string;
  readonly from: Position | undefined;
  readonly limit: number;
}

export interface ObjectSummary {
  readonly key: string;
  readonly sizeBytes: number;
  readonly modifiedMs: number;
  readonly etag: string;
  readonly checksumAlgorithm: ChecksumAlgorithm;
  readonly checksumType: ChecksumType;
  readonly storageClass: string;
}

export type ListEntry = ObjectSummary | { readonly commonPrefix: string };

export interface UploadRef {
  readonly bucketId: number;
  readonly key: string;
  readonly uploadId: string;
}

export interface NewUpload extends UploadRef, ObjectAttributes {
  readonly checksum: UploadChecksum | null;
}

export interface UploadDescription extends NewUpload {
  readonly createdMs: number;
  /** Grows with each part, so that a completion knows the parts that it has looked at. */
  readonly revision: number;
  /** The answer, if the upload was completed a short while ago. All other operations take it for gone then. */
  readonly completed: CompletedUpload | undefined;
}

export interface NewPart {
  readonly number: number;
  readonly sizeBytes: number;
  /** MD5 in hex. */
  readonly etag: string;
  /** Base64, in the algorithm of the upload; CRC64NVME where that has none. */
  readonly checksum: string;
}

export interface PartDescription extends NewPart {
  readonly modifiedMs: number;
}

export interface ListUploadsArgs {
  readonly bucketId: number;
  readonly prefix: string;
  readonly delimiter: string;
  readonly from: UploadPosition | undefined;
  readonly limit: number;
}

/** After all uploads of the key, after one of them, or after all keys that begin so. */
export type UploadPosition = Position | { readonly afterKey: string; readonly uploadId: string };

export interface UploadSummary extends Pick<NewUpload, "key" | "uploadId" | "storageClass" | "checksum"> {
  readonly createdMs: number;
}

export type UploadEntry = UploadSummary | { readonly commonPrefix: string };

export interface Completion {
  readonly upload: UploadRef;
  /** Of the upload when its parts were read. */
  readonly revision: number;
  readonly partNumbers: readonly number[];
  readonly object: NewObject;
  readonly condition: WriteCondition | undefined;
  readonly completed: CompletedUpload;
}

export interface CompletedUpload {
  /** What the request listed, hashed. */
  readonly partsHash: string;
  readonly etag: string;
  readonly checksum: Checksum;
}
