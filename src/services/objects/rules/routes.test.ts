import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { ServiceError } from "../../../kernel/service-error.ts";
import { addressOf } from "./address.ts";
import { actionOf } from "./routes.ts";

function route(method: string, target: string, headers: Record<string, string> = {}): string {
  try {
    return actionOf({ method, ...addressOf("localhost", target, ["localhost"]), headers });
  } catch (error) {
    if (error instanceof ServiceError) return error.code;
    throw error;
  }
}

describe("method, path and parameters → action", () => {
  for (const [method, target, expected] of [
    ["GET", "/", "ListBuckets"],
    ["GET", "/?x-id=ListBuckets", "ListBuckets"],
    ["PUT", "/", "MethodNotAllowed"],
    ["PUT", "/b", "CreateBucket"],
    ["PUT", "/b/", "CreateBucket"],
    ["HEAD", "/b", "HeadBucket"],
    ["HEAD", "/b?acl", "HeadBucket"],
    ["DELETE", "/b", "DeleteBucket"],
    ["GET", "/b", "ListObjects"],
    ["GET", "/b?prefix=a", "ListObjects"],
    ["GET", "/b?list-type=2", "ListObjectsV2"],
    ["GET", "/b?delimiter=&prefix=", "ListObjects"],
    ["GET", "/b?versions", "ListObjectVersions"],
    ["GET", "/b?location", "GetBucketLocation"],
    ["GET", "/b?location=", "GetBucketLocation"],
    ["GET", "/b?uploads", "ListMultipartUploads"],
    ["POST", "/b?delete", "DeleteObjects"],
    ["POST", "/b/?delete=", "DeleteObjects"],
    ["PUT", "/b?acl", "PutBucketAcl"],
    ["POST", "/b?acl", "MethodNotAllowed"],
    ["PUT", "/b?location", "MethodNotAllowed"],
    ["GET", "/b?analytics&id=a", "GetBucketAnalyticsConfiguration"],
    ["GET", "/b?analytics", "ListBucketAnalyticsConfigurations"],
    ["PUT", "/b?something-new", "NotImplemented"],
    ["DELETE", "/b?something-new=", "NotImplemented"],
    ["PUT", "/b?constructor", "NotImplemented"],
    ["GET", "/b?something-new", "ListObjects"],
    ["GET", "/b/k", "GetObject"],
    ["GET", "/b/k?partNumber=1", "GetObject"],
    ["GET", "/b/k?v=2", "GetObject"],
    ["HEAD", "/b/k", "HeadObject"],
    ["PUT", "/b/k", "PutObject"],
    ["PUT", "/b/k?x-id=PutObject", "PutObject"],
    ["PUT", "/b/k?X-Amz-Signature=", "PutObject"],
    ["PUT", "/b/k?partNumber=1", "NotImplemented"],
    ["PUT", "/b/k?partNumber=1&uploadId=u", "UploadPart"],
    ["POST", "/b/k?uploads", "CreateMultipartUpload"],
    ["POST", "/b/k?uploadId=u", "CompleteMultipartUpload"],
    ["DELETE", "/b/k?uploadId=u", "AbortMultipartUpload"],
    ["GET", "/b/k?uploadId=u", "ListParts"],
    ["DELETE", "/b/k", "DeleteObject"],
    ["DELETE", "/b/k?versionId=null", "DeleteObject"],
    ["GET", "/b/k?tagging", "GetObjectTagging"],
    ["GET", "/b/k?attributes", "GetObjectAttributes"],
    ["GET", "/b/k?torrent", "GetObjectTorrent"],
    ["POST", "/b/k", "MethodNotAllowed"],
    ["PATCH", "/b/k", "MethodNotAllowed"],
    ["GET", "/b/location", "GetObject"],
  ] as const) {
    test(`${method} ${target} → ${expected}`, () => assert.equal(route(method, target), expected));
  }
});

test("a source makes a copy of a write", () => {
  const headers = { "x-amz-copy-source": "b/a" };
  assert.equal(route("PUT", "/b/k", headers), "CopyObject");
  assert.equal(route("PUT", "/b/k?partNumber=1&uploadId=u", headers), "UploadPartCopy");
  assert.equal(route("PUT", "/b", headers), "CreateBucket");
});

test("a bucket takes forms only", () => {
  assert.equal(route("POST", "/b", { "content-type": "Multipart/Form-Data; boundary=b" }), "PostObject");
  assert.equal(route("POST", "/b", { "content-type": "text/plain" }), "PreconditionFailed");
});
