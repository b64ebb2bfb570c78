import {
  DeleteObjectsCommand,
  GetObjectCommand,
  ListObjectsV2Command,
  paginateListObjectsV2,
  PutObjectCommand,
  S3ServiceException,
  type GetObjectCommandOutput,
  type S3Client,
} from "@aws-sdk/client-s3";
import type { ListedObject, Objects, WriteCondition } from "./objects.ts";
import { PlainRecords } from "./plain-records.ts";
import type { PlainParts } from "./plain-requests.ts";

/** How often a write is made again that has met another one. */
const CONFLICTS_MAX = 10;

/** DeleteObjects takes this many keys. */
const REMOVED_AT_ONCE = 1000;

/** The object store through the AWS SDK. */
export function awsObjects(client: S3Client, bucket: string, parts: PlainParts): Objects {
  const open = async (Bucket: string, Key: string, abortSignal?: AbortSignal): Promise<GetObjectCommandOutput | undefined> => {
    try {
      return await client.send(new GetObjectCommand({ Bucket, Key }), abortOf(abortSignal));
    } catch (error) {
      if (error instanceof S3ServiceException && error.name === "NoSuchKey") return undefined;
      throw error;
    }
  };
  const plain = new PlainRecords(client, bucket, parts);
  return {
    bucket,
    async read(key, signal) {
      const found = await open(bucket, key, signal);
      return found === undefined ? undefined : { text: (await found.Body?.transformToString()) ?? "", etag: found.ETag ?? "" };
    },
    async write(key, text, { condition, signal } = {}) {
      const written = await plain.write(bucket, { key, text, condition, signal });
      if (written !== undefined) return written === "refused" ? undefined : written.etag;
      const object = { Bucket: bucket, Key: key, Body: text, ContentType: "application/json" };
      for (let tries = 1; ; tries += 1) {
        try {
          return (await client.send(new PutObjectCommand({ ...object, ...headersOf(condition) }), abortOf(signal))).ETag ?? "";
        } catch (error) {
          if (condition !== undefined && isRefused(error)) return undefined;
          if (tries === CONFLICTS_MAX || !isConflict(error)) throw error;
        }
      }
    },
    async list(prefix, signal) {
      const keys: string[] = [];
      for await (const page of paginateListObjectsV2({ client }, { Bucket: bucket, Prefix: prefix }, abortOf(signal)))
        for (const { Key = "" } of page.Contents ?? []) keys.push(Key);
      return keys;
    },
    page: async (Prefix, afterKey, signal) => await page(client, { Bucket: bucket, Prefix, afterKey }, signal),
    removeVersions: async (listed) => await removeVersions(client, bucket, listed),
    async remove(keys) {
      for (let from = 0; from < keys.length; from += REMOVED_AT_ONCE) {
        const Objects = keys.slice(from, from + REMOVED_AT_ONCE).map((Key) => ({ Key }));
        await client.send(new DeleteObjectsCommand({ Bucket: bucket, Delete: { Objects, Quiet: true } }));
      }
    },
    async follow(pointer, bytesMax, signal) {
      const found = await client.send(new GetObjectCommand({ Bucket: pointer.bucket, Key: pointer.key }), abortOf(signal));
      if ((found.ContentLength ?? 0) > bytesMax) {
        (found.Body as { destroy?: () => void } | undefined)?.destroy?.();
        throw new RangeError(`the body at ${pointer.bucket}/${pointer.key} has ${found.ContentLength} bytes; at most ${bytesMax} are read`);
      }
      return (await found.Body?.transformToString()) ?? "";
    },
    async getBytes(key, signal) {
      return await (await open(bucket, key, signal))?.Body?.transformToByteArray();
    },
    async putBytes(key, bytes, { contentType, signal }) {
      const object = { Bucket: bucket, Key: key, Body: bytes };
      await client.send(
        new PutObjectCommand({ ...object, ...(contentType === undefined ? {} : { ContentType: contentType }) }),
        abortOf(signal),
      );
    },
  };
}

async function page(
  client: S3Client,
  of: { Bucket: string; Prefix: string; afterKey: string },
  signal: AbortSignal | undefined,
): Promise<{ objects: ListedObject[]; isLast: boolean }> {
  const { afterKey, ...where } = of;
  const from = afterKey === "" ? {} : { StartAfter: afterKey };
  const { Contents = [], IsTruncated = false } = await client.send(new ListObjectsV2Command({ ...where, ...from }), abortOf(signal));
  const objects = Contents.map(({ Key = "", ETag = "", LastModified }) => ({
    key: Key,
    etag: ETag,
    // What has no time is not old.
    modifiedMs: LastModified?.getTime() ?? Number.POSITIVE_INFINITY,
  }));
  return { objects, isLast: !IsTruncated };
}

async function removeVersions(client: S3Client, Bucket: string, listed: readonly ListedObject[]): Promise<number> {
  if (listed.length === 0) return 0;
  const Objects = listed.map(({ key, etag }) => ({ Key: key, ETag: etag }));
  const { Errors = [] } = await client.send(new DeleteObjectsCommand({ Bucket, Delete: { Objects, Quiet: true } }));
  const [failed] = Errors.filter(({ Code = "" }) => !["PreconditionFailed", "NoSuchKey"].includes(Code));
  if (failed !== undefined) throw new Error(`${failed.Key ?? ""} could not be removed: ${failed.Code ?? ""}: ${failed.Message ?? ""}`);
  return listed.length - Errors.length;
}

function headersOf(condition: WriteCondition | undefined): { IfNoneMatch?: string; IfMatch?: string } {
  if (condition === undefined) return {};
  return "ifNone" in condition ? { IfNoneMatch: "*" } : { IfMatch: condition.ifMatch };
}

/** 412: the condition does not hold. 404: what was to be replaced is gone. */
function isRefused(error: unknown): boolean {
  if (!(error instanceof S3ServiceException) || error.name === "NoSuchBucket") return false;
  return [404, 412].includes(error.$metadata.httpStatusCode ?? 0);
}

/** 409: two conditional writes met. It says nothing of the condition, so the write is to be made again. */
function isConflict(error: unknown): boolean {
  return error instanceof S3ServiceException && error.$metadata.httpStatusCode === 409;
}

function abortOf(abortSignal: AbortSignal | undefined): { abortSignal?: AbortSignal } {
  return abortSignal === undefined ? {} : { abortSignal };
}
