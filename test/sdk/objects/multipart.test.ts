import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { Readable } from "node:stream";
import {
  AbortMultipartUploadCommand,
  CompleteMultipartUploadCommand,
  CreateBucketCommand,
  CreateMultipartUploadCommand,
  GetObjectAttributesCommand,
  GetObjectCommand,
  HeadObjectCommand,
  ListMultipartUploadsCommand,
  ListPartsCommand,
  PutObjectCommand,
  UploadPartCommand,
  UploadPartCopyCommand,
  type CompletedPart,
  type CreateMultipartUploadCommandInput,
  type S3Client,
} from "@aws-sdk/client-s3";
import { Upload } from "@aws-sdk/lib-storage";
import { refusal, refused, scene } from "./harness.ts";

const Bucket = "films";
const Key = "film";
const MIB5 = 5 * 1024 * 1024;
const one = Buffer.alloc(MIB5, "one ");
const two = Buffer.alloc(1000, "two ");

async function begin(s3: S3Client, more: Partial<CreateMultipartUploadCommandInput> = {}): Promise<string> {
  const { UploadId } = await s3.send(new CreateMultipartUploadCommand({ Bucket, Key, ...more }));
  assert.ok(UploadId);
  return UploadId;
}

/** What can be done with one upload. */
const at = (s3: S3Client, UploadId: string) => ({
  async part(PartNumber: number, Body: Uint8Array, more: object = {}): Promise<CompletedPart> {
    const made = await s3.send(new UploadPartCommand({ Bucket, Key, UploadId, PartNumber, Body, ...more }));
    const { ETag, ChecksumCRC32, ChecksumSHA256 } = made;
    return { PartNumber, ETag, ChecksumCRC32, ChecksumSHA256 };
  },
  complete: (Parts: CompletedPart[], more: object = {}) =>
    s3.send(new CompleteMultipartUploadCommand({ Bucket, Key, UploadId, MultipartUpload: { Parts }, ...more })),
});

async function bytesOf(s3: S3Client, more: object = {}): Promise<Buffer> {
  const { Body } = await s3.send(new GetObjectCommand({ Bucket, Key, ...more }));
  return Buffer.from((await Body?.transformToByteArray()) ?? []);
}

const md5 = (bytes: Uint8Array) => createHash("md5").update(bytes).digest();

scene("parts become one object, seen only when all is done", async ({ s3, endpoint }) => {
  await s3.send(new CreateBucketCommand({ Bucket }));
  const id = await begin(s3, { ContentType: "video/mp4", Metadata: { a: "b" }, Tagging: "t=1" });
  const parts = [await at(s3, id).part(1, one), await at(s3, id).part(3, two)];
  assert.equal(parts[0]?.ETag, `"${md5(one).toString("hex")}"`);
  assert.equal(await refused(s3.send(new GetObjectCommand({ Bucket, Key }))), "404 NoSuchKey");
  const done = await at(s3, id).complete(parts);
  const etag = `"${md5(Buffer.concat([md5(one), md5(two)])).toString("hex")}-2"`;
  assert.deepEqual([done.ETag, done.Location, done.Key], [etag, `${endpoint}/films/film`, Key]);
  assert.ok((await bytesOf(s3)).equals(Buffer.concat([one, two])));
  const head = await s3.send(new HeadObjectCommand({ Bucket, Key, ChecksumMode: "ENABLED" }));
  assert.deepEqual([head.ContentType, head.Metadata, head.ETag, head.ChecksumType], ["video/mp4", { a: "b" }, etag, "FULL_OBJECT"]);
  assert.ok(head.ChecksumCRC64NVME);
});

scene("a range may lie across parts, and a part can be asked for by its number", async ({ s3 }) => {
  await s3.send(new CreateBucketCommand({ Bucket }));
  const id = await begin(s3);
  await at(s3, id).complete([await at(s3, id).part(1, one), await at(s3, id).part(2, two)]);
  const across = await bytesOf(s3, { Range: `bytes=${MIB5 - 4}-${MIB5 + 3}` });
  assert.equal(across.toString(), "one two ");
  const got = await s3.send(new GetObjectCommand({ Bucket, Key, PartNumber: 2 }));
  assert.deepEqual([got.PartsCount, got.ContentLength, got.ContentRange], [2, 1000, `bytes ${MIB5}-${MIB5 + 999}/${MIB5 + 1000}`]);
  await got.Body?.transformToByteArray();
  assert.equal(await refused(s3.send(new GetObjectCommand({ Bucket, Key, PartNumber: 3 }))), "416 InvalidPartNumber");
  assert.equal(await refused(s3.send(new GetObjectCommand({ Bucket, Key, PartNumber: 1, Range: "bytes=0-1" }))), "400 InvalidRequest");
});

