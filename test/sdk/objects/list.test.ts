import assert from "node:assert/strict";
import {
  CreateBucketCommand,
  ListObjectsCommand,
  ListObjectsV2Command,
  ListObjectVersionsCommand,
  paginateListObjectsV2,
  PutObjectCommand,
  type ListObjectsV2CommandInput,
  type S3Client,
} from "@aws-sdk/client-s3";
import { refused, scene } from "./harness.ts";

const Bucket = "photos";

async function filled(s3: S3Client, keys: readonly string[]): Promise<void> {
  await s3.send(new CreateBucketCommand({ Bucket }));
  await Promise.all(keys.map((Key) => s3.send(new PutObjectCommand({ Bucket, Key, Body: Key }))));
}

async function list(s3: S3Client, input: Partial<ListObjectsV2CommandInput> = {}) {
  const page = await s3.send(new ListObjectsV2Command({ Bucket, ...input }));
  const keys = (page.Contents ?? []).map(({ Key }) => Key);
  return { ...page, keys, prefixes: (page.CommonPrefixes ?? []).map(({ Prefix }) => Prefix) };
}

scene("keys come in the order of their UTF-8 bytes, with what is known of each", async ({ s3, clock }) => {
  await filled(s3, ["b", "a", "Z", "\u{1f600}", "\uff5e"]);
  const { Contents, keys, KeyCount, MaxKeys, IsTruncated, Name, Prefix } = await list(s3);
  assert.deepEqual(keys, ["Z", "a", "b", "\uff5e", "\u{1f600}"]);
  assert.deepEqual([KeyCount, MaxKeys, IsTruncated, Name, Prefix], [5, 1000, false, Bucket, ""]);
  const { Owner, ETag, LastModified, Size, StorageClass, ChecksumType } = Contents![1]!;
  assert.deepEqual(
    [Owner, ETag, Size, StorageClass, ChecksumType],
    [undefined, '"0cc175b9c0f1b6a831c399e269772661"', 1, "STANDARD", "FULL_OBJECT"],
  );
  assert.equal(LastModified?.getTime(), clock.nowMs());
  assert.ok((await list(s3, { FetchOwner: true })).Contents![0]!.Owner?.ID);
});

scene("a delimiter groups; keys and groups together are counted and paged", async ({ s3 }) => {
  await filled(s3, ["a", "b/1", "b/2", "c/1", "d"]);
  const all = await list(s3, { Delimiter: "/" });
  assert.deepEqual([all.keys, all.prefixes, all.KeyCount], [["a", "d"], ["b/", "c/"], 4]);
  const paged: (string | undefined)[] = [];
  for await (const page of paginateListObjectsV2({ client: s3, pageSize: 1 }, { Bucket, Delimiter: "/" })) {
    assert.equal(page.KeyCount, 1);
    paged.push(page.Contents?.[0]?.Key ?? page.CommonPrefixes?.[0]?.Prefix);
  }
  assert.deepEqual(paged, ["a", "b/", "c/", "d"]);
  const inside = await list(s3, { Delimiter: "/", Prefix: "b/" });
  assert.deepEqual([inside.keys, inside.prefixes], [["b/1", "b/2"], []]);
  assert.deepEqual((await list(s3, { Delimiter: "", Prefix: "b" })).keys, ["b/1", "b/2"]);
});

scene("a page that ends with the last key is not truncated", async ({ s3 }) => {
  await filled(s3, ["a", "b"]);
  assert.equal((await list(s3, { MaxKeys: 2 })).IsTruncated, false);
  const first = await list(s3, { MaxKeys: 1, StartAfter: "A" });
  assert.deepEqual([first.IsTruncated, first.StartAfter], [true, "A"]);
  const second = await list(s3, { MaxKeys: 1, StartAfter: "A", ContinuationToken: first.NextContinuationToken });
  assert.deepEqual(
    [second.keys, second.IsTruncated, second.StartAfter, second.NextContinuationToken],
    [["b"], false, undefined, undefined],
  );
  const none = await list(s3, { MaxKeys: 0 });
  assert.deepEqual([none.keys, none.IsTruncated], [[], false]);
  assert.equal((await list(s3, { MaxKeys: 5000 })).MaxKeys, 1000);
});

scene("start-after is a place, whether or not there is such a key", async ({ s3 }) => {
  await filled(s3, ["a", "b/1", "b/2", "c"]);
  assert.deepEqual((await list(s3, { StartAfter: "b" })).keys, ["b/1", "b/2", "c"]);
  assert.deepEqual((await list(s3, { StartAfter: "b/1", Delimiter: "/" })).prefixes, ["b/"]);
});

scene("asked to, everything is URL-encoded, and says so", async ({ s3, raw }) => {
  await filled(s3, ["a b=c/d&e", "a b=c/é"]);
  const encoded = await list(s3, { EncodingType: "url", Prefix: "a b", Delimiter: "=" });
  assert.deepEqual([encoded.prefixes, encoded.Prefix, encoded.Delimiter, encoded.EncodingType], [["a%20b%3D"], "a%20b", "%3D", "url"]);
  assert.deepEqual((await list(s3, { EncodingType: "url" })).keys, ["a%20b%3Dc/d%26e", "a%20b%3Dc/%C3%A9"]);
  assert.match((await raw("GET", "/photos?list-type=2")).text, /<Key>a b=c\/d&amp;e<\/Key>/);
});

scene("parameters that mean nothing are refused", async ({ s3, raw }) => {
  await filled(s3, []);
  assert.equal(await refused(list(s3, { MaxKeys: -1 })), "400 InvalidArgument");
  assert.equal(await refused(list(s3, { ContinuationToken: "junk" })), "400 InvalidArgument");
  for (const query of ["max-keys=many", "continuation-token=", "encoding-type=", "encoding-type=base64"]) {
    const { status, text } = await raw("GET", `/photos?list-type=2&${query}`);
    assert.equal(status, 400, query);
    assert.match(text, /InvalidArgument/);
  }
});

scene("the older listing goes by markers", async ({ s3 }) => {
  await filled(s3, ["a", "b/1", "b/2", "c"]);
  const old = (input: object) => s3.send(new ListObjectsCommand({ Bucket, ...input }));
  const plain = await old({ MaxKeys: 2 });
  assert.deepEqual([plain.IsTruncated, plain.Marker, plain.NextMarker], [true, "", undefined]);
  assert.ok(plain.Contents![0]!.Owner?.ID);
  const grouped = await old({ MaxKeys: 2, Delimiter: "/" });
  assert.deepEqual([grouped.NextMarker, grouped.CommonPrefixes], ["b/", [{ Prefix: "b/" }]]);
  for (const Marker of ["b/", "b/1", "b/x"]) {
    const next = await old({ Marker, Delimiter: "/" });
    assert.deepEqual([next.Contents?.map(({ Key }) => Key), next.CommonPrefixes], [["c"], undefined], Marker);
  }
});

scene("every object is its own only version", async ({ s3 }) => {
  await filled(s3, ["a", "b/1"]);
  const { Versions, CommonPrefixes } = await s3.send(new ListObjectVersionsCommand({ Bucket, Delimiter: "/" }));
  assert.deepEqual(
    Versions?.map(({ Key, VersionId, IsLatest }) => [Key, VersionId, IsLatest]),
    [["a", "null", true]],
  );
  assert.deepEqual(CommonPrefixes, [{ Prefix: "b/" }]);
});
