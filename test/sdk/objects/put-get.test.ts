import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { Readable } from "node:stream";
import {
  CreateBucketCommand,
  DeleteObjectCommand,
  GetObjectCommand,
  HeadObjectCommand,
  PutObjectCommand,
  type ChecksumAlgorithm,
  type GetObjectCommandInput,
  type S3Client,
} from "@aws-sdk/client-s3";
import { refusal, refused, scene } from "./harness.ts";

const Bucket = "photos";

async function put(s3: S3Client, Key: string, Body: string | Uint8Array = "hello") {
  return s3.send(new PutObjectCommand({ Bucket, Key, Body }));
}

async function textOf(s3: S3Client, Key: string, more: Partial<GetObjectCommandInput> = {}): Promise<string> {
  const { Body } = await s3.send(new GetObjectCommand({ Bucket, Key, ...more }));
  return (await Body?.transformToString()) ?? "";
}

scene("an object comes back with everything that was said of it", async ({ s3, clock }) => {
  await s3.send(new CreateBucketCommand({ Bucket }));
  const said = {
    CacheControl: "max-age=60",
    ContentDisposition: 'attachment; filename="a.txt"',
    ContentEncoding: "gzip",
    ContentLanguage: "de",
    ContentType: "text/plain",
    Metadata: { camera: "X100", note: "ÄMÄZÕÑ S3" },
    StorageClass: "STANDARD_IA" as const,
    WebsiteRedirectLocation: "/elsewhere",
  };
  const made = await s3.send(new PutObjectCommand({ Bucket, Key: "a.txt", Body: "hello", ...said, Tagging: "a=1&b=2" }));
  assert.equal(made.ETag, '"5d41402abc4b2a76b9719d911017c592"');
  const got = await s3.send(new GetObjectCommand({ Bucket, Key: "a.txt" }));
  assert.equal(await got.Body?.transformToString(), "hello");
  const { Metadata, ...others } = said;
  for (const [name, value] of Object.entries(others)) assert.equal(got[name as keyof typeof got], value, name);
  assert.deepEqual(got.Metadata, { camera: "X100", note: "=?UTF-8?Q?=C3=84M=C3=84Z=C3=95=C3=91_S3?=" });
  assert.equal(got.ETag, made.ETag);
  assert.equal(got.ContentLength, 5);
  assert.equal(got.AcceptRanges, "bytes");
  assert.equal(got.TagCount, 2);
  assert.equal(got.LastModified?.getTime(), clock.nowMs());
  const head = await s3.send(new HeadObjectCommand({ Bucket, Key: "a.txt" }));
  for (const name of ["ETag", "ContentLength", "ContentType", "LastModified", "Metadata"] as const)
    assert.deepEqual(head[name], got[name], name);
  assert.ok(Metadata);
});

scene("what was not said is not answered, but for the type", async ({ s3, raw }) => {
  await s3.send(new CreateBucketCommand({ Bucket }));
  await raw("PUT", "/photos/k", { body: "x" });
  const { headers } = await raw("GET", "/photos/k");
  assert.equal(headers.get("content-type"), "binary/octet-stream");
  for (const name of ["cache-control", "content-encoding", "x-amz-storage-class", "x-amz-checksum-crc64nvme"])
    assert.equal(headers.get(name), null);
  assert.ok(headers.get("x-amz-request-id") && headers.get("x-amz-id-2"));
});

scene("metadata in encoded words is kept as what it means", async ({ s3, raw }) => {
  await s3.send(new CreateBucketCommand({ Bucket }));
  const words = { "x-amz-meta-a": "=?UTF-8?Q?actually-ascii?=", "x-amz-meta-b": "=?UTF-8?B?YWJj?=", "x-amz-meta-c": "=?UTF-8?Q?broken=?=" };
  await raw("PUT", "/photos/k", { body: "x", headers: words });
  const { Metadata } = await s3.send(new HeadObjectCommand({ Bucket, Key: "k" }));
  assert.deepEqual(Metadata, { a: "actually-ascii", b: "abc", c: "=?UTF-8?Q?broken=?=" });
  const large = s3.send(new PutObjectCommand({ Bucket, Key: "k", Body: "x", Metadata: { a: "b".repeat(2048) } }));
  assert.equal(await refused(large), "400 MetadataTooLarge");
});

