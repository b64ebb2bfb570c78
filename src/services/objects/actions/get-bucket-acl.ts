import { operation, structure } from "../../../wire/shapes.ts";
import { aclOutput, ownersAcl } from "./acl.ts";
import { objectAction, type Context } from "./context.ts";
import { bucketOf } from "./owned.ts";
import { bucketLabel } from "./shapes.ts";

const getBucketAclOperation = operation("GetBucketAcl", {
  input: structure(bucketLabel),
  output: aclOutput,
  xmlRoot: { response: "AccessControlPolicy" },
});

/** Who may do what with a bucket: its owner, everything. */
export const getBucketAcl = (context: Context) =>
  objectAction(getBucketAclOperation, async (input, call) => ownersAcl((await bucketOf(context, input.Bucket, call)).account));
