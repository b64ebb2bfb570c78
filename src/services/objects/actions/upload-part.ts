import { operation, optional, stream, string, structure } from "../../../wire/shapes.ts";
import { membersOf } from "../rules/checksum.ts";
import { quotedEtag } from "../rules/conditions.ts";
import { partAlgorithms, UPLOAD_CHECKSUM_DEFAULT } from "../rules/multipart.ts";
import { objectAction, type Context } from "./context.ts";
import { keeping, receiveBody } from "./incoming.ts";
import { checksumHeaders } from "./shapes.ts";
import { openUploadOf, partLabels } from "./upload.ts";

const uploadPartOperation = operation("UploadPart", {
  input: structure({ ...partLabels, Body: optional(stream, { payload: true }) }),
  output: structure({ ETag: optional(string, { header: "etag" }), ...checksumHeaders }),
});

/** Stores a part, in place of one of the same number. */
export const uploadPart = (context: Context) =>
  objectAction(uploadPartOperation, async (input, call) => {
    const { ref, upload } = await openUploadOf(context, input, call);
    const received = await receiveBody(context, call, (claim) => partAlgorithms(upload.checksum, claim?.algorithm));
    const { segments, sizeBytes, md5: etag, checksums, claim } = received;
    const { algorithm } = upload.checksum ?? UPLOAD_CHECKSUM_DEFAULT;
    const part = { number: input.PartNumber, sizeBytes, etag, checksum: checksums[algorithm] ?? "" };
    await keeping(context, received, () => context.store.putPart({ upload: ref, part, segments }));
    const shown = claim?.algorithm ?? algorithm;
    return { ETag: quotedEtag(etag), ...membersOf({ algorithm: shown, value: checksums[shown] ?? "" }) };
  });
