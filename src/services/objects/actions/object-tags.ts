import { checkVersionId } from "../rules/not-offered.ts";
import type { Tags } from "../store/store.ts";
import { commit } from "./commit.ts";
import type { Context, ObjectCall } from "./context.ts";
import { objectOf } from "./owned.ts";

interface Tagged {
  readonly Bucket: string;
  readonly Key: string;
  readonly VersionId?: string | undefined;
  readonly tags: Tags;
  /** What is told of it. */
  readonly event: string;
}

/** Replaces the tags of an object and tells of it. @throws {ServiceError} NoSuchKey and what `bucketOf` throws */
export async function setTags(context: Context, { Bucket, Key: key, VersionId, tags, event }: Tagged, call: ObjectCall): Promise<void> {
  checkVersionId(VersionId);
  const { bucket, object } = await objectOf(context, { Bucket, Key: key }, call);
  const set = context.store.call("setObjectTags", { bucketId: bucket.id, key, tags });
  await commit(context, { call: set, told: { name: event, key, object: { etag: object.etag } } }, { bucket, call });
}
