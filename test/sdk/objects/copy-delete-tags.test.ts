import assert from "node:assert/strict";
import {
  CopyObjectCommand,
  CreateBucketCommand,
  DeleteObjectsCommand,
  DeleteObjectTaggingCommand,
  GetObjectAclCommand,
  GetObjectAttributesCommand,
  GetObjectCommand,
  GetObjectTaggingCommand,
  HeadObjectCommand,
  ListObjectsV2Command,
  PutObjectCommand,
  PutObjectTaggingCommand,
  type CopyObjectCommandInput,
  type S3Client,
} from "@aws-sdk/client-s3";
import { refusal, refused, scene } from "./harness.ts";

const Bucket = "photos";

async function prepared(s3: S3Client): Promise<void> {
  await s3.send(new CreateBucketCommand({ Bucket }));
  const said = {
    ContentType: "text/plain",
    CacheControl: "no-store",
    Metadata: { a: "1" },
    Tagging: "t=1",
    StorageClass: "STANDARD_IA" as const,
  };
  await s3.send(new PutObjectCommand({ Bucket, Key: "a", Body: "hello", ...said, ChecksumAlgorithm: "SHA1" }));
}

const copy = (s3: S3Client, Key: string, more: Partial<CopyObjectCommandInput> = {}) =>
  s3.send(new CopyObjectCommand({ Bucket, Key, CopySource: `${Bucket}/a`, ...more }));
const head = (s3: S3Client, Key: string) => s3.send(new HeadObjectCommand({ Bucket, Key, ChecksumMode: "ENABLED" }));

scene("a copy has what its source has, but for the storage class", async ({ s3, clock }) => {
  await prepared(s3);
  clock.advance(5000);
  const { CopyObjectResult: made } = await copy(s3, "b");
  assert.equal(made?.ETag, '"5d41402abc4b2a76b9719d911017c592"');
  assert.equal(made?.LastModified?.getTime(), clock.nowMs());
  const { ContentType, CacheControl, Metadata, StorageClass, ChecksumSHA1, TagCount } = await head(s3, "b");
  assert.deepEqual([ContentType, CacheControl, Metadata, StorageClass, TagCount], ["text/plain", "no-store", { a: "1" }, undefined, 1]);
  assert.equal(ChecksumSHA1, made?.ChecksumSHA1);
  assert.equal(await (await s3.send(new GetObjectCommand({ Bucket, Key: "b" }))).Body?.transformToString(), "hello");
});

scene("metadata and tags can be replaced, each for itself", async ({ s3 }) => {
  await prepared(s3);
  await copy(s3, "b", { MetadataDirective: "REPLACE", Metadata: { z: "9" } });
  const { ContentType, CacheControl, Metadata, TagCount } = await head(s3, "b");
  assert.deepEqual([ContentType, CacheControl, Metadata, TagCount], ["binary/octet-stream", undefined, { z: "9" }, 1]);
  await copy(s3, "c", { TaggingDirective: "REPLACE", Tagging: "x=1&y=2" });
  assert.deepEqual([(await head(s3, "c")).TagCount, (await head(s3, "c")).Metadata], [2, { a: "1" }]);
});

scene("another checksum is computed when it is asked for", async ({ s3 }) => {
  await prepared(s3);
  const { CopyObjectResult } = await copy(s3, "b", { ChecksumAlgorithm: "CRC32" });
  assert.equal(CopyObjectResult?.ChecksumCRC32, "NhCmhg==");
  assert.equal((await head(s3, "b")).ChecksumCRC32, "NhCmhg==");
});

scene("a copy onto itself must change something", async ({ s3 }) => {
  await prepared(s3);
  assert.match((await refusal(copy(s3, "a"))).message, /^This copy request is illegal because it is trying to copy an object to itself/);
  await copy(s3, "a", { MetadataDirective: "REPLACE", Metadata: { touched: "yes" } });
  assert.deepEqual((await head(s3, "a")).Metadata, { touched: "yes" });
  await copy(s3, "a", { StorageClass: "STANDARD" });
  assert.equal(await (await s3.send(new GetObjectCommand({ Bucket, Key: "a" }))).Body?.transformToString(), "hello");
});

