import { operation, required, structure } from "../../../wire/shapes.ts";
import { BUCKET_TAGS_MAX } from "../rules/limits.ts";
import { tagsOf } from "../rules/tags.ts";
import { objectAction, type Context } from "./context.ts";
import { bucketOf } from "./owned.ts";
import { bucketLabel, tagging } from "./shapes.ts";

const putBucketTaggingOperation = operation("PutBucketTagging", {
  input: structure({ ...bucketLabel, Tagging: required(tagging, { payload: true }) }),
  output: structure({}),
  status: 204,
});

/** Replaces the tags of a bucket; an empty set removes them. */
export const putBucketTagging = (context: Context) =>
  objectAction(putBucketTaggingOperation, async (input, call) => {
    const tags = tagsOf(input.Tagging.TagSet, BUCKET_TAGS_MAX);
    const bucket = await bucketOf(context, input.Bucket, call);
    const value = Object.keys(tags).length === 0 ? null : JSON.stringify(tags);
    await context.store.setBucketSetting({ bucketId: bucket.id, setting: "tags", value });
    return {};
  });
