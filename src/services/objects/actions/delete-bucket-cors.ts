import { operation, structure } from "../../../wire/shapes.ts";
import { objectAction, type Context } from "./context.ts";
import { bucketOf } from "./owned.ts";
import { bucketLabel } from "./shapes.ts";

const deleteBucketCorsOperation = operation("DeleteBucketCors", { input: structure(bucketLabel), output: structure({}), status: 204 });

/** Shuts pages of other origins out again. */
export const deleteBucketCors = (context: Context) =>
  objectAction(deleteBucketCorsOperation, async (input, call) => {
    const bucket = await bucketOf(context, input.Bucket, call);
    await context.store.setBucketSetting({ bucketId: bucket.id, setting: "cors", value: null });
    return {};
  });
