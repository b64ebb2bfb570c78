import assert from "node:assert/strict";
import { test } from "node:test";
import * as S3 from "@aws-sdk/client-s3";
import { ServiceError } from "../kernel/service-error.ts";
import { s3Error } from "./envelopes.ts";
import type { HttpResponse } from "./http.ts";
import { identify } from "./protocols.ts";
import type { RestRequest } from "./rest-input.ts";
import { compileRest } from "./rest-xml.ts";
import { ACCOUNT, plain, textOf, Wire } from "./sdk.fixture.ts";
import {
  boolean,
  integer,
  list,
  map,
  nothing,
  type Operation,
  operation,
  optional,
  required,
  stream,
  string,
  structure,
  timestamp,
} from "./shapes.ts";

const TEXT = `<a href="x">é & 😀</a>\r\n%+=\t'`;

const putObject = operation("PutObject", {
  input: structure({
    Key: required(string, { label: "key" }),
    Body: optional(stream, { payload: true }),
    ContentType: optional(string, { header: "content-type" }),
    Metadata: optional(map(string), { headerPrefix: "x-amz-meta-" }),
    IfNoneMatch: optional(string, { header: "if-none-match" }),
  }),
  output: structure({ ETag: optional(string, { header: "etag" }), VersionId: optional(string, { header: "x-amz-version-id" }) }),
});
const object = structure({ Key: required(string), VersionId: string });
const deleteObjects = operation("DeleteObjects", {
  input: structure({
    Delete: required(structure({ Objects: required(list(object, { flattened: true }), { wireName: "Object" }), Quiet: boolean }), {
      payload: true,
    }),
  }),
  output: structure({
    Deleted: optional(list(object, { flattened: true })),
    Errors: optional(list(structure({ Key: string, Code: string, Message: string }), { flattened: true }), { wireName: "Error" }),
  }),
  xmlRoot: { response: "DeleteResult" },
});
const listObjects = operation("ListObjectsV2", {
  input: structure({
    Prefix: optional(string, { parameter: "prefix" }),
    MaxKeys: optional(integer, { parameter: "max-keys" }),
    StartAfter: optional(string, { parameter: "start-after" }),
    OptionalObjectAttributes: optional(list(string), { header: "x-amz-optional-object-attributes" }),
  }),
  output: structure({
    IsTruncated: boolean,
    Contents: optional(
      list(structure({ Key: string, LastModified: timestamp("iso8601"), ETag: string, Size: integer }), { flattened: true }),
    ),
    KeyCount: integer,
    Prefix: string,
    CommonPrefixes: optional(list(structure({ Prefix: string }), { flattened: true })),
  }),
  xmlRoot: { response: "ListBucketResult" },
});
const headObject = operation("HeadObject", {
  input: structure({
    IfModifiedSince: optional(timestamp("httpDate"), { header: "if-modified-since" }),
    PartNumber: optional(integer, { parameter: "partNumber" }),
  }),
  output: structure({
    LastModified: optional(timestamp("httpDate"), { header: "last-modified" }),
    ContentLength: optional(integer, { header: "content-length" }),
    DeleteMarker: optional(boolean, { header: "x-amz-delete-marker" }),
    Metadata: optional(map(string), { headerPrefix: "x-amz-meta-" }),
  }),
});
const copyObject = operation("CopyObject", {
  input: structure({ CopySource: required(string, { header: "x-amz-copy-source" }) }),
  output: structure({ CopyObjectResult: optional(structure({ ETag: string, LastModified: timestamp("iso8601") }), { payload: true }) }),
});
const cors = structure({
  ID: string,
  AllowedHeaders: optional(list(string, { flattened: true }), { wireName: "AllowedHeader" }),
  AllowedMethods: required(list(string, { flattened: true }), { wireName: "AllowedMethod" }),
  AllowedOrigins: required(list(string, { flattened: true }), { wireName: "AllowedOrigin" }),
  MaxAgeSeconds: integer,
});
const putCors = operation("PutBucketCors", {
  input: structure({
    CORSConfiguration: required(structure({ CORSRules: required(list(cors, { flattened: true }), { wireName: "CORSRule" }) }), {
      payload: true,
    }),
  }),
  output: nothing,
});
const getAcl = operation("GetBucketAcl", {
  input: nothing,
  output: structure({
    Owner: structure({ ID: string }),
    Grants: optional(
      list(
        structure({
          Grantee: structure({ Type: required(string, { wireName: "xsi:type", attribute: true }), ID: string, URI: string }),
          Permission: string,
        }),
        { itemName: "Grant" },
      ),
      { wireName: "AccessControlList" },
    ),
  }),
  xmlRoot: { response: "AccessControlPolicy" },
});
const location = operation("GetBucketLocation", {
  input: nothing,
  output: structure({ LocationConstraint: string }),
  xmlRoot: { response: "LocationConstraint" },
  unwrapped: true,
});

