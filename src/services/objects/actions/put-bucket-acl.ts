import { operation, structure } from "../../../wire/shapes.ts";
import { checkAcl } from "../rules/acl.ts";
import { aclInput } from "./acl.ts";
import { objectAction, type Context } from "./context.ts";
import { bucketOf, ownerId } from "./owned.ts";
import { bucketLabel } from "./shapes.ts";

const putBucketAclOperation = operation("PutBucketAcl", { input: structure({ ...bucketLabel, ...aclInput }), output: structure({}) });

/** Takes the list that holds anyway and refuses every other. */
export const putBucketAcl = (context: Context) =>
  objectAction(putBucketAclOperation, async (input, call) => {
    const bucket = await bucketOf(context, input.Bucket, call);
    checkAcl(input.AccessControlPolicy?.Grants ?? [], ownerId(bucket.account));
    return {};
  });
