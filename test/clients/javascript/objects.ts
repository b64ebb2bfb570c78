import {
  AbortMultipartUploadCommand,
  CopyObjectCommand,
  CreateBucketCommand,
  CreateMultipartUploadCommand,
  DeleteBucketCommand,
  DeleteObjectCommand,
  DeleteObjectsCommand,
  GetBucketLocationCommand,
  GetObjectAttributesCommand,
  GetObjectCommand,
  HeadBucketCommand,
  HeadObjectCommand,
  ListBucketsCommand,
  ListMultipartUploadsCommand,
  ListObjectsCommand,
  ListPartsCommand,
  paginateListObjectsV2,
  PutBucketNotificationConfigurationCommand,
  PutObjectCommand,
  S3Client,
  type S3ServiceException,
  UploadPartCommand,
  type S3ClientConfig,
} from "@aws-sdk/client-s3";
import { CreateQueueCommand, DeleteQueueCommand, GetQueueAttributesCommand, ReceiveMessageCommand, SQSClient } from "@aws-sdk/client-sqs";
import { Upload } from "@aws-sdk/lib-storage";
import { createPresignedPost } from "@aws-sdk/s3-presigned-post";
import { getSignedUrl } from "@aws-sdk/s3-request-presigner";
import assert from "node:assert/strict";
import { createHash, randomBytes } from "node:crypto";
import { Readable } from "node:stream";
import { refusalOf, type Tally } from "./tally.ts";

/** Spaces, a plus, percent signs, empty and dotted segments, letters beyond ASCII and beyond 16 bits. */
const KEYS = ["plain.txt", "a b+c%20d&e=f?g#h", "//leading/../dots/./", "größe/żółw/🐢.jpg", "quote'\"<&>"];
const UPLOAD_BYTES = 20 * 1024 * 1024;

interface Of {
  readonly s3: S3Client;
  readonly Bucket: string;
  readonly step: Tally["step"];
  readonly config: Pick<S3ClientConfig, "endpoint" | "region">;
}

/** The scenario of objects. Each step builds on those before it. */
export async function objectScenario(tally: Tally, config: Of["config"]): Promise<void> {
  const s3 = new S3Client(config);
  const of = { s3, Bucket: `javascript-${process.pid}`, step: tally.step.bind(tally), config };
  await bucketSteps(of);
  await objectSteps(of);
  await conditionSteps(of);
  await listSteps(of);
  await multipartSteps(of);
  await presignedSteps(of);
  await eventSteps(of);
  await endSteps(of);
  s3.destroy();
}

async function bucketSteps({ s3, Bucket, step }: Of): Promise<void> {
  await step("a bucket is created, found, listed and located", async () => {
    await s3.send(new CreateBucketCommand({ Bucket }));
    await s3.send(new CreateBucketCommand({ Bucket }));
    await s3.send(new HeadBucketCommand({ Bucket }));
    const { Buckets } = await s3.send(new ListBucketsCommand({}));
    assert.ok(Buckets?.some(({ Name, CreationDate }) => Name === Bucket && CreationDate instanceof Date));
    assert.equal((await s3.send(new GetBucketLocationCommand({ Bucket }))).LocationConstraint, undefined);
  });
}