/** Which operation is tried is known only when the test runs. */
interface UntypedCodec {
  decode(request: RestRequest): unknown;
  encode(output: unknown): HttpResponse;
}

/** @param output what the service answers; an error is thrown. */
function s3Client(operation: Operation, output: () => unknown) {
  const codec: UntypedCodec = compileRest(operation);
  const received: { input?: unknown } = {};
  const wire = new Wire((sent) => {
    assert.equal(identify({ method: sent.method, target: sent.path, headers: sent.headers }).protocol, "rest-xml");
    const [, bucket, ...key] = sent.path.split("/");
    const labels = { bucket, key: decodeURIComponent(key.join("/")) };
    received.input = codec.decode({ labels, headers: sent.headers, parameters: sent.query, body: Buffer.from(sent.body) });
    try {
      return codec.encode(output());
    } catch (failure) {
      if (!(failure instanceof ServiceError)) throw failure;
      return s3Error(failure, { requestId: "the-request", hostId: "the-host", head: sent.method === "HEAD" });
    }
  });
  return {
    client: new S3.S3Client({ ...ACCOUNT, requestHandler: wire, forcePathStyle: true, requestChecksumCalculation: "WHEN_REQUIRED" }),
    received,
  };
}

const Bucket = "bucket";

test("S3: headers, metadata and the body of an upload arrive, its answer's headers return", async () => {
  const { client, received } = s3Client(putObject, () => ({ ETag: '"e"', VersionId: "v" }));
  const input = { Bucket, Key: "a b/é+%2F", Body: "hello", ContentType: "text/plain", Metadata: { one: "1" }, IfNoneMatch: "*" };
  const answer = await client.send(new S3.PutObjectCommand(input));
  const { Body, ...rest } = received.input as { Body: AsyncIterable<Uint8Array> };
  assert.deepEqual(plain(rest), { Key: input.Key, ContentType: "text/plain", Metadata: { one: "1" }, IfNoneMatch: "*" });
  assert.equal(await textOf(Body), "hello");
  assert.deepEqual([answer.ETag, answer.VersionId], ['"e"', "v"]);
});

test("S3: XML of the AWS SDK arrives as it was given, and ours reaches it", async () => {
  const reply = { Deleted: [{ Key: TEXT }], Errors: [{ Key: " b ", Code: "AccessDenied", Message: "<no>" }] };
  const { client, received } = s3Client(deleteObjects, () => reply);
  const Delete = { Objects: [{ Key: TEXT.trim() }, { Key: " b ", VersionId: "v" }], Quiet: false };
  const { Deleted, Errors } = await client.send(new S3.DeleteObjectsCommand({ Bucket, Delete }));
  assert.deepEqual(received.input, { Delete });
  assert.deepEqual({ Deleted, Errors }, reply);
});

