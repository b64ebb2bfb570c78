import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { test } from "node:test";
import { EMPTY_SHA256 } from "./hmac.ts";
import { keysVerifier, refuses, request } from "./signing.fixture.ts";

const dev = () => keysVerifier({ mode: "dev", credentials: [] });
const authorization = (credential: string) => `AWS4-HMAC-SHA256 Credential=${credential}, SignedHeaders=host, Signature=bogus`;

test("in dev mode any access key is taken, no signature is looked at, and region and service come from the scope", () => {
  const headers = { host: "localhost", authorization: authorization("test/20010101/ap-south-1/sqs/aws4_request") };
  const verified = dev().verify(request({ headers }));
  assert.deepEqual(verified, {
    principal: {
      accountId: "000000000000",
      arn: "arn:aws:iam::000000000000:root",
      uniqueId: "000000000000",
      accessKeyId: "test",
      authenticated: true,
      verified: false,
    },
    region: "ap-south-1",
    signingName: "sqs",
    payload: { kind: "none" },
  });
});

test("in dev mode an access key of twelve digits is the account, however it is given", () => {
  const account = (asked: Parameters<typeof request>[0]) => dev().verify(request(asked)).principal.accountId;
  assert.equal(account({ headers: { authorization: authorization("123456789012/20260101/us-east-1/s3/aws4_request") } }), "123456789012");
  assert.equal(account({ headers: { authorization: "AWS 123456789012:sig" } }), "123456789012");
  assert.equal(account({ target: "/b?X-Amz-Credential=123456789012%2F20260101%2Fus-east-1%2Fs3%2Faws4_request" }), "123456789012");
  assert.equal(account({ target: "/b?AWSAccessKeyId=123456789012&Signature=x&Expires=1" }), "123456789012");
  for (const key of ["12345678901", "1234567890123", "12345678901a", "١٢٣٤٥٦٧٨٩٠١٢"]) {
    assert.equal(account({ headers: { authorization: authorization(`${key}/20260101/us-east-1/s3/aws4_request`) } }), "000000000000");
  }
});

test("in dev mode a request without credentials, or with a strange header, is the default account's in the default region", () => {
  for (const headers of [{}, { authorization: "Bearer x" }, { authorization: "AWS4-HMAC-SHA256 Credential=x" }]) {
    const verified = dev().verify(request({ headers }));
    assert.deepEqual([verified.principal.accountId, verified.region, verified.payload.kind], ["000000000000", "eu-west-9", "none"]);
  }
  assert.equal(dev().verify(request({})).principal.authenticated, false);
});

test("in dev mode a form tells its account in its body", () => {
  const asked = request({ method: "POST", headers: { "content-type": "application/x-www-form-urlencoded" } });
  const verifier = dev();
  const verified = verifier.verify(asked);
  assert.equal(verified.payload.kind, "form");
  assert.equal(
    verifier.verifyBody(asked, verified, Buffer.from("Action=ListQueues&AWSAccessKeyId=123456789012")).principal.accountId,
    "123456789012",
  );
  assert.equal(verifier.verifyBody(asked, verified, Buffer.from("Action=ListQueues")).principal.accountId, "000000000000");
  const upload = request({ method: "POST", headers: { "content-type": "multipart/form-data; boundary=x" } });
  assert.equal(verifier.verify(upload).payload.kind, "postPolicy");
  assert.equal(
    verifier.verifyPostPolicy({ Policy: "x", "X-Amz-Credential": "123456789012/a/b/s3/aws4_request" }).accountId,
    "123456789012",
  );
  assert.equal(verifier.verifyPostPolicy({ key: "k" }).accountId, "000000000000");
});

test("in dev mode a body's hash and framing still count", () => {
  const verifier = dev();
  const hex = createHash("sha256").update("right").digest("hex");
  const s3 = { authorization: authorization("test/20260101/us-east-1/s3/aws4_request") };
  const hashed = request({ method: "PUT", target: "/b/k", headers: { ...s3, "x-amz-content-sha256": hex } });
  verifier.verifyBody(hashed, verifier.verify(hashed), Buffer.from("right"));
  refuses("XAmzContentSHA256Mismatch", () => verifier.verifyBody(hashed, verifier.verify(hashed), Buffer.from("wrong")));
  const queue = request({ method: "POST", headers: { "x-amz-target": "AmazonSQS.ListQueues", "x-amz-content-sha256": EMPTY_SHA256 } });
  refuses("SignatureDoesNotMatch", () => verifier.verifyBody(queue, verifier.verify(queue), Buffer.from("{}")));
  const framed = { ...s3, "x-amz-content-sha256": "STREAMING-AWS4-HMAC-SHA256-PAYLOAD" };
  const { payload } = verifier.verify(request({ method: "PUT", headers: { ...framed, "x-amz-decoded-content-length": "5" } }));
  assert.deepEqual(payload.kind === "chunked" && [payload.signing, payload.decodedBytes], [undefined, 5]);
  refuses("MissingContentLength", () => verifier.verify(request({ method: "PUT", headers: framed })));
});
