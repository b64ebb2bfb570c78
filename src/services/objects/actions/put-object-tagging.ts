import { operation, required, structure } from "../../../wire/shapes.ts";
import { OBJECT_TAGS_MAX } from "../rules/limits.ts";
import { tagsOf } from "../rules/tags.ts";
import { objectAction, type Context } from "./context.ts";
import { setTags } from "./object-tags.ts";
import { objectLabels, tagging, versionParameter } from "./shapes.ts";

const putObjectTaggingOperation = operation("PutObjectTagging", {
  input: structure({ ...objectLabels, ...versionParameter, Tagging: required(tagging, { payload: true }) }),
  output: structure({}),
});

/** Replaces the tags of an object. */
export const putObjectTagging = (context: Context) =>
  objectAction(putObjectTaggingOperation, async (input, call) => {
    const tags = tagsOf(input.Tagging.TagSet, OBJECT_TAGS_MAX);
    await setTags(context, { ...input, tags, event: "ObjectTagging:Put" }, call);
    return {};
  });