for (const Key of [
  "a",
  "a/b",
  "a//b",
  "/a",
  "a/",
  "../../etc/passwd",
  "./.",
  "a b+c",
  "%2F",
  "é😀",
  "a\\b",
  "x".repeat(1024),
  "a?b&c=d#e",
  "\u0001\r\n",
]) {
  scene(`${JSON.stringify(Key.slice(0, 20))} is a key like any other`, async ({ s3 }) => {
    await s3.send(new CreateBucketCommand({ Bucket }));
    await put(s3, "a", "another");
    await put(s3, Key, Key);
    assert.equal(await textOf(s3, Key), Key);
    await s3.send(new DeleteObjectCommand({ Bucket, Key }));
    assert.equal(await refused(s3.send(new GetObjectCommand({ Bucket, Key }))), "404 NoSuchKey");
  });
}

scene("a key is decoded once: what is encoded twice is another key", async ({ raw, s3 }) => {
  await s3.send(new CreateBucketCommand({ Bucket }));
  for (const path of ["a/b", "a%2Fb", "a%252Fb", "a//b", "a/./b", "a/../b", "a+b", "a%20b", "a%2Bb"])
    await raw("PUT", `/photos/${path}`, { body: path });
  assert.equal(await textOf(s3, "a/b"), "a%2Fb");
  assert.equal(await textOf(s3, "a%2Fb"), "a%252Fb");
  assert.equal(await textOf(s3, "a//b"), "a//b");
  assert.equal(await textOf(s3, "a/../b"), "a/../b");
  assert.equal(await textOf(s3, "a+b"), "a%2Bb");
  assert.equal(await textOf(s3, "a b"), "a%20b");
  assert.equal((await raw("PUT", "/photos/%ff", { body: "x" })).status, 400);
  assert.equal(await refused(put(s3, "x".repeat(1025))), "400 KeyTooLongError");
});

scene("errors say what is missing, in XML, and to HEAD without a body", async ({ s3, raw }) => {
  await s3.send(new CreateBucketCommand({ Bucket }));
  const { code, status, message, error } = await refusal(s3.send(new GetObjectCommand({ Bucket, Key: "absent" })));
  assert.deepEqual([code, status, message], ["NoSuchKey", 404, "The specified key does not exist."]);
  assert.equal((error as { Key?: string }).Key, "absent");
  assert.equal(await refused(s3.send(new HeadObjectCommand({ Bucket, Key: "absent" }))), "404 NotFound");
  assert.equal(await refused(s3.send(new GetObjectCommand({ Bucket: "no-such-bucket", Key: "k" }))), "404 NoSuchBucket");
  const { text, headers } = await raw("GET", "/photos/a&b");
  assert.match(
    text,
    /^<\?xml version="1\.0" encoding="UTF-8"\?>\n<Error><Code>NoSuchKey<\/Code>.*<Key>a&amp;b<\/Key><RequestId>.+<\/RequestId><HostId>.+<\/HostId><\/Error>$/,
  );
  assert.equal(headers.get("content-type"), "application/xml");
});

for (const [range, status, contentRange, body] of [
  ["bytes=0-8", 206, "bytes 0-8/10", "012345678"],
  ["bytes=1-", 206, "bytes 1-9/10", "123456789"],
  ["bytes=-2", 206, "bytes 8-9/10", "89"],
  ["bytes=-15", 206, "bytes 0-9/10", "0123456789"],
  ["bytes=0-100", 206, "bytes 0-9/10", "0123456789"],
  ["bytes=1-0", 200, null, "0123456789"],
  ["bytes=-1-", 200, null, "0123456789"],
  ["bytes=0--1", 200, null, "0123456789"],
  ["bytes=0-1,3-4", 200, null, "0123456789"],
  ["junk", 200, null, "0123456789"],
  ["bytes=-0", 416, null, undefined],
  ["bytes=100-200", 416, null, undefined],
] as const) {
  scene(`of ten bytes ${range} is ${status}`, async ({ s3, raw }) => {
    await s3.send(new CreateBucketCommand({ Bucket }));
    await put(s3, "k", "0123456789");
    const answer = await raw("GET", "/photos/k", { headers: { range } });
    assert.equal(answer.status, status);
    assert.equal(answer.headers.get("content-range"), contentRange);
    if (body === undefined) assert.match(answer.text, /InvalidRange.*<RangeRequested>.*<ActualObjectSize>10</);
    else assert.equal(answer.text, body);
    const head = await raw("HEAD", "/photos/k", { headers: { range } });
    assert.deepEqual([head.status, head.text], [status, ""]);
    if (body !== undefined) assert.equal(head.headers.get("content-length"), String(body.length));
  });
}