test("S3: parameters of a listing arrive, its page returns", async () => {
  const LastModified = Date.UTC(2024, 0, 1, 12);
  const page = {
    IsTruncated: false,
    Contents: [{ Key: "a&b", LastModified, ETag: '"e"', Size: 9 }],
    KeyCount: 2,
    Prefix: "",
    CommonPrefixes: [{ Prefix: "c/" }],
  };
  const { client, received } = s3Client(listObjects, () => page);
  const input = { Prefix: "a b&c=d+é", MaxKeys: 2, StartAfter: "", OptionalObjectAttributes: ["RestoreStatus" as const] };
  const { IsTruncated, Contents, KeyCount, Prefix, CommonPrefixes } = await client.send(new S3.ListObjectsV2Command({ Bucket, ...input }));
  assert.deepEqual(received.input, input);
  assert.deepEqual(
    { IsTruncated, Contents, KeyCount, Prefix, CommonPrefixes },
    { ...page, Contents: [{ ...page.Contents[0], LastModified: new Date(LastModified) }] },
  );
});

test("S3: dates, numbers and metadata travel in headers", async () => {
  const when = Date.UTC(2024, 0, 1, 12);
  const { client, received } = s3Client(headObject, () => ({
    LastModified: when,
    ContentLength: 0,
    DeleteMarker: false,
    Metadata: { a: "b" },
  }));
  const answer = await client.send(new S3.HeadObjectCommand({ Bucket, Key: "k", IfModifiedSince: new Date(when), PartNumber: 1 }));
  assert.deepEqual(received.input, { IfModifiedSince: when, PartNumber: 1 });
  assert.deepEqual(
    [answer.LastModified, answer.ContentLength, answer.DeleteMarker, answer.Metadata],
    [new Date(when), 0, false, { a: "b" }],
  );
});

test("S3: a payload in the answer, flattened lists, attributes and unwrapped roots are understood", async () => {
  const copied = await s3Client(copyObject, () => ({ CopyObjectResult: { ETag: '"e"', LastModified: 0 } })).client.send(
    new S3.CopyObjectCommand({ Bucket, Key: "k", CopySource: "b/k" }),
  );
  assert.deepEqual(copied.CopyObjectResult, { ETag: '"e"', LastModified: new Date(0) });

  const CORSConfiguration = {
    CORSRules: [{ ID: "1", AllowedHeaders: ["*"], AllowedMethods: ["GET", "PUT"], AllowedOrigins: ["http://a"], MaxAgeSeconds: 5 }],
  };
  const put = s3Client(putCors, () => ({}));
  await put.client.send(new S3.PutBucketCorsCommand({ Bucket, CORSConfiguration }));
  assert.deepEqual(put.received.input, { CORSConfiguration });

  const policy = {
    Owner: { ID: "1" },
    Grants: [{ Grantee: { Type: "CanonicalUser" as const, ID: "1" }, Permission: "FULL_CONTROL" as const }],
  };
  const { Owner, Grants } = await s3Client(getAcl, () => policy).client.send(new S3.GetBucketAclCommand({ Bucket }));
  assert.deepEqual({ Owner, Grants }, policy);

  for (const LocationConstraint of [undefined, "eu-west-1"] as const) {
    const answer = await s3Client(location, () => ({ LocationConstraint })).client.send(new S3.GetBucketLocationCommand({ Bucket }));
    assert.equal(answer.LocationConstraint || undefined, LocationConstraint);
  }
});

test("S3: the AWS SDK makes its exception of an error, with body or without", async () => {
  const noKey = () => {
    throw new ServiceError({
      code: "NoSuchKey",
      message: "The specified key does not exist.",
      httpStatus: 404,
      fault: "client",
      details: { Key: "k" },
    });
  };
  const copy = s3Client(copyObject, noKey).client.send(new S3.CopyObjectCommand({ Bucket, Key: "k", CopySource: "b/k" }));
  await assert.rejects(copy, (failure) => {
    assert.ok(failure instanceof S3.S3ServiceException);
    assert.deepEqual(
      [failure.name, failure.message, failure.$metadata.httpStatusCode],
      ["NoSuchKey", "The specified key does not exist.", 404],
    );
    assert.deepEqual([failure.$metadata.requestId, failure.$metadata.extendedRequestId], ["the-request", "the-host"]);
    return true;
  });
  await assert.rejects(s3Client(headObject, noKey).client.send(new S3.HeadObjectCommand({ Bucket, Key: "k" })), S3.NotFound);
});
