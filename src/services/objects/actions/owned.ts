import { checkBucketName } from "../rules/bucket-name.ts";
import { accessDenied, noSuchBucket, noSuchKey } from "../rules/errors.ts";
import type { BucketDescription, ObjectDescription } from "../store/store.ts";
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
  checkBucketName(name);
  const owner = { account: principal.accountId, expected: headers["x-amz-expected-bucket-owner"] };
  return checkOwn(name, await store.findBucket({ name }), owner);
}

/**
 * The bucket and the object of a key in it, asked for at once.
 * @throws {ServiceError} NoSuchKey and what `bucketOf` throws
 */
export async function objectOf(
  { store, storage }: Context,
  { Bucket: name, Key: key }: { readonly Bucket: string; readonly Key: string },
  { principal, headers }: Pick<ObjectCall, "principal" | "headers">,
): Promise<{ bucket: BucketDescription; object: ObjectDescription }> {
  const owner = { account: principal.accountId, expected: headers["x-amz-expected-bucket-owner"] };
  return ownObject({ store, storage }, { name, key }, owner);
}

/** The same for the source of a copy. */
export async function sourceObjectOf(
  { store, storage }: Context,
  { name, key }: { readonly name: string; readonly key: string },
  { principal, headers }: Pick<ObjectCall, "principal" | "headers">,
): Promise<{ bucket: BucketDescription; object: ObjectDescription }> {
  const owner = { account: principal.accountId, expected: headers["x-amz-source-expected-bucket-owner"] };
  return ownObject({ store, storage }, { name, key }, owner);
}

interface Owner {
  readonly account: string;
  /** As the caller expects it. */
  readonly expected: string | undefined;
}

async function ownObject(
  { store, storage }: Pick<Context, "store" | "storage">,
  { name, key }: { name: string; key: string },
  owner: Owner,
): Promise<{ bucket: BucketDescription; object: ObjectDescription }> {
  checkBucketName(name);
  const [bucket, object] = await storage.unit([store.call("findBucket", { name }), store.call("findObject", { bucket: name, key })]);
  const own = checkOwn(name, bucket as BucketDescription | undefined, owner);
  if (object === undefined) throw noSuchKey(key);
  return { bucket: own, object: object as ObjectDescription };
}

function checkOwn(name: string, bucket: BucketDescription | undefined, { account, expected }: Owner): BucketDescription {
  if (bucket === undefined) throw noSuchBucket(name);
  if (bucket.account !== account || (expected !== undefined && expected !== bucket.account)) throw accessDenied();
  return bucket;
}

/** The id that S3 shows for an owner: 64 hex digits. */
export function ownerId(account: string): string {
  return account.padStart(64, "0");
}
