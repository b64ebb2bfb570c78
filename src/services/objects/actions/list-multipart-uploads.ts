import { boolean, integer, list, operation, optional, string, structure } from "../../../wire/shapes.ts";
import { encoder, encodingOf, pageSize } from "../rules/listing.ts";
import { objectAction, type Context } from "./context.ts";
import { uploadPosition } from "./listed.ts";
import { bucketOf, ownerId } from "./owned.ts";
import { bucketLabel, commonPrefixes, isoTime, owner } from "./shapes.ts";

const upload = structure({
  Key: string,
  UploadId: string,
  Initiator: owner,
  Owner: owner,
  StorageClass: string,
  Initiated: isoTime,
  ChecksumAlgorithm: string,
  ChecksumType: string,
});

const listMultipartUploadsOperation = operation("ListMultipartUploads", {
  input: structure({
    ...bucketLabel,
    Delimiter: optional(string, { parameter: "delimiter" }),
    EncodingType: optional(string, { parameter: "encoding-type" }),
    KeyMarker: optional(string, { parameter: "key-marker" }),
    MaxUploads: optional(string, { parameter: "max-uploads" }),
    Prefix: optional(string, { parameter: "prefix" }),
    UploadIdMarker: optional(string, { parameter: "upload-id-marker" }),
  }),
  output: structure({
    Bucket: string,
    KeyMarker: string,
    UploadIdMarker: string,
    NextKeyMarker: string,
    NextUploadIdMarker: string,
    Delimiter: string,
    Prefix: string,
    EncodingType: string,
    MaxUploads: integer,
    IsTruncated: boolean,
    Uploads: optional(list(upload, { flattened: true }), { wireName: "Upload" }),
    CommonPrefixes: commonPrefixes,
  }),
  xmlRoot: { response: "ListMultipartUploadsResult" },
});

/** Uploads that are neither completed nor aborted, by key and then by age. */
export const listMultipartUploads = (context: Context) =>
  objectAction(listMultipartUploadsOperation, async (input, call) => {
    const { KeyMarker: keyMarker = "", UploadIdMarker: idMarker = "", Prefix: prefix = "", Delimiter: delimiter = "" } = input;
    const limit = pageSize(input.MaxUploads, "max-uploads");
    const encoded = encoder(encodingOf(input.EncodingType));
    const bucket = await bucketOf(context, input.Bucket, call);
    const from = await uploadPosition(context, { bucketId: bucket.id, key: keyMarker, uploadId: idMarker }, { prefix, delimiter });
    const { entries, next } = await context.store.listUploads({ bucketId: bucket.id, prefix, delimiter, from, limit });
    const account = { DisplayName: bucket.account, ID: ownerId(bucket.account) };
    return {
      Bucket: bucket.name,
      KeyMarker: encoded(keyMarker),
      UploadIdMarker: keyMarker === "" ? "" : idMarker,
      NextKeyMarker: encoded(next === undefined ? "" : "afterKey" in next ? next.afterKey : next.afterPrefix),
      NextUploadIdMarker: next !== undefined && "uploadId" in next ? next.uploadId : "",
      Delimiter: encoded(input.Delimiter === "" ? undefined : input.Delimiter),
      Prefix: encoded(prefix),
      EncodingType: input.EncodingType,
      MaxUploads: limit,
      IsTruncated: next !== undefined,
      Uploads: entries.flatMap((entry) => {
        if ("commonPrefix" in entry) return [];
        const { key, uploadId, storageClass, createdMs, checksum } = entry;
        const made = { ChecksumAlgorithm: checksum?.algorithm, ChecksumType: checksum?.type };
        const who = { Initiator: account, Owner: account };
        return [{ Key: encoded(key), UploadId: uploadId, ...who, StorageClass: storageClass, Initiated: createdMs, ...made }];
      }),
      CommonPrefixes: entries.flatMap((entry) => ("commonPrefix" in entry ? [{ Prefix: encoded(entry.commonPrefix) }] : [])),
    };
  });