scene("a completion whose answer was lost can be asked for again, but nothing else of the upload", async ({ s3 }) => {
  await s3.send(new CreateBucketCommand({ Bucket }));
  const id = await begin(s3);
  const parts = [await at(s3, id).part(1, two)];
  const [a, b] = await Promise.all([at(s3, id).complete(parts), at(s3, id).complete(parts)]);
  assert.equal(a.ETag, b.ETag);
  assert.equal((await at(s3, id).complete(parts)).ETag, a.ETag);
  assert.equal(await refused(at(s3, id).complete([{ PartNumber: 2, ETag: "x" }])), "404 NoSuchUpload");
  assert.equal(await refused(s3.send(new ListPartsCommand({ Bucket, Key, UploadId: id }))), "404 NoSuchUpload");
  assert.equal(await refused(at(s3, id).part(2, two)), "404 NoSuchUpload");
  assert.equal(await refused(s3.send(new AbortMultipartUploadCommand({ Bucket, Key, UploadId: id }))), "404 NoSuchUpload");
});

scene("a list of parts that is not right is refused, and the upload stays usable", async ({ s3 }) => {
  await s3.send(new CreateBucketCommand({ Bucket }));
  const id = await begin(s3);
  const [small, other] = [await at(s3, id).part(1, two), await at(s3, id).part(2, two)];
  assert.equal(await refused(at(s3, id).complete([other, small])), "400 InvalidPartOrder");
  assert.equal(await refused(at(s3, id).complete([{ ...small, ETag: '"0"' }])), "400 InvalidPart");
  assert.equal(await refused(at(s3, id).complete([{ ...small, PartNumber: 7 }])), "400 InvalidPart");
  const { code, error } = await refusal(at(s3, id).complete([small, other]));
  assert.equal(code, "EntityTooSmall");
  assert.deepEqual(
    [(error as never)["ProposedSize"], (error as never)["MinSizeAllowed"], (error as never)["PartNumber"]],
    ["1000", "5242880", "1"],
  );
  assert.equal((await refusal(at(s3, id).complete([]))).message, "You must specify at least one part");
  assert.equal(await refused(at(s3, id).complete([small], { MpuObjectSize: 999 })), "400 InvalidRequest");
  assert.equal(
    await refused(s3.send(new CompleteMultipartUploadCommand({ Bucket, Key: "other", UploadId: id, MultipartUpload: { Parts: [small] } }))),
    "404 NoSuchUpload",
  );
  await at(s3, id).complete([{ ...small, ETag: small.ETag?.replaceAll('"', "") }], { MpuObjectSize: 1000 });
  assert.ok((await bytesOf(s3)).equals(two));
});

scene("a part number is 1 to 10000", async ({ s3, raw }) => {
  await s3.send(new CreateBucketCommand({ Bucket }));
  const id = await begin(s3);
  for (const number of ["0", "10001", "-1", "one"]) {
    const { status, text } = await raw("PUT", `/films/film?uploadId=${id}&partNumber=${number}`, { body: "x" });
    assert.equal(status, 400);
    assert.match(text, /<Message>Part number must be an integer between 1 and 10000, inclusive<\/Message>/);
  }
  await at(s3, id).part(10_000, two);
  assert.equal((await raw("PUT", "/films/film?partNumber=1", { body: "x" })).status, 501);
});

