import { GetObjectCommand, S3Client } from "@aws-sdk/client-s3";
import { Upload } from "@aws-sdk/lib-storage";
import { createReadStream, createWriteStream, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";

/** As the environment says; patient enough for a server that is being replaced. */
export const s3: S3Client = new S3Client({ forcePathStyle: (process.env["AWS_ENDPOINT_URL"] ?? "") !== "", maxAttempts: 10 });

/** A folder that is gone when this program ends, also when its worker tells it to. */
export function ownFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), "transcode-"));
  process.once("exit", () => rmSync(folder, { recursive: true, force: true }));
  process.once("SIGTERM", () => process.exit(143));
  return folder;
}

/** @returns false where there is no such object. */
export async function download(object: { bucket: string; key: string }, path: string): Promise<boolean> {
  try {
    const { Body } = await s3.send(new GetObjectCommand({ Bucket: object.bucket, Key: object.key }));
    await pipeline(Body as Readable, createWriteStream(path));
    return true;
  } catch (error) {
    if ((error as Error).name === "NoSuchKey") return false;
    throw error;
  }
}

/** In parts where it is large; each is sent again when it fails. */
export async function upload(path: string, object: { bucket: string; key: string; contentType?: string }): Promise<void> {
  const { bucket: Bucket, key: Key, contentType } = object;
  const params = { Bucket, Key, Body: createReadStream(path), ...(contentType === undefined ? {} : { ContentType: contentType }) };
  await new Upload({ client: s3, params }).done();
}
