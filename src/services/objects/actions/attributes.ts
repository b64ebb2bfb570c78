import { metadataHeaders, metadataOf, storedContentEncoding } from "../rules/metadata.ts";
import { OBJECT_TAGS_MAX } from "../rules/limits.ts";
import { taggingHeader } from "../rules/tags.ts";
import type { ObjectAttributes, ObjectDescription } from "../store/store.ts";

/** The members of `storedMembers`, as a request has them. */
export interface StoredInput {
  readonly CacheControl?: string | undefined;
  readonly ContentDisposition?: string | undefined;
  readonly ContentEncoding?: string | undefined;
  readonly ContentLanguage?: string | undefined;
  readonly ContentType?: string | undefined;
  readonly Expires?: string | undefined;
  readonly Metadata?: Record<string, string> | undefined;
  readonly StorageClass?: string | undefined;
  readonly WebsiteRedirectLocation?: string | undefined;
  readonly Tagging?: string | undefined;
}

const CONTENT_TYPE_DEFAULT = "binary/octet-stream";

/** @throws {ServiceError} MetadataTooLarge, InvalidTag, InvalidArgument */
export function attributesOf(input: StoredInput): ObjectAttributes {
  const headers = {
    "cache-control": input.CacheControl,
    "content-disposition": input.ContentDisposition,
    "content-encoding": storedContentEncoding(input.ContentEncoding),
    "content-language": input.ContentLanguage,
    "content-type": input.ContentType ?? CONTENT_TYPE_DEFAULT,
    expires: input.Expires,
    "x-amz-website-redirect-location": input.WebsiteRedirectLocation,
  };
  return {
    headers: Object.fromEntries(Object.entries(headers).flatMap(([name, value]) => (value === undefined ? [] : [[name, value]]))),
    metadata: metadataOf(input.Metadata ?? {}),
    tags: taggingHeader(input.Tagging, OBJECT_TAGS_MAX),
    storageClass: input.StorageClass ?? "STANDARD",
  };
}

/** Back into the members of an answer; a storage class is shown only where it is not the usual one. */
export function storedOutput({ headers, metadata, storageClass }: ObjectDescription): StoredInput {
  return {
    CacheControl: headers["cache-control"],
    ContentDisposition: headers["content-disposition"],
    ContentEncoding: headers["content-encoding"],
    ContentLanguage: headers["content-language"],
    ContentType: headers["content-type"],
    Expires: headers["expires"],
    Metadata: metadataHeaders(metadata),
    StorageClass: storageClass === "STANDARD" ? undefined : storageClass,
    WebsiteRedirectLocation: headers["x-amz-website-redirect-location"],
  };
}