scene("conditions on reading", async ({ s3, clock }) => {
  await s3.send(new CreateBucketCommand({ Bucket }));
  const { ETag } = await put(s3, "k");
  const modified = new Date(clock.nowMs());
  clock.advance(60_000);
  const earlier = new Date(modified.getTime() - 1000);
  const later = new Date(modified.getTime() + 1000);
  const future = new Date(clock.nowMs() + 60_000);
  const read = (conditions: Partial<GetObjectCommandInput>) =>
    textOf(s3, "k", conditions).then(
      () => 200,
      (error: { $metadata?: { httpStatusCode?: number } }) => error.$metadata?.httpStatusCode,
    );
  const table: [Partial<GetObjectCommandInput>, number][] = [
    [{ IfMatch: ETag }, 200],
    [{ IfMatch: ETag?.replaceAll('"', "") }, 200],
    [{ IfMatch: '"other"' }, 412],
    [{ IfNoneMatch: ETag }, 304],
    [{ IfNoneMatch: "*" }, 304],
    [{ IfNoneMatch: '"other"' }, 200],
    [{ IfModifiedSince: modified }, 304],
    [{ IfModifiedSince: earlier }, 200],
    [{ IfModifiedSince: future }, 200],
    [{ IfUnmodifiedSince: modified }, 200],
    [{ IfUnmodifiedSince: earlier }, 412],
    [{ IfMatch: ETag, IfUnmodifiedSince: earlier }, 200],
    [{ IfNoneMatch: '"other"', IfModifiedSince: later }, 200],
    [{ IfMatch: '"other"', IfNoneMatch: ETag }, 412],
  ];
  for (const [conditions, expected] of table) assert.equal(await read(conditions), expected, JSON.stringify(conditions));
});

scene("a 304 has no body and keeps the ETag", async ({ s3, raw }) => {
  await s3.send(new CreateBucketCommand({ Bucket }));
  const { ETag = "" } = await put(s3, "k");
  const { status, headers, text } = await raw("GET", "/photos/k", { headers: { "if-none-match": ETag } });
  assert.deepEqual([status, headers.get("etag"), text], [304, ETag, ""]);
});

scene("what a URL asks to be said is said instead of what is stored", async ({ s3 }) => {
  await s3.send(new CreateBucketCommand({ Bucket }));
  await put(s3, "k");
  const asked = {
    ResponseContentType: "image/png",
    ResponseContentDisposition: "inline",
    ResponseCacheControl: "no-store",
    ResponseContentLanguage: "fr",
  };
  const got = await s3.send(new GetObjectCommand({ Bucket, Key: "k", ...asked }));
  assert.deepEqual(
    [got.ContentType, got.ContentDisposition, got.CacheControl, got.ContentLanguage],
    ["image/png", "inline", "no-store", "fr"],
  );
  await got.Body?.transformToString();
});

scene("conditions on writing: only while the key is absent, or unchanged", async ({ s3, raw }) => {
  await s3.send(new CreateBucketCommand({ Bucket }));
  const write = (conditions: object) => s3.send(new PutObjectCommand({ Bucket, Key: "k", Body: "x", ...conditions }));
  assert.equal(await refused(write({ IfMatch: '"e"' })), "404 NoSuchKey");
  const { ETag } = await write({ IfNoneMatch: "*" });
  const { code, status, error } = await refusal(write({ IfNoneMatch: "*" }));
  assert.deepEqual([code, status, (error as { Condition?: string }).Condition], ["PreconditionFailed", 412, "If-None-Match"]);
  await write({ IfMatch: ETag });
  assert.equal(await refused(write({ IfMatch: '"e"' })), "412 PreconditionFailed");
  assert.equal(await refused(write({ IfMatch: "*" })), "501 NotImplemented");
  assert.equal(await refused(write({ IfNoneMatch: '"e"' })), "501 NotImplemented");
  assert.equal(await refused(write({ IfNoneMatch: "*", IfMatch: ETag })), "501 NotImplemented");
  const remove = (IfMatch: string) => s3.send(new DeleteObjectCommand({ Bucket, Key: "k", IfMatch }));
  assert.equal(await refused(remove('"e"')), "412 PreconditionFailed");
  await remove(ETag ?? "");
  assert.equal((await raw("GET", "/photos/k")).status, 404);
});

