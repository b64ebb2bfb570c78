import { operation, optional, string, structure } from "../../../wire/shapes.ts";
import { membersOf } from "../rules/checksum.ts";
import { quotedEtag } from "../rules/conditions.ts";
import { invalidRequest } from "../rules/errors.ts";
import { SINGLE_UPLOAD_BYTES_MAX } from "../rules/limits.ts";
import { UPLOAD_CHECKSUM_DEFAULT } from "../rules/multipart.ts";
import { copySourceRange } from "../rules/range.ts";
import { objectAction, retried, type Context } from "./context.ts";
import { digestOf, sourceOf } from "./copy.ts";
import { checksumElements, copySourceMembers, isoTime } from "./shapes.ts";
import { openUploadOf, partLabels } from "./upload.ts";

const result = structure({ ETag: string, LastModified: isoTime, ...checksumElements });

const uploadPartCopyOperation = operation("UploadPartCopy", {
  input: structure({
    ...partLabels,
    ...copySourceMembers,
    CopySourceRange: optional(string, { header: "x-amz-copy-source-range" }),
  }),
  output: structure({ CopyPartResult: optional(result, { payload: true }) }),
});

/** Makes a part of bytes of an object; they are shared, and read once for their digests. */
export const uploadPartCopy = (context: Context) =>
  objectAction(uploadPartCopyOperation, async (input, call) => {
    const { ref, upload } = await openUploadOf(context, input, call);
    const { algorithm } = upload.checksum ?? UPLOAD_CHECKSUM_DEFAULT;
    const { modifiedMs, etag, checksum } = await retried(async () => {
      const source = await sourceOf(context, input, call);
      const { CopySourceRange: header } = input;
      const range = header === undefined ? { start: 0, end: source.sizeBytes } : copySourceRange(header, source.sizeBytes);
      const sizeBytes = range.end - range.start;
      if (sizeBytes > SINGLE_UPLOAD_BYTES_MAX) throw tooLarge();
      const { md5: etag, checksums } = await digestOf(context, { object: source, range, algorithms: [algorithm] }, call.signal);
      const checksum = checksums[algorithm] ?? "";
      const part = { number: input.PartNumber, sizeBytes, etag, checksum };
      return { ...(await context.store.copyPart({ upload: ref, part, sourceId: source.id, range })), etag, checksum };
    });
    const shown = membersOf(upload.checksum === null ? null : { algorithm, value: checksum });
    return { CopyPartResult: { ETag: quotedEtag(etag), LastModified: modifiedMs, ...shown } };
  });

function tooLarge(): Error {
  return invalidRequest(
    `The specified copy source is larger than the maximum allowable size for a copy source: ${SINGLE_UPLOAD_BYTES_MAX}`,
  );
}
