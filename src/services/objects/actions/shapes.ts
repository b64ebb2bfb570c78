import { integer, list, long, map, optional, required, string, structure, timestamp } from "../../../wire/shapes.ts";

/** Shapes that several actions share. */

export const bucketLabel = { Bucket: required(string, { label: "bucket" }) } as const;
export const objectLabels = { ...bucketLabel, Key: required(string, { label: "key" }) } as const;

/** Only `null` is a version while there is no versioning. */
export const versionParameter = { VersionId: optional(string, { parameter: "versionId" }) } as const;

/** What is stored with an object and given back with it. */
export const storedMembers = {
  CacheControl: optional(string, { header: "cache-control" }),
  ContentDisposition: optional(string, { header: "content-disposition" }),
  ContentEncoding: optional(string, { header: "content-encoding" }),
  ContentLanguage: optional(string, { header: "content-language" }),
  ContentType: optional(string, { header: "content-type" }),
  Expires: optional(string, { header: "expires" }), // Any text, not only dates, is kept.
  Metadata: optional(map(string), { headerPrefix: "x-amz-meta-" }),
  StorageClass: optional(string, { header: "x-amz-storage-class" }),
  WebsiteRedirectLocation: optional(string, { header: "x-amz-website-redirect-location" }),
} as const;

export const writeConditionMembers = {
  IfMatch: optional(string, { header: "if-match" }),
  IfNoneMatch: optional(string, { header: "if-none-match" }),
} as const;

export const copySourceMembers = {
  CopySource: required(string, { header: "x-amz-copy-source" }),
  CopySourceIfMatch: optional(string, { header: "x-amz-copy-source-if-match" }),
  CopySourceIfModifiedSince: optional(timestamp("httpDate"), { header: "x-amz-copy-source-if-modified-since" }),
  CopySourceIfNoneMatch: optional(string, { header: "x-amz-copy-source-if-none-match" }),
  CopySourceIfUnmodifiedSince: optional(timestamp("httpDate"), { header: "x-amz-copy-source-if-unmodified-since" }),
} as const;

export const checksumHeaders = {
  ChecksumCRC32: optional(string, { header: "x-amz-checksum-crc32" }),
  ChecksumCRC32C: optional(string, { header: "x-amz-checksum-crc32c" }),
  ChecksumCRC64NVME: optional(string, { header: "x-amz-checksum-crc64nvme" }),
  ChecksumSHA1: optional(string, { header: "x-amz-checksum-sha1" }),
  ChecksumSHA256: optional(string, { header: "x-amz-checksum-sha256" }),
} as const;

export const checksumElements = {
  ChecksumCRC32: string,
  ChecksumCRC32C: string,
  ChecksumCRC64NVME: string,
  ChecksumSHA1: string,
  ChecksumSHA256: string,
} as const;

/** Those that are not offered, where they are read to be refused. */
export const otherChecksumElements = {
  ChecksumSHA512: string,
  ChecksumMD5: string,
  ChecksumXXHASH64: string,
  ChecksumXXHASH3: string,
  ChecksumXXHASH128: string,
} as const;

export const owner = structure({ DisplayName: string, ID: string });
export const commonPrefixes = list(structure({ Prefix: string }), { flattened: true });
export const isoTime = timestamp("iso8601");

export const tagSet = list(structure({ Key: required(string), Value: required(string) }), { itemName: "Tag" });
export const tagging = structure({ TagSet: required(tagSet) });

/** Parameters of a listing, as far as both versions have them. */
export const listParameters = {
  Delimiter: optional(string, { parameter: "delimiter" }),
  EncodingType: optional(string, { parameter: "encoding-type" }),
  MaxKeys: optional(string, { parameter: "max-keys" }), // As text: AWS words it when this is no number.
  Prefix: optional(string, { parameter: "prefix" }),
} as const;

export const listedObject = structure({
  Key: string,
  LastModified: isoTime,
  ETag: string,
  ChecksumAlgorithm: optional(list(string, { flattened: true })),
  ChecksumType: string,
  Size: long,
  StorageClass: string,
  Owner: owner,
});

export const grants = list(
  structure({
    Grantee: structure({
      Type: required(string, { wireName: "xsi:type", attribute: true }),
      ID: string,
      DisplayName: string,
      EmailAddress: string,
      URI: string,
    }),
    Permission: string,
  }),
  { itemName: "Grant" },
);

export const corsRules = list(
  structure({
    ID: string,
    AllowedHeaders: optional(list(string, { flattened: true }), { wireName: "AllowedHeader" }),
    AllowedMethods: required(list(string, { flattened: true }), { wireName: "AllowedMethod" }),
    AllowedOrigins: required(list(string, { flattened: true }), { wireName: "AllowedOrigin" }),
    ExposeHeaders: optional(list(string, { flattened: true }), { wireName: "ExposeHeader" }),
    MaxAgeSeconds: integer,
  }),
  { flattened: true },
);

const filter = structure({
  Key: optional(
    structure({ FilterRules: optional(list(structure({ Name: string, Value: string }), { flattened: true }), { wireName: "FilterRule" }) }),
    {
      wireName: "S3Key",
    },
  ),
});
const events = required(list(string, { flattened: true }), { wireName: "Event" });

export const notificationConfiguration = {
  TopicConfigurations: optional(
    list(structure({ Id: string, TopicArn: required(string, { wireName: "Topic" }), Events: events, Filter: filter }), { flattened: true }),
    { wireName: "TopicConfiguration" },
  ),
  QueueConfigurations: optional(
    list(structure({ Id: string, QueueArn: required(string, { wireName: "Queue" }), Events: events, Filter: filter }), { flattened: true }),
    { wireName: "QueueConfiguration" },
  ),
  LambdaFunctionConfigurations: optional(
    list(structure({ Id: string, LambdaFunctionArn: required(string, { wireName: "CloudFunction" }), Events: events, Filter: filter }), {
      flattened: true,
    }),
    { wireName: "CloudFunctionConfiguration" },
  ),
  EventBridgeConfiguration: structure({}),
} as const;
