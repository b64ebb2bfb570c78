import { ServiceError } from "../../../kernel/service-error.ts";
import { boolean, list, long, operation, optional, required, string, structure, type Infer } from "../../../wire/shapes.ts";
import { checkKey } from "../rules/address.ts";
import { writeCondition } from "../rules/conditions.ts";
import { elementNotOffered, malformedXml, noSuchVersion } from "../rules/errors.ts";
import { DELETE_KEYS_MAX } from "../rules/limits.ts";
import type { BucketDescription } from "../store/store.ts";
import { commit, commitAll, type Change } from "./commit.ts";
import { objectAction, type Context, type ObjectCall } from "./context.ts";
import { bucketOf } from "./owned.ts";
import { bucketLabel } from "./shapes.ts";

const identifier = structure({ Key: required(string), VersionId: string, ETag: string, LastModifiedTime: string, Size: long });
const deletion = structure({ Objects: required(list(identifier, { flattened: true }), { wireName: "Object" }), Quiet: boolean });
const deleted = structure({ Key: string, VersionId: string, DeleteMarker: boolean, DeleteMarkerVersionId: string });
const failed = structure({ Key: string, VersionId: string, Code: string, Message: string });

const deleteObjectsOperation = operation("DeleteObjects", {
  input: structure({ ...bucketLabel, Delete: required(deletion, { payload: true }) }),
  output: structure({
    Deleted: list(deleted, { flattened: true }),
    Errors: optional(list(failed, { flattened: true }), { wireName: "Error" }),
  }),
  xmlRoot: { response: "DeleteResult" },
});

type Identifier = Infer<typeof identifier>;

/** Removes many keys; those that cannot be removed are told one by one, absent ones count as removed. */
export const deleteObjects = (context: Context) =>
  objectAction(deleteObjectsOperation, async (input, call) => {
    const { Objects: objects, Quiet: quiet } = input.Delete;
    if (objects.length === 0 || objects.length > DELETE_KEYS_MAX) throw malformedXml();
    const bucket = await bucketOf(context, input.Bucket, call);
    const outcomes = await removeAll(context, objects, { bucket, call });
    return {
      Deleted: quiet === true ? [] : outcomes.flatMap(({ Key, VersionId, error }) => (error === undefined ? [{ Key, VersionId }] : [])),
      Errors: outcomes.flatMap(({ Key, VersionId, error }) => {
        return error === undefined ? [] : [{ Key, VersionId, Code: error.code, Message: error.message }];
      }),
    };
  });

type Outcome = Pick<Identifier, "Key" | "VersionId"> & { readonly error?: ServiceError };

/** Keys without a condition go in one unit; one with a condition may be refused, which must not hold the others back. */
async function removeAll(
  context: Context,
  objects: readonly Identifier[],
  of: { bucket: BucketDescription; call: ObjectCall },
): Promise<Outcome[]> {
  const together: Change[] = [];
  const outcomes = objects.map(async ({ Key, VersionId, ...conditions }): Promise<Outcome> => {
    const shown = VersionId === undefined ? { Key } : { Key, VersionId };
    try {
      const change = changeOf(context, { Key, VersionId, ...conditions }, of.bucket.id);
      if (conditions.ETag === undefined) together.push(change);
      else await commit(context, change, of);
      return shown;
    } catch (error) {
      if (error instanceof ServiceError) return { ...shown, error };
      throw error;
    }
  });
  await Promise.all([commitAll(context, together, of), ...outcomes]);
  return Promise.all(outcomes);
}

function changeOf({ store }: Context, object: Identifier, bucketId: number): Change {
  checkKey(object.Key);
  if (object.VersionId !== undefined && object.VersionId !== "null") throw noSuchVersion(object.Key, object.VersionId);
  if (object.LastModifiedTime !== undefined) throw elementNotOffered("LastModifiedTime");
  if (object.Size !== undefined) throw elementNotOffered("Size");
  const condition = writeCondition({ ifMatch: object.ETag });
  return {
    call: store.call("deleteObject", { bucketId, key: object.Key, condition }),
    told: { name: "ObjectRemoved:Delete", key: object.Key },
  };
}