scene("of many writers that expect an absent key exactly one wins", async ({ s3 }) => {
  await s3.send(new CreateBucketCommand({ Bucket }));
  const racers = Array.from({ length: 20 }, (_, index) =>
    s3.send(new PutObjectCommand({ Bucket, Key: "k", Body: `racer ${index}`, IfNoneMatch: "*" })),
  );
  const outcomes = await Promise.allSettled(racers);
  assert.equal(outcomes.filter(({ status }) => status === "fulfilled").length, 1);
});

for (const algorithm of ["CRC32", "CRC32C", "CRC64NVME", "SHA1", "SHA256"] satisfies ChecksumAlgorithm[]) {
  scene(`${algorithm} is checked, kept and given back on demand`, async ({ s3 }) => {
    await s3.send(new CreateBucketCommand({ Bucket }));
    const known = {
      CRC32: "y/Q5Jg==",
      CRC32C: "4waSgw==",
      CRC64NVME: "rosUhgp5mIg=",
      SHA1: "98O8HYCOBHMq32eZZczDTKeuNEE=",
      SHA256: "FeKw08M4keuw8e9gnsQZQgwg4yDOlMZfvIwzEkSOsiU=",
    };
    const member = `Checksum${algorithm}`;
    const right = { [member]: known[algorithm] };
    const made = await s3.send(new PutObjectCommand({ Bucket, Key: "k", Body: "123456789", ...right }));
    assert.equal(made[member as keyof typeof made], known[algorithm]);
    assert.equal(made.ChecksumType, "FULL_OBJECT");
    const shown = await s3.send(new HeadObjectCommand({ Bucket, Key: "k", ChecksumMode: "ENABLED" }));
    assert.equal(shown[member as keyof typeof shown], known[algorithm]);
    const wrong = s3.send(new PutObjectCommand({ Bucket, Key: "k", Body: "12345678", ...right }));
    const { code, status, message } = await refusal(wrong);
    assert.deepEqual([code, status, message], ["BadDigest", 400, `The ${algorithm} you specified did not match the calculated checksum.`]);
    assert.equal(await textOf(s3, "k"), "123456789");
  });

  scene(`${algorithm} in the trailer of a stream is checked too`, async ({ s3 }) => {
    if (algorithm === "CRC64NVME") return; // The SDK computes it only with a native module.
    await s3.send(new CreateBucketCommand({ Bucket }));
    const Body = Readable.from(Array.from({ length: 100 }, (_, index) => Buffer.alloc(1000, index)));
    const input = { Bucket, Key: "k", Body, ContentLength: 100_000, ChecksumAlgorithm: algorithm };
    const made = await s3.send(new PutObjectCommand(input));
    assert.ok(made[`Checksum${algorithm}`]);
    const { Body: got } = await s3.send(new GetObjectCommand({ Bucket, Key: "k", ChecksumMode: "ENABLED" }));
    assert.equal((await got?.transformToByteArray())?.length, 100_000);
  });
}

scene("without a checksum of the sender an object gets CRC64NVME", async ({ s3, raw }) => {
  await s3.send(new CreateBucketCommand({ Bucket }));
  const { headers } = await raw("PUT", "/photos/k", { body: "123456789", headers: { "x-amz-sdk-checksum-algorithm": "CRC32" } });
  assert.equal(headers.get("x-amz-checksum-crc64nvme"), "rosUhgp5mIg=");
  const { ChecksumCRC64NVME, ChecksumType } = await s3.send(new HeadObjectCommand({ Bucket, Key: "k", ChecksumMode: "ENABLED" }));
  assert.deepEqual([ChecksumCRC64NVME, ChecksumType], ["rosUhgp5mIg=", "FULL_OBJECT"]);
  const part = await raw("GET", "/photos/k", { headers: { range: "bytes=0-3", "x-amz-checksum-mode": "ENABLED" } });
  assert.equal(part.headers.get("x-amz-checksum-crc64nvme"), null);
  const whole = await raw("GET", "/photos/k", { headers: { range: "bytes=0-8", "x-amz-checksum-mode": "ENABLED" } });
  assert.equal(whole.headers.get("x-amz-checksum-crc64nvme"), "rosUhgp5mIg=");
});