scene("checksums of parts make that of the whole: over the parts, or over all bytes", async ({ s3 }) => {
  await s3.send(new CreateBucketCommand({ Bucket }));
  const sha256 = (bytes: Uint8Array) => createHash("sha256").update(bytes).digest();
  const composite = await begin(s3, { ChecksumAlgorithm: "SHA256" });
  const parts = [
    await at(s3, composite).part(1, one, { ChecksumAlgorithm: "SHA256" }),
    await at(s3, composite).part(2, two, { ChecksumAlgorithm: "SHA256" }),
  ];
  assert.equal(parts[1]?.ChecksumSHA256, sha256(two).toString("base64"));
  const { ChecksumSHA256: _, ...without } = parts[0]!;
  assert.match((await refusal(at(s3, composite).complete([without, parts[1]]))).message, /It was missing for part 1 in the request\.$/);
  assert.equal(
    await refused(at(s3, composite).complete([{ ...parts[0], ChecksumSHA256: parts[1].ChecksumSHA256 }, parts[1]])),
    "400 InvalidPart",
  );
  const done = await at(s3, composite).complete(parts);
  assert.equal(done.ChecksumSHA256, `${sha256(Buffer.concat([sha256(one), sha256(two)])).toString("base64")}-2`);
  assert.equal(done.ChecksumType, "COMPOSITE");
  const attributes = await s3.send(
    new GetObjectAttributesCommand({ Bucket, Key, ObjectAttributes: ["ObjectParts", "Checksum", "ETag", "ObjectSize"] }),
  );
  assert.deepEqual(
    attributes.ObjectParts?.Parts?.map(({ PartNumber, Size }) => [PartNumber, Size]),
    [
      [1, MIB5],
      [2, 1000],
    ],
  );
  assert.deepEqual([attributes.ETag?.includes('"'), attributes.ObjectSize], [false, MIB5 + 1000]);

  const full = await begin(s3, { ChecksumAlgorithm: "CRC32", ChecksumType: "FULL_OBJECT" });
  const again = [await at(s3, full).part(1, one), await at(s3, full).part(2, two)];
  assert.equal(await refused(at(s3, full).complete(again, { ChecksumType: "COMPOSITE" })), "400 InvalidRequest");
  assert.equal(await refused(at(s3, full).complete(again, { ChecksumCRC32: "AAAAAA==" })), "400 BadDigest");
  const whole = await at(s3, full).complete(again);
  const put = await s3.send(new PutObjectCommand({ Bucket, Key: "single", Body: Buffer.concat([one, two]), ChecksumAlgorithm: "CRC32" }));
  assert.deepEqual([whole.ChecksumCRC32, whole.ChecksumType], [put.ChecksumCRC32, "FULL_OBJECT"]);
});

scene("checksums that do not go together are refused", async ({ s3 }) => {
  await s3.send(new CreateBucketCommand({ Bucket }));
  const message = async (input: object) => (await refusal(begin(s3, input))).message;
  assert.equal(
    await message({ ChecksumAlgorithm: "CRC64NVME", ChecksumType: "COMPOSITE" }),
    "The COMPOSITE checksum type cannot be used with the crc64nvme checksum algorithm.",
  );
  assert.equal(
    await message({ ChecksumAlgorithm: "SHA1", ChecksumType: "FULL_OBJECT" }),
    "The FULL_OBJECT checksum type cannot be used with the sha1 checksum algorithm.",
  );
  const id = await begin(s3, { ChecksumAlgorithm: "SHA256" });
  const { message: mismatch } = await refusal(at(s3, id).part(1, two, { ChecksumAlgorithm: "CRC32" }));
  assert.equal(mismatch, "Checksum Type mismatch occurred, expected checksum Type: sha256, actual checksum Type: crc32");

  const plain = await begin(s3);
  const part = await at(s3, plain).part(1, two);
  assert.equal(await refused(at(s3, plain).complete([part], { ChecksumSHA512: "AAAA" })), "400 InvalidRequest");
  const { message: notOffered } = await refusal(at(s3, plain).complete([{ ...part, ChecksumXXHASH3: "AAAA" }]));
  assert.equal(notOffered, "The ChecksumXXHASH3 checksum is not offered; any of CRC32, CRC32C, CRC64NVME, SHA1, SHA256 is.");
  await at(s3, plain).complete([part]);
});

