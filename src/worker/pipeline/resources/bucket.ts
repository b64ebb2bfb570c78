import {
  CreateBucketCommand,
  DeleteBucketCommand,
  DeleteObjectsCommand,
  GetBucketTaggingCommand,
  HeadBucketCommand,
  ListObjectsV2Command,
  PutBucketTaggingCommand,
  S3ServiceException,
  type BucketLocationConstraint,
  type S3Client,
  type Tag,
} from "@aws-sdk/client-s3";

/** DeleteObjects takes this many keys, and a page of a list has as many. */
export const OBJECTS_AT_ONCE = 1000;

export async function hasBucket(s3: S3Client, Bucket: string): Promise<boolean> {
  try {
    await s3.send(new HeadBucketCommand({ Bucket }));
    return true;
  } catch (error) {
    if (isStatus(error, 404)) return false;
    throw error;
  }
}

/**
 * A bucket with tags, unless somebody else has made it meanwhile: then it is left as it is. Both are one request, so that whoever dies over
 * it leaves no bucket that is nobody's. Stores that know no tags there, and callers who may not give any, take two.
 */
export async function createBucket(s3: S3Client, Bucket: string, tags: Readonly<Record<string, string>>): Promise<void> {
  const TagSet = Object.entries(tags).map(([Key, Value]) => ({ Key, Value }));
  try {
    // A store may have taken the tags' request without having read all of it. One that lets nobody look has read it.
    if ((await createdWith(s3, Bucket, TagSet)) && (await hasTags(s3, Bucket))) return;
  } catch (error) {
    if (error instanceof S3ServiceException && error.name === "BucketAlreadyOwnedByYou") return;
    throw error;
  }
  await s3.send(new PutBucketTaggingCommand({ Bucket, Tagging: { TagSet } }));
}

/** @returns whether the tags were taken with the bucket. */
async function createdWith(s3: S3Client, Bucket: string, Tags: Tag[]): Promise<boolean> {
  const region = await s3.config.region();
  const where = region === "us-east-1" ? undefined : { LocationConstraint: region as BucketLocationConstraint };
  try {
    await s3.send(new CreateBucketCommand({ Bucket, CreateBucketConfiguration: { ...where, Tags } }));
    return true;
  } catch (error) {
    if (!mayBeForTags(error)) throw error;
  }
  await s3.send(new CreateBucketCommand({ Bucket, ...(where === undefined ? {} : { CreateBucketConfiguration: where }) }));
  return false;
}

async function hasTags(s3: S3Client, Bucket: string): Promise<boolean> {
  try {
    return Object.keys(await bucketTags(s3, Bucket)).length > 0;
  } catch (error) {
    if (isStatus(error, 403)) return true;
    throw error;
  }
}

/** Whether the same without tags may be accepted: not of a name that is taken, nor of a server that cannot now. */
function mayBeForTags(error: unknown): boolean {
  const status = error instanceof S3ServiceException ? (error.$metadata.httpStatusCode ?? 0) : 0;
  return [400, 403, 501].includes(status);
}

export async function bucketTags(s3: S3Client, Bucket: string): Promise<Readonly<Record<string, string>>> {
  try {
    const { TagSet = [] } = await s3.send(new GetBucketTaggingCommand({ Bucket }));
    return Object.fromEntries(TagSet.map(({ Key = "", Value = "" }) => [Key, Value]));
  } catch (error) {
    if (error instanceof S3ServiceException && error.name === "NoSuchTagSet") return {};
    throw error;
  }
}

/** How many objects it holds; at most `OBJECTS_AT_ONCE` are counted. */
export async function objectsIn(s3: S3Client, Bucket: string): Promise<number> {
  return (await s3.send(new ListObjectsV2Command({ Bucket, MaxKeys: OBJECTS_AT_ONCE }))).KeyCount ?? 0;
}

/** Removes every object, a page at a time. @throws {Error} where one of them stays. */
export async function emptyBucket(s3: S3Client, Bucket: string, signal: AbortSignal | undefined): Promise<void> {
  for (;;) {
    signal?.throwIfAborted();
    const { Contents = [] } = await s3.send(new ListObjectsV2Command({ Bucket, MaxKeys: OBJECTS_AT_ONCE }));
    if (Contents.length === 0) return;
    const Objects = Contents.map(({ Key = "" }) => ({ Key }));
    const { Errors = [] } = await s3.send(new DeleteObjectsCommand({ Bucket, Delete: { Objects, Quiet: true } }));
    const [first] = Errors;
    if (first !== undefined) throw new Error(`${Bucket}/${first.Key} stays: ${first.Code}: ${first.Message}`);
  }
}

/** @returns false where it holds something after all: versions, or what has come meanwhile. */
export async function deleteBucket(s3: S3Client, Bucket: string): Promise<boolean> {
  try {
    await s3.send(new DeleteBucketCommand({ Bucket }));
    return true;
  } catch (error) {
    if (isStatus(error, 404)) return true;
    if (error instanceof S3ServiceException && error.name === "BucketNotEmpty") return false;
    throw error;
  }
}

function isStatus(error: unknown, status: number): boolean {
  return error instanceof S3ServiceException && error.$metadata.httpStatusCode === status;
}