scene("checksums and digests that are none are refused as such", async ({ s3, raw }) => {
  await s3.send(new CreateBucketCommand({ Bucket }));
  const refusedWith = async (headers: Record<string, string>) => {
    const { status, text } = await raw("PUT", "/photos/k", { body: "123456789", headers });
    return `${status} ${/<Code>(.*?)</.exec(text)?.[1]}: ${/<Message>(.*?)</.exec(text)?.[1]}`;
  };
  const crc32 = "x-amz-checksum-crc32";
  assert.equal(await refusedWith({ [crc32]: "not base64" }), `400 InvalidRequest: Value for ${crc32} header is invalid.`);
  assert.equal(await refusedWith({ [crc32]: "AAAA" }), `400 InvalidRequest: Value for ${crc32} header is invalid.`);
  const two = { [crc32]: "y/Q5Jg==", "x-amz-checksum-sha1": "98O8HYCOBHMq32eZZczDTKeuNEE=" };
  assert.equal(
    await refusedWith(two),
    "400 InvalidRequest: Expecting a single x-amz-checksum- header. Multiple checksum Types are not allowed.",
  );
  assert.match(await refusedWith({ "x-amz-checksum-xxhash64": "AAAAAAAAAAA=" }), /^400 InvalidRequest/);
  assert.match(await refusedWith({ "content-md5": "short" }), /^400 InvalidDigest/);
  assert.match(await refusedWith({ "content-md5": createHash("md5").update("other").digest("base64") }), /^400 BadDigest/);
  assert.equal((await raw("GET", "/photos/k")).status, 404);
  const md5 = createHash("md5").update("123456789").digest("base64");
  assert.equal((await raw("PUT", "/photos/k", { body: "123456789", headers: { "content-md5": md5 } })).status, 200);
});

scene("aws-chunked is how a body travels, not how it is stored", async ({ s3, raw }) => {
  await s3.send(new CreateBucketCommand({ Bucket }));
  const chunked = (encoding: string) => ({
    headers: {
      "content-encoding": encoding,
      "x-amz-content-sha256": "STREAMING-UNSIGNED-PAYLOAD-TRAILER",
      "x-amz-decoded-content-length": "9",
      "x-amz-trailer": "x-amz-checksum-crc32",
    },
    body: "9\r\n123456789\r\n0\r\nx-amz-checksum-crc32:y/Q5Jg==\r\n\r\n",
  });
  for (const [encoding, stored] of [
    ["aws-chunked", null],
    ["gzip,aws-chunked", "gzip"],
    ["aws-chunked, gzip", "gzip"],
  ] as const) {
    assert.equal((await raw("PUT", "/photos/k", chunked(encoding))).status, 200);
    const { headers, text } = await raw("GET", "/photos/k");
    assert.deepEqual([headers.get("content-encoding"), text], [stored, "123456789"]);
  }
  const wrong = chunked("aws-chunked");
  const answer = await raw("PUT", "/photos/wrong", { ...wrong, body: wrong.body.replace("y/Q5Jg==", "AAAAAA==") });
  assert.match(answer.text, /BadDigest/);
  const cut = await raw("PUT", "/photos/wrong", { ...wrong, body: "9\r\n1234" });
  assert.match(cut.text, /IncompleteBody/);
  assert.equal((await raw("GET", "/photos/wrong")).status, 404);
});

scene("an empty object, and a body without a length", async ({ s3, raw }) => {
  await s3.send(new CreateBucketCommand({ Bucket }));
  await put(s3, "empty", "");
  assert.equal(await textOf(s3, "empty"), "");
  assert.equal((await raw("GET", "/photos/empty", { headers: { range: "bytes=0-0" } })).status, 416);
  assert.equal((await raw("PUT", "/photos/chunked", { body: "abc", headers: { "transfer-encoding": "chunked" } })).status, 200);
  assert.equal(await textOf(s3, "chunked"), "abc");
});

scene("who reads an object while it is replaced gets the old bytes to the end", async ({ s3 }) => {
  await s3.send(new CreateBucketCommand({ Bucket }));
  const old = Buffer.alloc(8 * 1024 * 1024, "old ");
  await put(s3, "k", old);
  const { Body } = await s3.send(new GetObjectCommand({ Bucket, Key: "k" }));
  const reader = (Body as Readable)[Symbol.asyncIterator]();
  const first = (await reader.next()).value as Buffer;
  await put(s3, "k", "new");
  assert.equal(await textOf(s3, "k"), "new");
  const rest: Buffer[] = [];
  for (let next = await reader.next(); next.done !== true; next = await reader.next()) rest.push(next.value as Buffer);
  assert.ok(Buffer.concat([first, ...rest]).equals(old));
});
