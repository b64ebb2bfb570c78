import { operation, structure } from "../../../wire/shapes.ts";
import { objectAction, type Context } from "./context.ts";
import { setTags } from "./object-tags.ts";
import { objectLabels, versionParameter } from "./shapes.ts";

const deleteObjectTaggingOperation = operation("DeleteObjectTagging", {
  input: structure({ ...objectLabels, ...versionParameter }),
  output: structure({}),
  status: 204,
});

/** Removes all tags of an object. */
export const deleteObjectTagging = (context: Context) =>
  objectAction(deleteObjectTaggingOperation, async (input, call) => {
    await setTags(context, { ...input, tags: {}, event: "ObjectTagging:Delete" }, call);
    return {};
  });
