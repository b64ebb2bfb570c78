import {
  DeleteObjectsCommand,
  GetObjectCommand,
  paginateListObjectsV2,
  PutObjectCommand,
  S3ServiceException,
  type GetObjectCommandOutput,
  type S3Client,
} from "@aws-sdk/client-s3";
import type { Objects, WriteCondition } from "./objects.ts";
import { PlainRecords } from "./plain-records.ts";

/** How often a write is made again that has met another one. */
const CONFLICTS_MAX = 10;

/** DeleteObjects takes this many keys. */
const REMOVED_AT_ONCE = 1000;

/** The object store through the AWS SDK. */
export function awsObjects(client: S3Client, bucket: string): Objects {
  const open = async (Bucket: string, Key: string, abortSignal?: AbortSignal): Promise<GetObjectCommandOutput | undefined> => {
    try {
      return await client.send(new GetObjectCommand({ Bucket, Key }), abortOf(abortSignal));
    } catch (error) {
      if (error instanceof S3ServiceException && error.name === "NoSuchKey") return undefined;
      throw error;
    }
  };
  const plain = new PlainRecords(client, bucket);
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
