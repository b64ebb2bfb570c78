import { operation, structure } from "../../../wire/shapes.ts";
import { objectAction, type Context } from "./context.ts";
import { bucketOf } from "./owned.ts";
import { bucketLabel } from "./shapes.ts";

const deleteBucketTaggingOperation = operation("DeleteBucketTagging", {
  input: structure(bucketLabel),
  output: structure({}),
  status: 204,
});

/** Removes all tags of a bucket. */
export const deleteBucketTagging = (context: Context) =>
  objectAction(deleteBucketTaggingOperation, async (input, call) => {
    const bucket = await bucketOf(context, input.Bucket, call);
    await context.store.setBucketSetting({ bucketId: bucket.id, setting: "tags", value: null });
    return {};
  });
