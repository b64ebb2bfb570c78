import {
  DeleteObjectCommand,
  GetObjectCommand,
  HeadObjectCommand,
  NoSuchKey,
  NotFound,
  PutObjectCommand,
  S3ServiceException,
  paginateListObjectsV2,
} from "@aws-sdk/client-s3";
import type { GetObjectCommandOutput } from "@aws-sdk/client-s3";
import { getSignedUrl } from "@aws-sdk/s3-request-presigner";
import { text } from "node:stream/consumers";
import type { Readable } from "node:stream";
import type { Clients } from "./aws.ts";
import { TooLarge } from "./objects.ts";
import type { Listed, Objects, Versioned } from "./objects.ts";

const UPLOAD_URL_SECONDS = 600;
const DOWNLOAD_URL_SECONDS = 3600;
const JSON_BYTES_MAX = 4 * 1024 * 1024;

const isAbsent = (failure: unknown): boolean => failure instanceof NoSuchKey || failure instanceof NotFound;

/** 412: the condition does not hold. 409: two conditional writes met, and this one lost. 404: what was to be replaced is gone. */
const isConflict = (failure: unknown): boolean =>
  failure instanceof S3ServiceException && [404, 409, 412].includes(failure.$metadata.httpStatusCode ?? 0);

/** The buckets, over S3's protocol. */
export class S3Objects implements Objects {
  readonly #clients: Clients;

  constructor(clients: Clients) {
    this.#clients = clients;
  }

  async read(bucket: string, key: string, bytesMax: number): Promise<Buffer | undefined> {
    const found = await this.#open(bucket, key);
    if (found?.Body === undefined) return undefined;
    if ((found.ContentLength ?? Infinity) > bytesMax) {
      (found.Body as Readable).destroy();
      throw new TooLarge(`${key} has more than ${bytesMax} bytes`);
    }
    return Buffer.from(await found.Body.transformToByteArray());
  }

  async stream(bucket: string, key: string): Promise<Readable | undefined> {
    return (await this.#open(bucket, key))?.Body as Readable | undefined;
  }

  async exists(bucket: string, key: string): Promise<boolean> {
    try {
      await this.#clients.s3.send(new HeadObjectCommand({ Bucket: bucket, Key: key }));
      return true;
    } catch (failure) {
      if (isAbsent(failure)) return false;
      throw failure;
    }
  }

  async write(bucket: string, key: string, { bytes, contentType }: { bytes: Buffer; contentType: string }): Promise<void> {
    await this.#clients.s3.send(new PutObjectCommand({ Bucket: bucket, Key: key, Body: bytes, ContentType: contentType }));
  }

  async remove(bucket: string, key: string): Promise<void> {
    await this.#clients.s3.send(new DeleteObjectCommand({ Bucket: bucket, Key: key }));
  }

  async readJson(bucket: string, key: string): Promise<Versioned | undefined> {
    const found = await this.#open(bucket, key);
    if (found?.Body === undefined) return undefined;
    if ((found.ContentLength ?? 0) > JSON_BYTES_MAX) {
      (found.Body as Readable).destroy();
      throw new TooLarge(`${key} is too large to be one of ours`);
    }
    return { value: JSON.parse(await text(found.Body as Readable)) as unknown, etag: found.ETag ?? "" };
  }

  async writeJson(bucket: string, key: string, { value, expected }: { value: unknown; expected: string }): Promise<string | undefined> {
    const condition = expected === "none" ? { IfNoneMatch: "*" } : { IfMatch: expected };
    const object = { Bucket: bucket, Key: key, Body: JSON.stringify(value), ContentType: "application/json" };
    try {
      return (await this.#clients.s3.send(new PutObjectCommand({ ...object, ...condition }))).ETag;
    } catch (failure) {
      if (isConflict(failure)) return undefined;
      throw failure;
    }
  }

  async *list(bucket: string, prefix: string): AsyncIterable<Listed> {
    for await (const page of paginateListObjectsV2({ client: this.#clients.s3 }, { Bucket: bucket, Prefix: prefix }))
      for (const { Key = "", ETag = "", LastModified } of page.Contents ?? [])
        yield { key: Key, etag: ETag, changedMs: LastModified?.getTime() ?? 0 };
  }

  async uploadUrl(bucket: string, key: string, { bytes, contentType }: { bytes: number; contentType: string }): Promise<string> {
    const command = new PutObjectCommand({ Bucket: bucket, Key: key, ContentLength: bytes, ContentType: contentType });
    // What is signed cannot be changed: the URL is good for a file of this length and type only.
    const signableHeaders = new Set(["host", "content-length", "content-type"]);
    return await getSignedUrl(this.#clients.browserS3, command, { expiresIn: UPLOAD_URL_SECONDS, signableHeaders });
  }

  async downloadUrl(bucket: string, key: string, fileName?: string): Promise<string> {
    const disposition = fileName === undefined ? {} : { ResponseContentDisposition: attachment(fileName) };
    const command = new GetObjectCommand({ Bucket: bucket, Key: key, ...disposition });
    return await getSignedUrl(this.#clients.browserS3, command, { expiresIn: DOWNLOAD_URL_SECONDS });
  }

  async #open(bucket: string, key: string): Promise<GetObjectCommandOutput | undefined> {
    try {
      return await this.#clients.s3.send(new GetObjectCommand({ Bucket: bucket, Key: key }));
    } catch (failure) {
      if (isAbsent(failure)) return undefined;
      throw failure;
    }
  }
}

/** RFC 6266: a plain name for old clients, the real one for the rest. */
export function attachment(fileName: string): string {
  const plain = fileName.replaceAll(/[^\x20-\x7e]|["\\%]/gu, "_");
  const encoded = encodeURIComponent(fileName).replaceAll(
    /['()*]/g,
    (character) => `%${character.charCodeAt(0).toString(16).toUpperCase()}`,
  );
  return `attachment; filename="${plain}"; filename*=UTF-8''${encoded}`;
}
