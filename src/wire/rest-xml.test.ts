import assert from "node:assert/strict";
import { test } from "node:test";
import * as fc from "fast-check";
import type { HttpResponse } from "./http.ts";
import { parseQuery } from "./query-parameters.ts";
import { compileRestInput, type RestRequest } from "./rest-input.ts";
import { compileRest, S3_NAMESPACE } from "./rest-xml.ts";
import {
  blob,
  boolean,
  type Infer,
  integer,
  list,
  long,
  map,
  nothing,
  type Operation,
  operation,
  optional,
  type OutputOf,
  required,
  stream,
  string,
  structure,
  type StructureShape,
  timestamp,
} from "./shapes.ts";
import { ArgumentError, WireError, type Problem } from "./wire-error.ts";

const DECLARATION = '<?xml version="1.0" encoding="UTF-8"?>\n';
const NAMESPACE = ` xmlns="${S3_NAMESPACE}"`;

function request(given: { headers?: Record<string, string>; query?: string; body?: string; key?: string }): RestRequest {
  return {
    labels: { bucket: "b", key: given.key },
    headers: given.headers ?? {},
    parameters: parseQuery(given.query ?? ""),
    body: given.body === undefined ? undefined : Buffer.from(given.body),
  };
}

function decodeRest<S extends StructureShape>(shape: S, request: RestRequest): Infer<S> {
  return compileRestInput(shape).decode(request) as Infer<S>;
}

function encodeRest<T extends Operation>(operation: T, output: OutputOf<T>): HttpResponse {
  return compileRest(operation).encode(output);
}

function refuses(read: () => unknown, problem: Problem, message: RegExp): void {
  assert.throws(read, (failure) => failure instanceof WireError && failure.problem === problem && message.test(failure.message));
}

const putObject = structure({
  Bucket: required(string, { label: "bucket" }),
  Key: required(string, { label: "key" }),
  Body: optional(stream, { payload: true }),
  ContentLength: optional(long, { header: "content-length" }),
  ContentType: optional(string, { header: "content-type" }),
  ChecksumCRC32: optional(string, { header: "x-amz-checksum-crc32" }),
  ACL: optional(string, { header: "x-amz-acl" }),
  IfNoneMatch: optional(string, { header: "if-none-match" }),
  BucketKeyEnabled: optional(boolean, { header: "x-amz-server-side-encryption-bucket-key-enabled" }),
  Retain: optional(timestamp("iso8601"), { header: "x-amz-object-lock-retain-until-date" }),
  Metadata: optional(map(string), { headerPrefix: "x-amz-meta-" }),
});

test("labels, headers, prefixed headers and the stream are bound as the traits say", async () => {
  const headers = { "content-length": "3", "content-type": "text/plain", "x-amz-meta-a": "1", "x-amz-meta-__proto__": "2", "x-other": "3" };
  const { Body, Metadata, ...rest } = decodeRest(putObject, { ...request({ headers, key: "a//b" }), body: Buffer.from("abc") });
  assert.deepEqual(rest, { Bucket: "b", Key: "a//b", ContentLength: 3, ContentType: "text/plain" });
  assert.deepEqual(Object.entries(Metadata ?? {}), [
    ["a", "1"],
    ["__proto__", "2"],
  ]);
  assert.equal(Object.getPrototypeOf(Metadata), null);
  assert.ok(Body);
  const chunks: Uint8Array[] = [];
  for await (const chunk of Body) chunks.push(chunk);
  assert.equal(Buffer.concat(chunks).toString(), "abc");
});

test("a stream is handed on as it is", () => {
  const body = (async function* () {})();
  assert.equal(decodeRest(putObject, { ...request({ key: "k" }), body }).Body, body);
  assert.equal(compileRestInput(putObject).bodyKind, "stream");
});

test("parameters of a presigned URL stand for headers, but a real header comes first", () => {
  const query = "X-Amz-Acl=private&x-amz-meta-foo=bar&if-none-match=*&content-type=no";
  const input = decodeRest(putObject, request({ query, key: "k" }));
  assert.deepEqual(
    { ...input, Metadata: { ...input.Metadata } },
    { Bucket: "b", Key: "k", ACL: "private", IfNoneMatch: "*", Metadata: { foo: "bar" } },
  );
  assert.equal(decodeRest(putObject, request({ query, key: "k", headers: { "x-amz-acl": "public-read" } })).ACL, "public-read");
});

test("the checksum in a presigned URL is not the body's", () => {
  const input = decodeRest(putObject, request({ query: "x-amz-checksum-crc32=AAAAAA%3D%3D", key: "k" }));
  assert.equal(input.ChecksumCRC32, undefined);
});

test("a header of the wrong type is refused by its name and value", () => {
  assert.throws(
    () => decodeRest(putObject, request({ headers: { "content-length": "many" }, key: "k" })),
    (failure) => failure instanceof ArgumentError && failure.path === "content-length" && failure.value === "many",
  );
  refuses(() => decodeRest(putObject, request({})), "missing", /^Key: /);
});

