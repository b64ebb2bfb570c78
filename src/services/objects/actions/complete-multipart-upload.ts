import { ServiceError } from "../../../kernel/service-error.ts";
import { integer, list, long, operation, optional, string, structure, type InputOf } from "../../../wire/shapes.ts";
import { hashOf, multipartChecksum, multipartEtag } from "../content/multipart-digest.ts";
import { membersOf, refuseOtherChecksums } from "../rules/checksum.ts";
import { quotedEtag, writeCondition } from "../rules/conditions.ts";
import { noSuchUpload } from "../rules/errors.ts";
import { PART_NUMBER_MAX } from "../rules/limits.ts";
import { checkCompletion, chosenParts, partsText, UPLOAD_CHECKSUM_DEFAULT } from "../rules/multipart.ts";
import type { CompletedUpload } from "../store/store.ts";
import { commit } from "./commit.ts";
import { objectAction, retried, type Context, type ObjectCall } from "./context.ts";
import { checksumElements, checksumHeaders, otherChecksumElements, writeConditionMembers } from "./shapes.ts";
import { uploadLabels, uploadOf } from "./upload.ts";

const part = structure({ ETag: string, ...checksumElements, ...otherChecksumElements, PartNumber: integer });
const parts = structure({ Parts: optional(list(part, { flattened: true }), { wireName: "Part" }) });

const completeMultipartUploadOperation = operation("CompleteMultipartUpload", {
  input: structure({
    ...uploadLabels,
    ...checksumHeaders, // Of the object, not of this request's body.
    ...writeConditionMembers,
    ChecksumType: optional(string, { header: "x-amz-checksum-type" }),
    MpuObjectSize: optional(long, { header: "x-amz-mp-object-size" }),
    MultipartUpload: optional(parts, { payload: true, wireName: "CompleteMultipartUpload" }),
  }),
  output: structure({ Location: string, Bucket: string, Key: string, ETag: string, ...checksumElements, ChecksumType: string }),
});
type Input = InputOf<typeof completeMultipartUploadOperation>;

/** Makes an object of uploaded parts, without moving a byte. Asked again after its answer was lost it repeats the answer. */
export const completeMultipartUpload = (context: Context) =>
  objectAction(completeMultipartUploadOperation, async (input, call) => {
    refuseOtherChecksums(call.headers, input.MultipartUpload?.Parts ?? []);
    const { etag, checksum } = await retried(() => repeated(() => complete(context, input, call)));
    return {
      Location: `${call.baseUrl}/${input.Bucket}/${input.Key.split("/").map(encodeURIComponent).join("/")}`,
      Bucket: input.Bucket,
      Key: input.Key,
      ETag: quotedEtag(etag),
      ...membersOf(checksum),
      ChecksumType: checksum.type,
    };
  });

/** An upload that another request has completed between our look and our commit is looked at once more. */
async function repeated(attempt: () => Promise<CompletedUpload>): Promise<CompletedUpload> {
  try {
    return await attempt();
  } catch (error) {
    if (error instanceof ServiceError && error.code === "NoSuchUpload") return attempt();
    throw error;
  }
}

async function complete(context: Context, input: Input, call: ObjectCall): Promise<CompletedUpload> {
  const asked = input.MultipartUpload?.Parts ?? [];
  const partsHash = hashOf(partsText(asked));
  const condition = writeCondition({ ifMatch: input.IfMatch, ifNoneMatch: input.IfNoneMatch });
  const { bucket, ref, upload } = await uploadOf(context, input, call);
  if (upload.completed !== undefined) {
    if (upload.completed.partsHash !== partsHash) throw noSuchUpload(input.UploadId);
    return upload.completed;
  }
  const { parts: uploaded } = await context.store.listParts({ upload: ref, after: 0, limit: PART_NUMBER_MAX });
  const made = upload.checksum ?? UPLOAD_CHECKSUM_DEFAULT;
  const chosen = chosenParts(asked, { id: input.UploadId, checksum: made, parts: uploaded });
  const sizeBytes = chosen.reduce((sum, part) => sum + part.sizeBytes, 0);
  const completed = { partsHash, etag: multipartEtag(chosen), checksum: multipartChecksum(made, chosen) };
  checkCompletion(input, { sizeBytes, checksum: completed.checksum });
  const { headers, metadata, tags, storageClass } = upload;
  const { etag, checksum } = completed;
  const object = { headers, metadata, tags, storageClass, ...ref, sizeBytes, etag, checksum };
  const partNumbers = chosen.map(({ number }) => number);
  const args = { upload: ref, revision: upload.revision, partNumbers, object, condition, completed };
  const told = { name: "ObjectCreated:CompleteMultipartUpload", key: input.Key, object: { sizeBytes, etag } };
  await commit(context, { call: context.store.call("completeUpload", args), told }, { bucket, call });
  return completed;
}