scene("parts are listed, uploads too, and an aborted upload is gone", async ({ s3 }) => {
  await s3.send(new CreateBucketCommand({ Bucket }));
  const id = await begin(s3);
  const { UploadId: second } = await s3.send(new CreateMultipartUploadCommand({ Bucket, Key: "a/b" }));
  const empty = await s3.send(new ListPartsCommand({ Bucket, Key, UploadId: id }));
  assert.deepEqual([empty.Parts, empty.NextPartNumberMarker, empty.MaxParts, empty.IsTruncated], [undefined, "0", 1000, false]);
  for (const number of [1, 2, 3]) await at(s3, id).part(number, two);
  const page = await s3.send(new ListPartsCommand({ Bucket, Key, UploadId: id, MaxParts: 2 }));
  assert.deepEqual(
    [page.Parts?.map(({ PartNumber, Size }) => [PartNumber, Size]), page.IsTruncated, page.NextPartNumberMarker],
    [
      [
        [1, 1000],
        [2, 1000],
      ],
      true,
      "2",
    ],
  );
  const rest = await s3.send(new ListPartsCommand({ Bucket, Key, UploadId: id, PartNumberMarker: "2" }));
  assert.deepEqual(
    rest.Parts?.map(({ PartNumber }) => PartNumber),
    [3],
  );

  const uploads = await s3.send(new ListMultipartUploadsCommand({ Bucket }));
  assert.deepEqual(
    uploads.Uploads?.map((upload) => [upload.Key, upload.UploadId]),
    [
      ["a/b", second],
      [Key, id],
    ],
  );
  assert.deepEqual([uploads.NextKeyMarker, uploads.NextUploadIdMarker, uploads.IsTruncated], ["", "", false]);
  const first = await s3.send(new ListMultipartUploadsCommand({ Bucket, MaxUploads: 1 }));
  assert.deepEqual([first.IsTruncated, first.NextKeyMarker, first.NextUploadIdMarker], [true, "a/b", second]);
  const next = await s3.send(new ListMultipartUploadsCommand({ Bucket, KeyMarker: "a/b", UploadIdMarker: second }));
  assert.deepEqual(
    next.Uploads?.map((upload) => upload.Key),
    [Key],
  );
  assert.deepEqual((await s3.send(new ListMultipartUploadsCommand({ Bucket, Delimiter: "/" }))).CommonPrefixes, [{ Prefix: "a/" }]);
  const foreign = s3.send(new ListMultipartUploadsCommand({ Bucket, KeyMarker: "a/b", UploadIdMarker: id }));
  assert.equal((await refusal(foreign)).message, "Invalid uploadId marker");

  await s3.send(new AbortMultipartUploadCommand({ Bucket, Key, UploadId: id }));
  assert.equal(await refused(s3.send(new AbortMultipartUploadCommand({ Bucket, Key, UploadId: id }))), "404 NoSuchUpload");
});

scene("a part can be copied from an object, whole or a range of it", async ({ s3 }) => {
  await s3.send(new CreateBucketCommand({ Bucket }));
  await s3.send(new PutObjectCommand({ Bucket, Key: "source", Body: "0123456789" }));
  const id = await begin(s3);
  const copy = (PartNumber: number, CopySourceRange?: string) =>
    s3.send(new UploadPartCopyCommand({ Bucket, Key, UploadId: id, PartNumber, CopySource: `${Bucket}/source`, CopySourceRange }));
  const { CopyPartResult } = await copy(1, "bytes=2-5");
  assert.equal(CopyPartResult?.ETag, `"${md5(Buffer.from("2345")).toString("hex")}"`);
  for (const range of ["bytes=2-", "bytes=-2", "2-5"]) assert.equal(await refused(copy(2, range)), "400 InvalidArgument", range);
  assert.equal((await refusal(copy(2, "bytes=0-10"))).message, "Range specified is not valid for source object of size: 10");
  assert.equal((await refusal(copy(2, "bytes=10-11"))).message, "The specified copy range is invalid for the source object size");
  await at(s3, id).complete([{ PartNumber: 1, ETag: CopyPartResult?.ETag }]);
  assert.equal((await bytesOf(s3)).toString(), "2345");
});

scene("a completion may depend on what the key holds, and conflicts when that has changed meanwhile", async ({ s3 }) => {
  await s3.send(new CreateBucketCommand({ Bucket }));
  const undisturbed = await begin(s3);
  await at(s3, undisturbed).complete([await at(s3, undisturbed).part(1, two)], { IfNoneMatch: "*" });
  const late = await begin(s3);
  const parts = [await at(s3, late).part(1, two)];
  assert.equal(await refused(at(s3, late).complete(parts, { IfNoneMatch: "*" })), "412 PreconditionFailed");
  const { ETag } = await s3.send(new PutObjectCommand({ Bucket, Key, Body: "x" }));
  assert.equal(await refused(at(s3, late).complete(parts, { IfMatch: ETag })), "409 ConditionalRequestConflict");
});

scene("lib-storage uploads a stream of unknown length in parts", async ({ s3 }) => {
  await s3.send(new CreateBucketCommand({ Bucket }));
  const chunks = Array.from({ length: 12 }, (_, index) => Buffer.alloc(1024 * 1024, index));
  const upload = new Upload({ client: s3, params: { Bucket, Key, Body: Readable.from(chunks) }, partSize: MIB5, queueSize: 3 });
  const done = await upload.done();
  assert.match(done.ETag ?? "", /-3"$/);
  assert.ok((await bytesOf(s3, { ChecksumMode: "ENABLED" })).equals(Buffer.concat(chunks)));
});