const listObjects = structure({
  Bucket: required(string, { label: "bucket" }),
  MaxKeys: optional(integer, { parameter: "max-keys" }),
  Prefix: optional(string, { parameter: "prefix" }),
  FetchOwner: optional(boolean, { parameter: "fetch-owner" }),
  Attributes: optional(list(string), { header: "x-amz-optional-object-attributes" }),
  Since: optional(timestamp("httpDate"), { header: "if-modified-since" }),
});

test("an empty parameter is an empty string, but no number", () => {
  assert.deepEqual(decodeRest(listObjects, request({ query: "max-keys=&prefix=&fetch-owner=" })), { Bucket: "b", Prefix: "" });
  assert.deepEqual(decodeRest(listObjects, request({ query: "max-keys=5&prefix=a%2Fb+c&fetch-owner=true" })), {
    Bucket: "b",
    MaxKeys: 5,
    Prefix: "a/b c",
    FetchOwner: true,
  });
  assert.throws(() => decodeRest(listObjects, request({ query: "max-keys=x" })), ArgumentError);
});

test("a list in a header is divided by commas, with or without spaces", () => {
  const headers = { "x-amz-optional-object-attributes": "ETag, Checksum,,ObjectSize " };
  assert.deepEqual(decodeRest(listObjects, request({ headers })).Attributes, ["ETag", "Checksum", "ObjectSize"]);
});

test("dates in headers are read in the three forms of HTTP, and what is no date is ignored", () => {
  const since = (value: string) => decodeRest(listObjects, request({ headers: { "if-modified-since": value } })).Since;
  const expected = Date.UTC(1994, 10, 6, 8, 49, 37);
  assert.equal(since("Sun, 06 Nov 1994 08:49:37 GMT"), expected);
  assert.equal(since("Sunday, 06-Nov-94 08:49:37 GMT"), expected);
  assert.equal(since("Sun Nov  6 08:49:37 1994"), expected);
  assert.equal(since("1994-11-06T08:49:37Z"), undefined);
  assert.equal(since("yesterday"), undefined);
});

const object = structure({ Key: required(string), VersionId: string });
const deleteObjects = operation("DeleteObjects", {
  input: structure({
    Bucket: required(string, { label: "bucket" }),
    Delete: required(structure({ Objects: required(list(object, { flattened: true }), { wireName: "Object" }), Quiet: boolean }), {
      payload: true,
    }),
  }),
  output: structure({
    RequestCharged: optional(string, { header: "x-amz-request-charged" }),
    Deleted: optional(list(object, { flattened: true })),
    Errors: optional(list(structure({ Key: string, Code: string }), { flattened: true }), { wireName: "Error" }),
  }),
  xmlRoot: { response: "DeleteResult" },
});

test("a payload is read from the XML of its name, with namespace or without", () => {
  for (const namespace of ["", NAMESPACE]) {
    const body = `${DECLARATION}<Delete${namespace}>\n <Object><Key> a&#34;&amp;</Key></Object><Object><Key>b</Key><VersionId>v</VersionId></Object><Quiet>true</Quiet></Delete>`;
    assert.deepEqual(decodeRest(deleteObjects.input, request({ body })).Delete, {
      Objects: [{ Key: ' a"&' }, { Key: "b", VersionId: "v" }],
      Quiet: true,
    });
  }
  assert.equal(compileRestInput(deleteObjects.input).bodyKind, "bytes");
});

test("a payload that is absent, another or incomplete is refused", () => {
  const decode = (body?: string) => () => decodeRest(deleteObjects.input, request(body === undefined ? {} : { body }));
  refuses(decode(), "missing", /^Delete: /);
  refuses(decode(""), "missing", /^Delete: /);
  refuses(decode("<Remove/>"), "malformed", /expected the root element Delete, received Remove/);
  refuses(decode("<Delete><Object/></Delete>"), "missing", /^Delete\.Object\[0\]\.Key: /);
  refuses(decode("<Delete>"), "malformed", /not well-formed/);
});

test("an answer's members stand under its root in S3's namespace, its headers beside", () => {
  assert.deepEqual(encodeRest(deleteObjects, { RequestCharged: "requester", Deleted: [{ Key: "<a>\r" }], Errors: [] }), {
    status: 200,
    headers: { "content-type": "application/xml", "x-amz-request-charged": "requester" },
    body: `${DECLARATION}<DeleteResult${NAMESPACE}><Deleted><Key>&lt;a&gt;&#13;</Key></Deleted></DeleteResult>`,
  });
  assert.equal(encodeRest(deleteObjects, {}).body, `${DECLARATION}<DeleteResult${NAMESPACE}/>`);
});

test("a root element is named after the action where nothing else is said", () => {
  const plain = operation("ListParts", { input: nothing, output: structure({ MaxParts: integer }) });
  assert.equal(
    encodeRest(plain, { MaxParts: 3 }).body,
    `${DECLARATION}<ListPartsResult${NAMESPACE}><MaxParts>3</MaxParts></ListPartsResult>`,
  );
});