async function objectSteps({ s3, Bucket, step }: Of): Promise<void> {
  for (const Key of KEYS)
    await step(`an object named ${JSON.stringify(Key)} is put, read, copied and deleted`, async () => {
      const Body = `body of ${Key}`;
      const { ETag } = await s3.send(new PutObjectCommand({ Bucket, Key, Body }));
      assert.equal(ETag, `"${createHash("md5").update(Body).digest("hex")}"`);
      assert.equal(await textOf(s3, { Bucket, Key }), Body);
      const CopySource = `${Bucket}/${encodeURIComponent(Key)}`;
      await s3.send(new CopyObjectCommand({ Bucket, Key: `copy of ${Key}`, CopySource }));
      assert.equal(await textOf(s3, { Bucket, Key: `copy of ${Key}` }), Body);
      for (const Gone of [Key, `copy of ${Key}`]) await s3.send(new DeleteObjectCommand({ Bucket, Key: Gone }));
      assert.equal(await refusalOf(s3.send(new GetObjectCommand({ Bucket, Key }))), "NoSuchKey");
      assert.equal(await refusalOf(s3.send(new HeadObjectCommand({ Bucket, Key }))), "NotFound");
    });
  await step("what is stored with an object comes back, and can be replaced by a copy", async () => {
    const stored = {
      ContentType: "image/jpeg",
      CacheControl: "max-age=60",
      ContentDisposition: 'inline; filename="a.jpg"',
      ContentEncoding: "identity",
    };
    const Metadata = { camera: "Pentax K1000", place: "Zürich" };
    await s3.send(new PutObjectCommand({ Bucket, Key: "photo", Body: "bytes", ...stored, Metadata }));
    const head = await s3.send(new HeadObjectCommand({ Bucket, Key: "photo" }));
    assert.deepEqual({ ...stored, ...head }, head);
    assert.equal(head.Metadata?.["camera"], "Pentax K1000");
    assert.match(head.Metadata?.["place"] ?? "", /^=\?UTF-8\?/);
    const replaced = { ContentType: "text/plain", Metadata: { camera: "none" }, MetadataDirective: "REPLACE" } as const;
    await s3.send(new CopyObjectCommand({ Bucket, Key: "photo", CopySource: `${Bucket}/photo`, ...replaced }));
    const after = await s3.send(new HeadObjectCommand({ Bucket, Key: "photo" }));
    assert.deepEqual([after.ContentType, after.Metadata, after.CacheControl], ["text/plain", { camera: "none" }, undefined]);
  });
  await step("a stream is put and got", async () => {
    const bytes = randomBytes(3_000_000);
    const pieces = Array.from({ length: 30 }, (_, piece) => bytes.subarray(piece * 100_000, (piece + 1) * 100_000));
    await s3.send(new PutObjectCommand({ Bucket, Key: "stream", Body: Readable.from(pieces), ContentLength: bytes.length }));
    const { Body } = await s3.send(new GetObjectCommand({ Bucket, Key: "stream" }));
    assert.ok(bytes.equals(await Body!.transformToByteArray()));
  });
  await step("a checksum is kept and told, and a wrong one refused", async () => {
    const ChecksumSHA256 = createHash("sha256").update("bytes").digest("base64");
    await s3.send(new PutObjectCommand({ Bucket, Key: "sum", Body: "bytes", ChecksumSHA256 }));
    assert.equal((await s3.send(new GetObjectCommand({ Bucket, Key: "sum", ChecksumMode: "ENABLED" }))).ChecksumSHA256, ChecksumSHA256);
    const { ObjectSize, Checksum } = await s3.send(
      new GetObjectAttributesCommand({ Bucket, Key: "sum", ObjectAttributes: ["ObjectSize", "Checksum"] }),
    );
    assert.deepEqual([ObjectSize, Checksum?.ChecksumSHA256], [5, ChecksumSHA256]);
    assert.equal(await refusalOf(s3.send(new PutObjectCommand({ Bucket, Key: "sum", Body: "other", ChecksumSHA256 }))), "BadDigest");
    assert.equal(await textOf(s3, { Bucket, Key: "sum" }), "bytes");
  });
}

async function conditionSteps({ s3, Bucket, step }: Of): Promise<void> {
  const Key = "alphabet";
  const letters = "abcdefghijklmnopqrstuvwxyz";
  const { ETag } = await s3.send(new PutObjectCommand({ Bucket, Key, Body: letters }));
  await step("parts of an object are read", async () => {
    assert.equal(await textOf(s3, { Bucket, Key, Range: "bytes=2-4" }), "cde");
    assert.equal(await textOf(s3, { Bucket, Key, Range: "bytes=-3" }), "xyz");
    const { ContentRange } = await s3.send(new GetObjectCommand({ Bucket, Key, Range: "bytes=20-" }));
    assert.equal(ContentRange, "bytes 20-25/26");
    assert.equal(await refusalOf(s3.send(new GetObjectCommand({ Bucket, Key, Range: "bytes=26-" }))), "InvalidRange");
  });
  await step("reads and writes depend on the ETag if they are asked to", async () => {
    assert.equal(await textOf(s3, { Bucket, Key, IfMatch: ETag }), letters);
    const unchanged = s3.send(new GetObjectCommand({ Bucket, Key, IfNoneMatch: ETag }));
    await assert.rejects(unchanged, (failure: S3ServiceException) => failure.$metadata.httpStatusCode === 304);
    assert.equal(await refusalOf(s3.send(new GetObjectCommand({ Bucket, Key, IfMatch: '"other"' }))), "PreconditionFailed");
    assert.equal(await refusalOf(s3.send(new PutObjectCommand({ Bucket, Key, Body: "new", IfNoneMatch: "*" }))), "PreconditionFailed");
    assert.equal(await refusalOf(s3.send(new PutObjectCommand({ Bucket, Key, Body: "new", IfMatch: '"other"' }))), "PreconditionFailed");
    assert.equal(await refusalOf(s3.send(new PutObjectCommand({ Bucket, Key, Body: "new", IfMatch: ETag }))), "none");
  });
}

