import { operation, structure } from "../../../wire/shapes.ts";
import { objectAction, type Context } from "./context.ts";
import { bucketOf } from "./owned.ts";
import { bucketLabel } from "./shapes.ts";

const deleteBucketOperation = operation("DeleteBucket", { input: structure(bucketLabel), output: structure({}), status: 204 });

/** Removes an empty bucket; uploads that were never completed do not keep it. */
export const deleteBucket = (context: Context) =>
  objectAction(deleteBucketOperation, async (input, call) => {
    const bucket = await bucketOf(context, input.Bucket, call);
    await context.store.deleteBucket({ bucketId: bucket.id });
    return {};
  });
