import { operation, required, structure } from "../../../wire/shapes.ts";
import { checkVersionId } from "../rules/not-offered.ts";
import { tagList } from "../rules/tags.ts";
import { objectAction, type Context } from "./context.ts";
import { objectOf } from "./owned.ts";
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
    const { object } = await objectOf(context, input, call);
    return { TagSet: tagList(object.tags) };
  });
