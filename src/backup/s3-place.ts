import type * as Sdk from "@aws-sdk/client-s3";
import { MIB } from "../kernel/units.ts";
import { MissingFile, PlaceUnusable, type Bytes, type Place, type Stored } from "./place.ts";

/** S3's limits: parts of an upload but the last, their number, keys of a deletion. */
const PART_BYTES_MIN = 8 * MIB;
const PARTS_MAX = 10_000;
const DELETED_AT_ONCE = 1000;

/** Parts on their way at once; each is in memory. */
const PARTS_AT_ONCE = 3;

/** Of a file whose length is not known: enough for 160 GB. */
const PART_BYTES_OF_UNKNOWN = 16 * MIB;

export interface S3PlaceOptions {
  readonly bucket: string;
  /** Without slashes around it; empty: the whole bucket. */
  readonly prefix: string;
  readonly name: string;
  /** Undefined: Amazon S3. */
  readonly endpoint: string | undefined;
  readonly settings: Partial<Sdk.S3ClientConfig>;
}

/** A bucket of any S3-compatible server as a place for backups. The SDK is loaded by those who use it only. */
export async function openS3Place(options: S3PlaceOptions): Promise<Place> {
  const sdk = await import("@aws-sdk/client-s3");
  const client = new sdk.S3Client({
    ...(options.endpoint === undefined ? {} : { endpoint: options.endpoint, forcePathStyle: true }),
    ...options.settings,
    maxAttempts: 5,
    requestHandler: { connectionTimeout: 5000, requestTimeout: 120_000 },
  });
  return new S3Place(sdk, client, options);
}

class S3Place implements Place {
  readonly name: string;
  readonly #sdk: typeof Sdk;
  readonly #client: Sdk.S3Client;
  readonly #bucket: string;
  readonly #prefix: string;

  constructor(sdk: typeof Sdk, client: Sdk.S3Client, { name, bucket, prefix }: S3PlaceOptions) {
    this.name = name;
    this.#sdk = sdk;
    this.#client = client;
    this.#bucket = bucket;
    this.#prefix = prefix === "" ? "" : `${prefix}/`;
  }

  /** S3 has nothing that ends with a process. */
  async lock(): Promise<undefined> {}

  async *list(folder: string): AsyncIterable<readonly Stored[]> {
    let ContinuationToken: string | undefined;
    do {
      const asked = { Bucket: this.#bucket, Prefix: `${this.#prefix}${folder}/`, ContinuationToken };
      const page = await this.#told(this.#client.send(new this.#sdk.ListObjectsV2Command(asked)));
      yield (page.Contents ?? []).map(({ Key = "", Size = 0, LastModified }) => ({
        path: Key.slice(this.#prefix.length),
        bytes: Size,
        modifiedMs: LastModified?.getTime() ?? 0,
      }));
      ContinuationToken = page.NextContinuationToken;
    } while (ContinuationToken !== undefined);
  }

  async read(path: string): Promise<Bytes> {
    const { Body } = await this.#told(this.#client.send(new this.#sdk.GetObjectCommand(this.#at(path))), path);
    return Body as unknown as Bytes;
  }

  async write(path: string, bytes: Bytes, bytesExpected?: number): Promise<void> {
    const partBytes =
      bytesExpected === undefined ? PART_BYTES_OF_UNKNOWN : Math.max(PART_BYTES_MIN, Math.ceil(bytesExpected / (PARTS_MAX - 1)));
    const parts = partsOf(bytes, partBytes);
    const first = await parts.next();
    const only = first.done === true ? Buffer.alloc(0) : first.value;
    if (only.length < partBytes) {
      await this.#told(this.#client.send(new this.#sdk.PutObjectCommand({ ...this.#at(path), Body: only })));
      return;
    }
    const { UploadId } = await this.#told(this.#client.send(new this.#sdk.CreateMultipartUploadCommand(this.#at(path))));
    const upload = { ...this.#at(path), UploadId };
    try {
      const Parts = await this.#uploadParts(upload, only, parts);
      await this.#told(this.#client.send(new this.#sdk.CompleteMultipartUploadCommand({ ...upload, MultipartUpload: { Parts } })));
    } catch (error) {
      await this.#client.send(new this.#sdk.AbortMultipartUploadCommand(upload)).catch(() => {}); // The first failure is the one to tell.
      throw error;
    }
  }

  async remove(paths: readonly string[]): Promise<void> {
    for (let at = 0; at < paths.length; at += DELETED_AT_ONCE) {
      const Objects = paths.slice(at, at + DELETED_AT_ONCE).map((path) => ({ Key: this.#prefix + path }));
      const asked = { Bucket: this.#bucket, Delete: { Objects, Quiet: true } };
      const { Errors: [first] = [] } = await this.#told(this.#client.send(new this.#sdk.DeleteObjectsCommand(asked)));
      if (first !== undefined) throw new PlaceUnusable(`${first.Key} in ${this.name} could not be removed: ${first.Message}`);
    }
  }

  close(): void {
    this.#client.destroy();
  }

  #at(path: string): { Bucket: string; Key: string } {
    return { Bucket: this.#bucket, Key: this.#prefix + path };
  }

  async #uploadParts(
    upload: { Bucket: string; Key: string; UploadId: string | undefined },
    first: Buffer,
    rest: AsyncIterator<Buffer>,
  ): Promise<Sdk.CompletedPart[]> {
    const done: Promise<Sdk.CompletedPart>[] = [];
    for (let part: Buffer | undefined = first; part !== undefined;) {
      const PartNumber = done.length + 1;
      const sent = this.#told(this.#client.send(new this.#sdk.UploadPartCommand({ ...upload, PartNumber, Body: part })));
      const completed = sent.then(({ ETag, ChecksumCRC32 }) => ({ PartNumber, ETag, ChecksumCRC32 }));
      completed.catch(() => {}); // Told below.
      done.push(completed);
      if (done.length >= PARTS_AT_ONCE) await done[done.length - PARTS_AT_ONCE];
      const next = await rest.next();
      part = next.done === true ? undefined : next.value;
    }
    return Promise.all(done);
  }

  /** Failures in words that say what to do. */
  async #told<T>(asked: Promise<T>, path = ""): Promise<T> {
    try {
      return await asked;
    } catch (error) {
      const { name, message, code = "" } = error as { name: string; message: string; code?: string };
      if (name === "NoSuchKey" || name === "NotFound") throw new MissingFile(`${path} is missing in ${this.name}.`);
      if (name === "NoSuchBucket")
        throw new PlaceUnusable(`There is no bucket ${this.#bucket}: make it first, or say with --s3-endpoint where it is.`);
      throw new PlaceUnusable(`${this.name} cannot be used (${code === "" ? name : code}): ${message}`, { cause: error });
    }
  }
}

/** The bytes in pieces of one size; only the last is smaller. */
async function* partsOf(bytes: Bytes, partBytes: number): AsyncGenerator<Buffer, void> {
  let gathered: Uint8Array[] = [];
  let length = 0;
  for await (const piece of bytes) {
    gathered.push(piece);
    length += piece.length;
    if (length < partBytes) continue;
    const all = Buffer.concat(gathered);
    let at = 0;
    for (; all.length - at >= partBytes; at += partBytes) yield all.subarray(at, at + partBytes);
    gathered = at < all.length ? [all.subarray(at)] : [];
    length = all.length - at;
  }
  if (length > 0) yield Buffer.concat(gathered);
}