async function listSteps({ s3, Bucket, step }: Of): Promise<void> {
  const keys = Array.from({ length: 25 }, (_, number) => `list/${number % 5} ä+/${number}.txt`);
  await Promise.all(keys.map((Key) => s3.send(new PutObjectCommand({ Bucket, Key, Body: Key }))));
  await step("a listing comes page by page, in the order of bytes", async () => {
    const listed: (string | undefined)[] = [];
    for await (const page of paginateListObjectsV2({ client: s3, pageSize: 7 }, { Bucket, Prefix: "list/" })) {
      assert.ok((page.KeyCount ?? 0) <= 7);
      listed.push(...(page.Contents ?? []).map(({ Key }) => Key));
    }
    const inOrder = keys.map((key) => Buffer.from(key)).sort((a, b) => a.compare(b));
    assert.deepEqual(listed, inOrder.map(String));
  });
  await step("what stands between prefix and delimiter is shown once", async () => {
    const folders: (string | undefined)[] = [];
    for await (const { CommonPrefixes, Contents } of paginateListObjectsV2(
      { client: s3, pageSize: 2 },
      { Bucket, Prefix: "list/", Delimiter: "/" },
    )) {
      assert.equal(Contents, undefined);
      folders.push(...(CommonPrefixes ?? []).map(({ Prefix }) => Prefix));
    }
    assert.deepEqual(folders, ["list/0 ä+/", "list/1 ä+/", "list/2 ä+/", "list/3 ä+/", "list/4 ä+/"]);
  });
  await step("the first version of listings goes on by marker", async () => {
    const first = await s3.send(new ListObjectsCommand({ Bucket, Prefix: "list/0", MaxKeys: 3 }));
    assert.deepEqual([first.IsTruncated, first.Contents?.length], [true, 3]);
    const second = await s3.send(new ListObjectsCommand({ Bucket, Prefix: "list/0", Marker: first.Contents?.at(-1)?.Key }));
    assert.deepEqual([second.IsTruncated, second.Contents?.length], [false, 2]);
  });
  await step("many are deleted at once", async () => {
    const Objects = [...keys, "never there"].map((Key) => ({ Key }));
    const { Deleted, Errors } = await s3.send(new DeleteObjectsCommand({ Bucket, Delete: { Objects } }));
    assert.deepEqual([Deleted?.length, Errors], [26, undefined]);
    assert.equal((await s3.send(new ListObjectsCommand({ Bucket, Prefix: "list/" }))).Contents, undefined);
  });
}

async function multipartSteps({ s3, Bucket, step }: Of): Promise<void> {
  await step("20 MB go up in parts, and come down whole", async () => {
    const bytes = randomBytes(UPLOAD_BYTES);
    const upload = new Upload({
      client: s3,
      params: { Bucket, Key: "large", Body: Readable.from([bytes.subarray(0, 7_000_001), bytes.subarray(7_000_001)]) },
    });
    await upload.done();
    const { Body, ETag, ContentLength } = await s3.send(new GetObjectCommand({ Bucket, Key: "large" }));
    assert.match(ETag ?? "", /^"[0-9a-f]{32}-4"$/);
    assert.equal(ContentLength, UPLOAD_BYTES);
    assert.ok(bytes.equals(await Body!.transformToByteArray()));
    const part = await s3.send(new GetObjectCommand({ Bucket, Key: "large", PartNumber: 2 }));
    assert.equal(part.PartsCount, 4);
    assert.ok(bytes.subarray(5 * 1024 * 1024, 10 * 1024 * 1024).equals(await part.Body!.transformToByteArray()));
  });
  await step("an upload is listed with its parts until it is given up", async () => {
    const { UploadId } = await s3.send(new CreateMultipartUploadCommand({ Bucket, Key: "given up" }));
    await s3.send(new UploadPartCommand({ Bucket, Key: "given up", UploadId, PartNumber: 3, Body: "part" }));
    const { Parts } = await s3.send(new ListPartsCommand({ Bucket, Key: "given up", UploadId }));
    assert.deepEqual(
      Parts?.map(({ PartNumber, Size }) => [PartNumber, Size]),
      [[3, 4]],
    );
    assert.deepEqual(
      (await s3.send(new ListMultipartUploadsCommand({ Bucket }))).Uploads?.map(({ Key }) => Key),
      ["given up"],
    );
    await s3.send(new AbortMultipartUploadCommand({ Bucket, Key: "given up", UploadId }));
    assert.equal((await s3.send(new ListMultipartUploadsCommand({ Bucket }))).Uploads, undefined);
    assert.equal(await refusalOf(s3.send(new ListPartsCommand({ Bucket, Key: "given up", UploadId }))), "NoSuchUpload");
  });
}

