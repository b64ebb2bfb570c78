import { operation, structure } from "../../../wire/shapes.ts";
import { checkAcl } from "../rules/acl.ts";
import { checkVersionId } from "../rules/not-offered.ts";
import { aclInput } from "./acl.ts";
import { objectAction, type Context } from "./context.ts";
import { objectOf, ownerId } from "./owned.ts";
import { objectLabels, versionParameter } from "./shapes.ts";

const putObjectAclOperation = operation("PutObjectAcl", {
  input: structure({ ...objectLabels, ...versionParameter, ...aclInput }),
  output: structure({}),
});

/** Takes the list that holds anyway and refuses every other; s3cmd sends one after each copy. */
export const putObjectAcl = (context: Context) =>
  objectAction(putObjectAclOperation, async (input, call) => {
    checkVersionId(input.VersionId);
    const { bucket } = await objectOf(context, input, call);
    checkAcl(input.AccessControlPolicy?.Grants ?? [], ownerId(bucket.account));
    return {};
  });
