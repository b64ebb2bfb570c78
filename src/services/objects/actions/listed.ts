import { ServiceError } from "../../../kernel/service-error.ts";
import { invalidArgument } from "../rules/errors.ts";
import { encodingOf, encoder, markerPosition, pageSize, type Position } from "../rules/listing.ts";
import { quotedEtag } from "../rules/conditions.ts";
import type { ListEntry, ObjectSummary, UploadPosition, UploadRef } from "../store/store.ts";
import type { Context } from "./context.ts";
import { ownerId } from "./owned.ts";

/** What both versions of ListObjects have in common. */

export interface ListInput {
  readonly Delimiter?: string | undefined;
  readonly EncodingType?: string | undefined;
  readonly MaxKeys?: string | undefined;
  readonly Prefix?: string | undefined;
}

export interface Listed {
  readonly entries: readonly ListEntry[];
  readonly next: Position | undefined;
  readonly limit: number;
  readonly encoded: ReturnType<typeof encoder>;
}

/** @param from where the page begins, once prefix and delimiter are known. */
export async function listPage(
  { store }: Context,
  bucketId: number,
  asked: { input: ListInput; from: Position | undefined },
): Promise<Listed> {
  const { input, from } = asked;
  const limit = pageSize(input.MaxKeys, "max-keys");
  const encoded = encoder(encodingOf(input.EncodingType));
  const page = await store.listObjects({ bucketId, prefix: input.Prefix ?? "", delimiter: input.Delimiter ?? "", from, limit });
  return { ...page, limit, encoded };
}

/** The members that both answers have. @param withOwner of which account, where items are to name it. */
export function listAnswer({ entries, next, limit, encoded }: Listed, input: ListInput, withOwner: string | undefined) {
  const delimiter = input.Delimiter === "" ? undefined : input.Delimiter;
  return {
    IsTruncated: next !== undefined,
    Contents: entries.flatMap((entry) => ("commonPrefix" in entry ? [] : [itemOf(entry, encoded, withOwner)])),
    Prefix: encoded(input.Prefix ?? ""),
    Delimiter: encoded(delimiter),
    MaxKeys: limit,
    CommonPrefixes: entries.flatMap((entry) => ("commonPrefix" in entry ? [{ Prefix: encoded(entry.commonPrefix) }] : [])),
    EncodingType: input.EncodingType,
  };
}

export function itemOf(object: ObjectSummary, encoded: Listed["encoded"], withOwner: string | undefined) {
  return {
    Key: encoded(object.key),
    LastModified: object.modifiedMs,
    ETag: quotedEtag(object.etag),
    ChecksumAlgorithm: [object.checksumAlgorithm],
    ChecksumType: object.checksumType,
    Size: object.sizeBytes,
    StorageClass: object.storageClass,
    Owner: withOwner === undefined ? undefined : { DisplayName: withOwner, ID: ownerId(withOwner) },
  };
}

/** An id without a key means nothing; with one it must be that of an upload of this key. @throws InvalidArgument */
export async function uploadPosition(
  { store }: Context,
  marker: UploadRef,
  of: { prefix: string; delimiter: string },
): Promise<UploadPosition | undefined> {
  if (marker.key === "") return undefined;
  if (marker.uploadId === "") return markerPosition(marker.key, of.prefix, of.delimiter);
  try {
    await store.findUpload(marker);
  } catch (error) {
    if (!(error instanceof ServiceError)) throw error;
    throw invalidArgument("Invalid uploadId marker", { name: "upload-id-marker", value: marker.uploadId });
  }
  return { afterKey: marker.key, uploadId: marker.uploadId };
}