scene("the source is written in many ways", async ({ s3 }) => {
  await prepared(s3);
  await s3.send(new PutObjectCommand({ Bucket, Key: "ü x/+", Body: "odd" }));
  for (const CopySource of [
    "photos/%C3%BC%20x/%2B",
    "/photos/%C3%BC+x/%2B",
    "photos%2F%C3%BC%20x%2F%2B",
    "photos/%C3%BC%20x/%2B?versionId=null",
  ]) {
    await s3.send(new CopyObjectCommand({ Bucket, Key: "b", CopySource }));
    assert.equal(await (await s3.send(new GetObjectCommand({ Bucket, Key: "b" }))).Body?.transformToString(), "odd", CopySource);
  }
  assert.equal((await refusal(copy(s3, "b", { CopySource: "photos" }))).message, "Invalid copy source object key");
  assert.equal(await refused(copy(s3, "b", { CopySource: "photos/absent" })), "404 NoSuchKey");
  assert.equal(await refused(copy(s3, "b", { CopySource: "nowhere/a" })), "404 NoSuchBucket");
});

scene("conditions on the source, and on the destination", async ({ s3, clock }) => {
  await prepared(s3);
  const ETag = (await head(s3, "a")).ETag;
  const at = new Date(clock.nowMs());
  clock.advance(10_000);
  const condition = async (more: Partial<CopyObjectCommandInput>) => {
    const { status, error } = await refusal(copy(s3, "b", more));
    return `${status} ${(error as { Condition?: string }).Condition}`;
  };
  assert.equal(await condition({ CopySourceIfMatch: '"x"' }), "412 x-amz-copy-source-If-Match");
  assert.equal(await condition({ CopySourceIfNoneMatch: ETag }), "412 x-amz-copy-source-If-None-Match");
  assert.equal(await condition({ CopySourceIfModifiedSince: at }), "412 x-amz-copy-source-If-Modified-Since");
  assert.equal(
    await condition({ CopySourceIfUnmodifiedSince: new Date(at.getTime() - 1000) }),
    "412 x-amz-copy-source-If-Unmodified-Since",
  );
  await copy(s3, "b", { CopySourceIfMatch: ETag, CopySourceIfUnmodifiedSince: at });
  assert.equal(await condition({ IfNoneMatch: "*" }), "412 If-None-Match");
});

scene("many keys are deleted at once; absent ones count as deleted", async ({ s3, raw }) => {
  await prepared(s3);
  await s3.send(new PutObjectCommand({ Bucket, Key: "%41", Body: "x" }));
  const Objects = [
    { Key: "a" },
    { Key: "absent" },
    { Key: "%41", VersionId: "null" },
    { Key: "v", VersionId: "3/L4kqtJlcpXroDTDmJ+rmSpXd3dIbrHY" },
  ];
  const { Deleted, Errors } = await s3.send(new DeleteObjectsCommand({ Bucket, Delete: { Objects } }));
  assert.deepEqual(
    Deleted?.map(({ Key }) => Key),
    ["a", "absent", "%41"],
  );
  assert.deepEqual(
    Errors?.map(({ Key, Code }) => [Key, Code]),
    [["v", "NoSuchVersion"]],
  );
  assert.equal((await s3.send(new ListObjectsV2Command({ Bucket }))).KeyCount, 0);
  const quiet = await s3.send(new DeleteObjectsCommand({ Bucket, Delete: { Objects: [{ Key: "a" }], Quiet: true } }));
  assert.deepEqual([quiet.Deleted, quiet.Errors], [undefined, undefined]);
  assert.match((await raw("POST", "/photos?delete", { body: "<Delete></Delete>" })).text, /MalformedXML/);
  assert.match((await raw("POST", "/photos?delete", { body: "<Delete><Object>" })).text, /MalformedXML/);
  const many = Array.from({ length: 1001 }, (_, index) => ({ Key: `k${index}` }));
  assert.equal(await refused(s3.send(new DeleteObjectsCommand({ Bucket, Delete: { Objects: many } }))), "400 MalformedXML");
  assert.equal((await s3.send(new DeleteObjectsCommand({ Bucket, Delete: { Objects: many.slice(1) } }))).Deleted?.length, 1000);
  const damaged = await raw("POST", "/photos?delete", {
    body: "<Delete><Object><Key>a</Key></Object></Delete>",
    headers: { "content-md5": "AAAAAAAAAAAAAAAAAAAAAA==" },
  });
  assert.match(damaged.text, /BadDigest/);
});

