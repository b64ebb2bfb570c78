import { operation, optional, string, structure } from "../../../wire/shapes.ts";
import { objectAction, type Context } from "./context.ts";
import { bucketOf } from "./owned.ts";
import { bucketLabel } from "./shapes.ts";

const headBucketOperation = operation("HeadBucket", {
  input: structure(bucketLabel),
  output: structure({
    BucketRegion: optional(string, { header: "x-amz-bucket-region" }),
    BucketArn: optional(string, { header: "x-amz-bucket-arn" }),
  }),
});

/** Whether the bucket exists and is the caller's, and where it is. */
export const headBucket = (context: Context) =>
  objectAction(headBucketOperation, async (input, call) => {
    const bucket = await bucketOf(context, input.Bucket, call);
    return { BucketRegion: bucket.region, BucketArn: `arn:aws:s3:::${bucket.name}` };
  });