async function presignedSteps({ s3, Bucket, step }: Of): Promise<void> {
  const Key = "presigned ä.txt";
  await step("a presigned PUT stores and a presigned GET reads", async () => {
    const put = await getSignedUrl(s3, new PutObjectCommand({ Bucket, Key, ContentType: "text/plain", Metadata: { from: "browser" } }));
    const stored = await fetch(put, { method: "PUT", body: "presigned bytes", headers: { "content-type": "text/plain" } });
    assert.equal(stored.status, 200, await stored.text());
    const got = await fetch(await getSignedUrl(s3, new GetObjectCommand({ Bucket, Key, ResponseContentDisposition: "attachment" })));
    assert.deepEqual([got.status, await got.text(), got.headers.get("content-disposition")], [200, "presigned bytes", "attachment"]);
    assert.deepEqual((await s3.send(new HeadObjectCommand({ Bucket, Key }))).Metadata, { from: "browser" });
  });
  await step("a form is posted with a presigned policy", async () => {
    const { url, fields } = await createPresignedPost(s3, {
      Bucket,
      Key: "forms/${filename}",
      Conditions: [["starts-with", "$key", "forms/"]],
    });
    const form = new FormData();
    for (const [name, value] of Object.entries(fields)) form.set(name, value);
    form.set("file", new Blob(["form bytes"]), "from form.txt");
    const posted = await fetch(url, { method: "POST", body: form });
    assert.equal(posted.status, 204, await posted.text());
    assert.equal(await textOf(s3, { Bucket, Key: "forms/from form.txt" }), "form bytes");
  });
}

async function eventSteps({ s3, Bucket, step, config }: Of): Promise<void> {
  await step("an event of an object comes to the queue", async () => {
    const sqs = new SQSClient(config);
    const { QueueUrl } = await sqs.send(new CreateQueueCommand({ QueueName: `${Bucket}-events` }));
    const { Attributes } = await sqs.send(new GetQueueAttributesCommand({ QueueUrl, AttributeNames: ["QueueArn"] }));
    const QueueConfigurations = [{ QueueArn: Attributes?.["QueueArn"], Events: ["s3:ObjectCreated:*" as const] }];
    await s3.send(new PutBucketNotificationConfigurationCommand({ Bucket, NotificationConfiguration: { QueueConfigurations } }));
    await s3.send(new PutObjectCommand({ Bucket, Key: "told of", Body: "bytes" }));
    const { Messages } = await sqs.send(new ReceiveMessageCommand({ QueueUrl, MaxNumberOfMessages: 10 }));
    const [probe, event] = (Messages ?? []).map(
      ({ Body }) => JSON.parse(Body ?? "") as { Event?: string; Records?: { s3: { object: { key: string } } }[] },
    );
    assert.equal(probe?.Event, "s3:TestEvent");
    assert.equal(event?.Records?.[0]?.s3.object.key, "told+of");
    await sqs.send(new DeleteQueueCommand({ QueueUrl }));
    sqs.destroy();
  });
}

async function endSteps({ s3, Bucket, step }: Of): Promise<void> {
  await step("a bucket is deleted only when it is empty", async () => {
    assert.equal(await refusalOf(s3.send(new DeleteBucketCommand({ Bucket }))), "BucketNotEmpty");
    for await (const { Contents = [] } of paginateListObjectsV2({ client: s3 }, { Bucket }))
      await s3.send(new DeleteObjectsCommand({ Bucket, Delete: { Objects: Contents.map(({ Key }) => ({ Key })), Quiet: true } }));
    await s3.send(new DeleteBucketCommand({ Bucket }));
    assert.equal(await refusalOf(s3.send(new HeadBucketCommand({ Bucket }))), "NotFound");
    assert.equal(await refusalOf(s3.send(new ListObjectsCommand({ Bucket }))), "NoSuchBucket");
  });
}

async function textOf(s3: S3Client, input: GetObjectCommand["input"]): Promise<string> {
  const { Body } = await s3.send(new GetObjectCommand(input));
  return Body!.transformToString();
}
