import type { Clock } from "../../../kernel/clock.ts";
import type { Random } from "../../../kernel/random.ts";
import { ServiceError } from "../../../kernel/service-error.ts";
import type { Storage, StoreClient } from "../../../storage/storage.ts";
import type { Action, Call } from "../../../wire/api.ts";
import type { InputOf, Operation, OutputOf } from "../../../wire/shapes.ts";
import type { Readers } from "../content/readers.ts";
import type { BlobStore } from "../drivers/blob-store.ts";
import type { EventTargets, IncomingBody } from "../needs.ts";
import { checkBucketName } from "../rules/bucket-name.ts";
import { accessDenied, noSuchBucket } from "../rules/errors.ts";
import type { BucketDescription, ObjectOperations } from "../store/store.ts";

/** What every action works with. */
export interface Context {
  readonly store: StoreClient<ObjectOperations>;
  readonly storage: Storage;
  readonly blobs: BlobStore;
  readonly readers: Readers;
  readonly clock: Clock;
  readonly random: Random;
  readonly events: EventTargets;
  /** An id that no blob has had. */
  newBlobId(this: void): string;
  /** Grows with each call, beyond a restart too. */
  newSequencer(this: void): bigint;
}

/** A call as the actions of this service get it. */
export interface ObjectCall extends Call {
  /** Those of a presigned URL's query string included. */
  readonly headers: Call["headers"];
  readonly body: IncomingBody;
}

export function objectAction<T extends Operation>(
  operation: T,
  handle: (input: InputOf<T>, call: ObjectCall) => Promise<OutputOf<T>>,
): Action<T> {
  return { operation, handle: (input, call) => handle(input, call as ObjectCall) };
}

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

const ATTEMPTS_MAX = 10;

/** Begins again when what was read has changed before it could be acted on. @throws OperationAborted after ten times */
export async function retried<T>(attempt: () => Promise<T>): Promise<T> {
  for (let attempts = 1; ; attempts += 1) {
    try {
      return await attempt();
    } catch (error) {
      if (!(error instanceof ServiceError) || error.code !== "OperationAborted" || attempts === ATTEMPTS_MAX) throw error;
    }
  }
}