test("a payload is written as the root itself, and left out where it is absent", () => {
  const copy = operation("CopyObject", {
    input: nothing,
    output: structure({
      CopyObjectResult: optional(structure({ ETag: string, LastModified: timestamp("iso8601") }), { payload: true }),
      VersionId: optional(string, { header: "x-amz-version-id" }),
    }),
  });
  assert.deepEqual(encodeRest(copy, { CopyObjectResult: { ETag: '"e"', LastModified: Date.UTC(2024, 0, 1) + 500 }, VersionId: "v" }), {
    status: 200,
    headers: { "content-type": "application/xml", "x-amz-version-id": "v" },
    body: `${DECLARATION}<CopyObjectResult${NAMESPACE}><ETag>&quot;e&quot;</ETag><LastModified>2024-01-01T00:00:00.000Z</LastModified></CopyObjectResult>`,
  });
  assert.deepEqual(encodeRest(copy, {}), { status: 200, headers: {}, body: undefined });
});

test("GetBucketLocation's root is its only member", () => {
  const location = operation("GetBucketLocation", {
    input: nothing,
    output: structure({ LocationConstraint: string }),
    xmlRoot: { response: "LocationConstraint" },
    unwrapped: true,
  });
  assert.equal(encodeRest(location, {}).body, `${DECLARATION}<LocationConstraint${NAMESPACE}/>`);
  assert.equal(
    encodeRest(location, { LocationConstraint: "eu-west-1" }).body,
    `${DECLARATION}<LocationConstraint${NAMESPACE}>eu-west-1</LocationConstraint>`,
  );
});

const getObject = operation("GetObject", {
  input: nothing,
  output: structure({
    Status: optional(integer, { status: true }),
    Body: optional(stream, { payload: true }),
    LastModified: optional(timestamp("httpDate"), { header: "last-modified" }),
    ContentLength: optional(long, { header: "content-length" }),
    ContentDisposition: optional(string, { header: "content-disposition" }),
    DeleteMarker: optional(boolean, { header: "x-amz-delete-marker" }),
    Metadata: optional(map(string), { headerPrefix: "x-amz-meta-" }),
  }),
});

test("a stream is the body, its type a header like any other, and its status the answer's own", () => {
  const body = (async function* () {})();
  const answer = encodeRest(getObject, {
    Status: 206,
    Body: body,
    LastModified: Date.UTC(2024, 0, 1) + 999,
    ContentLength: 0,
    Metadata: { a: "1" },
  });
  assert.deepEqual(answer, {
    status: 206,
    headers: { "last-modified": "Mon, 01 Jan 2024 00:00:00 GMT", "content-length": "0", "x-amz-meta-a": "1" },
    body,
  });
});

test("no text of a caller ends its header or makes the answer fail", () => {
  const name = fc.string({ unit: "binary" });
  fc.assert(
    fc.property(name, name, (text, meta) => {
      const { headers } = encodeRest(getObject, { ContentDisposition: text, Metadata: { a: meta } });
      for (const value of Object.values(headers)) assert.match(value, /^[\t\x20-\x7e\x80-\xff]*$/);
    }),
  );
  assert.equal(encodeRest(getObject, { ContentDisposition: "a\r\nx: y" }).headers["content-disposition"], "a  x: y");
  assert.equal(encodeRest(getObject, { ContentDisposition: "€" }).headers["content-disposition"], "\u00e2\u0082\u00ac");
});

test("an answer without content has neither body nor type", () => {
  const remove = operation("DeleteObject", { input: nothing, output: structure({ DeleteMarker: boolean }), status: 204 });
  assert.deepEqual(encodeRest(remove, {}), { status: 204, headers: {}, body: undefined });
});

test("a payload of text or bytes is the body as it is", () => {
  const policy = compileRest(
    operation("BucketPolicy", {
      input: structure({ Policy: required(string, { payload: true }) }),
      output: structure({ Policy: optional(string, { payload: true }), Type: optional(string, { header: "content-type" }) }),
    }),
  );
  assert.deepEqual(policy.decode(request({ body: '{"é":1}' })), { Policy: '{"é":1}' });
  assert.deepEqual(policy.encode({ Policy: "{}", Type: "application/json" }), {
    status: 200,
    headers: { "content-type": "application/json" },
    body: "{}",
  });
  const raw = compileRestInput(structure({ Data: optional(blob, { payload: true }) }));
  assert.deepEqual(raw.decode(request({ body: "abc" })), { Data: Buffer.from("abc") });
});

test("members without a binding are the body's own elements", () => {
  const tagging = structure({ Bucket: required(string, { label: "bucket" }), Days: integer, Names: list(string, { itemName: "Name" }) });
  const decoder = compileRestInput(tagging, "Restore");
  assert.deepEqual(decoder.decode(request({ body: "<Restore><Days>3</Days><Names><Name>a</Name></Names></Restore>" })), {
    Bucket: "b",
    Days: 3,
    Names: ["a"],
  });
  assert.deepEqual(decoder.decode(request({})), { Bucket: "b" });
  refuses(() => decoder.decode(request({ body: "<Other/>" })), "malformed", /expected the root element Restore/);
});
