import { operation, structure } from "../../../wire/shapes.ts";
import { objectAction, type Context } from "./context.ts";
import { bucketOf } from "./owned.ts";
import { uploadLabels } from "./upload.ts";

const abortMultipartUploadOperation = operation("AbortMultipartUpload", {
  input: structure(uploadLabels),
  output: structure({}),
  status: 204,
});

/** Gives an upload up, with all its parts. */
export const abortMultipartUpload = (context: Context) =>
  objectAction(abortMultipartUploadOperation, async (input, call) => {
    const bucket = await bucketOf(context, input.Bucket, call);
    await context.store.abortUpload({ upload: { bucketId: bucket.id, key: input.Key, uploadId: input.UploadId } });
    return {};
  });