scene("many keys with a condition each: a wrong one is told and kept", async ({ s3 }) => {
  await prepared(s3);
  const { ETag } = await s3.send(new PutObjectCommand({ Bucket, Key: "b", Body: "x" }));
  const Objects = [
    { Key: "a", ETag: '"other"' },
    { Key: "b", ETag },
  ];
  const { Deleted, Errors } = await s3.send(new DeleteObjectsCommand({ Bucket, Delete: { Objects } }));
  assert.deepEqual([Deleted?.map(({ Key }) => Key), Errors?.map(({ Key, Code }) => [Key, Code])], [["b"], [["a", "PreconditionFailed"]]]);
  await head(s3, "a");
});

scene("tags of an object are set, read and removed; a new object has none", async ({ s3 }) => {
  await prepared(s3);
  const tags = async () => (await s3.send(new GetObjectTaggingCommand({ Bucket, Key: "a" }))).TagSet;
  assert.deepEqual(await tags(), [{ Key: "t", Value: "1" }]);
  await s3.send(new PutObjectTaggingCommand({ Bucket, Key: "a", Tagging: { TagSet: [{ Key: "x y", Value: "" }] } }));
  assert.deepEqual(await tags(), [{ Key: "x y", Value: "" }]);
  await s3.send(new DeleteObjectTaggingCommand({ Bucket, Key: "a" }));
  assert.deepEqual(await tags(), []);
  const eleven = Array.from({ length: 11 }, (_, index) => ({ Key: `k${index}`, Value: "v" }));
  assert.equal(await refused(s3.send(new PutObjectTaggingCommand({ Bucket, Key: "a", Tagging: { TagSet: eleven } }))), "400 BadRequest");
  for (const Key of ["aws:x", "a<b", "k".repeat(129)]) {
    const asked = s3.send(new PutObjectTaggingCommand({ Bucket, Key: "a", Tagging: { TagSet: [{ Key, Value: "v" }] } }));
    assert.equal(await refused(asked), "400 InvalidTag", Key);
  }
  assert.equal(await refused(s3.send(new PutObjectCommand({ Bucket, Key: "b", Body: "x", Tagging: "a=1&a=2" }))), "400 InvalidArgument");
  assert.equal(await refused(s3.send(new PutObjectTaggingCommand({ Bucket, Key: "absent", Tagging: { TagSet: [] } }))), "404 NoSuchKey");
});

scene("attributes are told as far as they are asked for", async ({ s3, raw }) => {
  await prepared(s3);
  const all = await s3.send(
    new GetObjectAttributesCommand({
      Bucket,
      Key: "a",
      ObjectAttributes: ["ETag", "ObjectSize", "StorageClass", "Checksum", "ObjectParts"],
    }),
  );
  assert.deepEqual(
    [all.ETag, all.ObjectSize, all.StorageClass, all.ObjectParts],
    ["5d41402abc4b2a76b9719d911017c592", 5, "STANDARD_IA", undefined],
  );
  assert.ok(all.Checksum?.ChecksumSHA1);
  const { text } = await raw("GET", "/photos/a?attributes", { headers: { "x-amz-object-attributes": "ETag, ObjectSize" } });
  assert.match(text, /<ETag>[0-9a-f]{32}<\/ETag><ObjectSize>5<\/ObjectSize>/);
  assert.equal((await raw("GET", "/photos/a?attributes", { headers: { "x-amz-object-attributes": "Colour" } })).status, 400);
  assert.equal((await raw("GET", "/photos/a?attributes")).status, 400);
});

scene("an object is its bucket owner's", async ({ s3 }) => {
  await prepared(s3);
  const { Grants, Owner } = await s3.send(new GetObjectAclCommand({ Bucket, Key: "a" }));
  assert.deepEqual(
    Grants?.map(({ Permission, Grantee }) => [Permission, Grantee?.ID]),
    [["FULL_CONTROL", Owner?.ID]],
  );
});
