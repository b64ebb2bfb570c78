import { operation, required, structure } from "../../../wire/shapes.ts";
import { noSuchKey } from "../rules/errors.ts";
import { checkVersionId } from "../rules/not-offered.ts";
import { tagList } from "../rules/tags.ts";
import { objectAction, type Context } from "./context.ts";
import { bucketOf } from "./owned.ts";
import { objectLabels, tagSet, versionParameter } from "./shapes.ts";

const getObjectTaggingOperation = operation("GetObjectTagging", {
  input: structure({ ...objectLabels, ...versionParameter }),
  output: structure({ TagSet: required(tagSet) }),
  xmlRoot: { response: "Tagging" },
});

/** The tags of an object. */
export const getObjectTagging = (context: Context) =>
  objectAction(getObjectTaggingOperation, async (input, call) => {
    checkVersionId(input.VersionId);
    const bucket = await bucketOf(context, input.Bucket, call);
    const object = await context.store.findObject({ bucketId: bucket.id, key: input.Key });
    if (object === undefined) throw noSuchKey(input.Key);
    return { TagSet: tagList(object.tags) };
  });
