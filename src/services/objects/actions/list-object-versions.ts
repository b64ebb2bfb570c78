import { boolean, integer, list, long, operation, optional, string, structure } from "../../../wire/shapes.ts";
import { invalidArgument } from "../rules/errors.ts";
import { markerPosition } from "../rules/listing.ts";
import { objectAction, type Context } from "./context.ts";
import { bucketOf } from "./owned.ts";
import { itemOf, listAnswer, listPage } from "./listed.ts";
import { bucketLabel, commonPrefixes, isoTime, listParameters, owner } from "./shapes.ts";

const version = structure({
  Key: string,
  VersionId: string,
  IsLatest: boolean,
  LastModified: isoTime,
  ETag: string,
  ChecksumAlgorithm: optional(list(string, { flattened: true })),
  ChecksumType: string,
  Size: long,
  StorageClass: string,
  Owner: owner,
});

const listObjectVersionsOperation = operation("ListObjectVersions", {
  input: structure({
    ...bucketLabel,
    ...listParameters,
    KeyMarker: optional(string, { parameter: "key-marker" }),
    VersionIdMarker: optional(string, { parameter: "version-id-marker" }),
  }),
  output: structure({
    Name: string,
    Prefix: string,
    KeyMarker: string,
    VersionIdMarker: string,
    NextKeyMarker: string,
    NextVersionIdMarker: string,
    MaxKeys: integer,
    Delimiter: string,
    EncodingType: string,
    IsTruncated: boolean,
    Versions: optional(list(version, { flattened: true }), { wireName: "Version" }),
    CommonPrefixes: commonPrefixes,
  }),
  xmlRoot: { response: "ListVersionsResult" },
});

/** Every object with its one version, `null`: tools that empty a bucket ask so, whether it has versions or not. */
export const listObjectVersions = (context: Context) =>
  objectAction(listObjectVersionsOperation, async (input, call) => {
    const { KeyMarker: marker = "", VersionIdMarker: versionMarker = "", Prefix: prefix = "", Delimiter: delimiter = "" } = input;
    if (versionMarker !== "" && marker === "") {
      const message = "A version-id marker cannot be specified without a key marker.";
      throw invalidArgument(message, { name: "version-id-marker", value: versionMarker });
    }
    const bucket = await bucketOf(context, input.Bucket, call);
    const page = await listPage(context, bucket.id, { input, from: markerPosition(marker, prefix, delimiter) });
    const { next, entries, encoded } = page;
    const { Contents: _, ...answer } = listAnswer(page, input, undefined);
    return {
      ...answer,
      Name: bucket.name,
      KeyMarker: encoded(marker),
      VersionIdMarker: versionMarker,
      NextKeyMarker: encoded(next === undefined ? undefined : "afterKey" in next ? next.afterKey : next.afterPrefix),
      NextVersionIdMarker: next !== undefined && "afterKey" in next ? "null" : undefined,
      Versions: entries.flatMap((entry) => {
        return "commonPrefix" in entry ? [] : [{ ...itemOf(entry, encoded, bucket.account), VersionId: "null", IsLatest: true }];
      }),
    };
  });
