import { operation, structure } from "../../../wire/shapes.ts";
import { checkVersionId } from "../rules/not-offered.ts";
import { aclOutput, ownersAcl } from "./acl.ts";
import { objectAction, type Context } from "./context.ts";
import { objectOf } from "./owned.ts";
import { objectLabels, versionParameter } from "./shapes.ts";

const getObjectAclOperation = operation("GetObjectAcl", {
  input: structure({ ...objectLabels, ...versionParameter }),
  output: aclOutput,
  xmlRoot: { response: "AccessControlPolicy" },
});

/** Who may do what with an object: the owner of its bucket, everything. */
export const getObjectAcl = (context: Context) =>
  objectAction(getObjectAclOperation, async (input, call) => {
    checkVersionId(input.VersionId);
    const { bucket } = await objectOf(context, input, call);
    return ownersAcl(bucket.account);
  });
