import { boolean, integer, list, long, operation, optional, string, structure } from "../../../wire/shapes.ts";
import { membersOf } from "../rules/checksum.ts";
import { quotedEtag } from "../rules/conditions.ts";
import { pageSize } from "../rules/listing.ts";
import { objectAction, type Context } from "./context.ts";
import { ownerId } from "./owned.ts";
import { checksumElements, isoTime, owner } from "./shapes.ts";
import { uploadLabels, uploadOf } from "./upload.ts";

const part = structure({ PartNumber: integer, LastModified: isoTime, ETag: string, Size: long, ...checksumElements });

const listPartsOperation = operation("ListParts", {
  input: structure({
    ...uploadLabels,
    MaxParts: optional(string, { parameter: "max-parts" }),
    PartNumberMarker: optional(integer, { parameter: "part-number-marker" }),
  }),
  output: structure({
    Bucket: string,
    Key: string,
    UploadId: string,
    Initiator: owner,
    Owner: owner,
    StorageClass: string,
    PartNumberMarker: string,
    NextPartNumberMarker: string,
    MaxParts: integer,
    IsTruncated: boolean,
    ChecksumAlgorithm: string,
    ChecksumType: string,
    Parts: optional(list(part, { flattened: true }), { wireName: "Part" }),
  }),
  xmlRoot: { response: "ListPartsResult" },
});

/** The parts of an upload by number. */
export const listParts = (context: Context) =>
  objectAction(listPartsOperation, async (input, call) => {
    const limit = pageSize(input.MaxParts, "max-parts");
    const after = input.PartNumberMarker ?? 0;
    const { bucket, ref, upload } = await uploadOf(context, input, call);
    const { parts, more } = await context.store.listParts({ upload: ref, after, limit });
    const account = { DisplayName: bucket.account, ID: ownerId(bucket.account) };
    return {
      Bucket: input.Bucket,
      Key: input.Key,
      UploadId: input.UploadId,
      Initiator: account,
      Owner: account,
      StorageClass: upload.storageClass,
      PartNumberMarker: String(after),
      NextPartNumberMarker: String(parts.at(-1)?.number ?? 0),
      MaxParts: limit,
      IsTruncated: more,
      ChecksumAlgorithm: upload.checksum?.algorithm,
      ChecksumType: upload.checksum?.type,
      Parts: parts.map(({ number, modifiedMs, etag, sizeBytes, checksum: value }) => ({
        PartNumber: number,
        LastModified: modifiedMs,
        ETag: quotedEtag(etag),
        Size: sizeBytes,
        ...membersOf(upload.checksum === null ? null : { algorithm: upload.checksum.algorithm, value }),
      })),
    };
  });
