import { operation, required, structure } from "../../../wire/shapes.ts";
import { noSuchSetting } from "../rules/errors.ts";
import { tagList } from "../rules/tags.ts";
import { objectAction, type Context } from "./context.ts";
import { bucketOf } from "./owned.ts";
import { bucketLabel, tagSet } from "./shapes.ts";

const getBucketTaggingOperation = operation("GetBucketTagging", {
  input: structure(bucketLabel),
  output: structure({ TagSet: required(tagSet) }),
  xmlRoot: { response: "Tagging" },
});

/** The tags of a bucket. */
export const getBucketTagging = (context: Context) =>
  objectAction(getBucketTaggingOperation, async (input, call) => {
    const { name, settings } = await bucketOf(context, input.Bucket, call);
    if (settings.tags === undefined) throw noSuchSetting("NoSuchTagSet", name);
    return { TagSet: tagList(JSON.parse(settings.tags) as Record<string, string>) };
  });
