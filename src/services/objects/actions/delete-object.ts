import { operation, structure } from "../../../wire/shapes.ts";
import { writeCondition } from "../rules/conditions.ts";
import { checkVersionId } from "../rules/not-offered.ts";
import { commit } from "./commit.ts";
import { objectAction, type Context } from "./context.ts";
import { bucketOf } from "./owned.ts";
import { objectLabels, versionParameter, writeConditionMembers } from "./shapes.ts";

const deleteObjectOperation = operation("DeleteObject", {
  input: structure({ ...objectLabels, ...versionParameter, IfMatch: writeConditionMembers.IfMatch }),
  output: structure({}),
  status: 204,
});

/** Removes an object. An absent one counts as removed, and is told of all the same. */
export const deleteObject = (context: Context) =>
  objectAction(deleteObjectOperation, async (input, call) => {
    checkVersionId(input.VersionId);
    const bucket = await bucketOf(context, input.Bucket, call);
    const condition = writeCondition({ ifMatch: input.IfMatch });
    const remove = context.store.call("deleteObject", { bucketId: bucket.id, key: input.Key, condition });
    await commit(context, { call: remove, told: { name: "ObjectRemoved:Delete", key: input.Key } }, { bucket, call });
    return {};
  });
