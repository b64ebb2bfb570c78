import type { StoreClient } from "../../../storage/storage.ts";
import { checkBucketName } from "../rules/bucket-name.ts";
import { accessDenied, noSuchBucket } from "../rules/errors.ts";
import type { BucketDescription, ObjectOperations } from "../store/store.ts";
import type { Context, ObjectCall } from "./context.ts";

/**
 * The bucket that a caller names. Without policies a bucket is its owner's alone.
 * @throws {ServiceError} InvalidBucketName, NoSuchBucket, AccessDenied
 */
export async function bucketOf(
  { store }: Context,
  name: string,
  { principal, headers }: Pick<ObjectCall, "principal" | "headers">,
): Promise<BucketDescription> {
  return ownBucket(store, name, { account: principal.accountId, expected: headers["x-amz-expected-bucket-owner"] });
}

/** The same for the source of a copy, whose owner is named by another header. */
export async function sourceBucketOf(
  { store }: Context,
  name: string,
  call: Pick<ObjectCall, "principal" | "headers">,
): Promise<BucketDescription> {
  return ownBucket(store, name, { account: call.principal.accountId, expected: call.headers["x-amz-source-expected-bucket-owner"] });
}

async function ownBucket(
  store: StoreClient<ObjectOperations>,
  name: string,
  owner: { account: string; expected: string | undefined },
): Promise<BucketDescription> {
  checkBucketName(name);
  const bucket = await store.findBucket({ name });
  if (bucket === undefined) throw noSuchBucket(name);
  if (bucket.account !== owner.account) throw accessDenied();
  if (owner.expected !== undefined && owner.expected !== bucket.account) throw accessDenied();
  return bucket;
}

/** The id that S3 shows for an owner: 64 hex digits. */
export function ownerId(account: string): string {
  return account.padStart(64, "0");
}
