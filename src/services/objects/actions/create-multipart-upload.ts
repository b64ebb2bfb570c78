import { operation, optional, string, structure } from "../../../wire/shapes.ts";
import { algorithmOf } from "../rules/checksum.ts";
import { uploadChecksum } from "../rules/multipart.ts";
import { attributesOf } from "./attributes.ts";
import { objectAction, type Context } from "./context.ts";
import { bucketOf } from "./owned.ts";
import { objectLabels, storedMembers } from "./shapes.ts";

const createMultipartUploadOperation = operation("CreateMultipartUpload", {
  input: structure({
    ...objectLabels,
    ...storedMembers,
    ChecksumAlgorithm: optional(string, { header: "x-amz-checksum-algorithm" }),
    ChecksumType: optional(string, { header: "x-amz-checksum-type" }),
    Tagging: optional(string, { header: "x-amz-tagging" }),
  }),
  output: structure({
    Bucket: string,
    Key: string,
    UploadId: string,
    ChecksumAlgorithm: optional(string, { header: "x-amz-checksum-algorithm" }),
    ChecksumType: optional(string, { header: "x-amz-checksum-type" }),
  }),
  xmlRoot: { response: "InitiateMultipartUploadResult" },
});

/** Begins an upload in parts. Nothing of it can be seen under its key before it is completed. */
export const createMultipartUpload = (context: Context) =>
  objectAction(createMultipartUploadOperation, async (input, call) => {
    const { Bucket, Key: key } = input;
    const bucket = await bucketOf(context, Bucket, call);
    const algorithm = input.ChecksumAlgorithm === undefined ? undefined : algorithmOf(input.ChecksumAlgorithm);
    const checksum = uploadChecksum(algorithm, input.ChecksumType);
    const uploadId = context.random.bytes(24).toString("hex");
    await context.store.createUpload({ ...attributesOf(input), bucketId: bucket.id, key, uploadId, checksum });
    return { Bucket, Key: key, UploadId: uploadId, ChecksumAlgorithm: checksum?.algorithm, ChecksumType: checksum?.type };
  });
