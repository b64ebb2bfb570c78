import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { test } from "node:test";
import { EMPTY_SHA256 } from "./hmac.ts";
import { ALICE, handPresigned, handSigned, keysVerifier, refuses, request } from "./signing.fixture.ts";

const DATE = "20260101T120000Z";
const S3_HEADERS = { Host: "localhost", "x-amz-date": DATE, "x-amz-content-sha256": "UNSIGNED-PAYLOAD" };
const S3_SIGNED = "host;x-amz-content-sha256;x-amz-date";
const sha256 = (text: string) => createHash("sha256").update(text).digest("hex");

test("S3 demands x-amz-content-sha256 with a value that it knows; the other services take a hash alone", () => {
  const { "x-amz-content-sha256": _, ...without } = S3_HEADERS;
  refuses("InvalidRequest", () => keysVerifier().verify(handSigned({ headers: without, signedHeaders: "host;x-amz-date" })));
  for (const value of ["rubbish", "unsigned-payload", EMPTY_SHA256.toUpperCase(), "STREAMING-AWS4-ECDSA-P256-SHA256-PAYLOAD", ""]) {
    const headers = { ...S3_HEADERS, "x-amz-content-sha256": value };
    refuses("InvalidArgument", () => keysVerifier().verify(handSigned({ headers, signedHeaders: S3_SIGNED, payload: value })));
  }
  for (const value of ["UNSIGNED-PAYLOAD", "STREAMING-UNSIGNED-PAYLOAD-TRAILER"]) {
    const headers = { ...S3_HEADERS, "x-amz-content-sha256": value };
    refuses("IncompleteSignatureException", () =>
      keysVerifier().verify(handSigned({ headers, signedHeaders: S3_SIGNED, payload: value, service: "sqs" })),
    );
  }
});

test("unsigned payloads can be switched off for headers; a presigned URL has no other", () => {
  const verifier = keysVerifier({ unsignedPayload: false });
  refuses("AccessDenied", () => verifier.verify(handSigned({ headers: S3_HEADERS, signedHeaders: S3_SIGNED })));
  const headers = { ...S3_HEADERS, "x-amz-content-sha256": EMPTY_SHA256 };
  verifier.verify(handSigned({ headers, signedHeaders: S3_SIGNED, payload: EMPTY_SHA256 }));
  verifier.verify(handPresigned({ headers: { host: "localhost" }, signedHeaders: "host" }));
});

test("a body whose hash is signed but not announced proves its request once it is read", () => {
  // Recorded from botocore 1.43: SigV4Auth for sqs sends no x-amz-content-sha256.
  const asked = request({
    method: "POST",
    headers: {
      Host: "localhost:4566",
      "Content-Type": "application/x-www-form-urlencoded; charset=utf-8",
      "Content-Length": "33",
      "X-Amz-Date": DATE,
      Authorization:
        "AWS4-HMAC-SHA256 Credential=AKIAALICEEXAMPLE0001/20260101/us-east-1/sqs/aws4_request, SignedHeaders=content-type;host;x-amz-date, Signature=fdb239128b750fb81207e863494f6a441d4c7ac1a728e67c4a4c412303202d4d",
    },
  });
  const verifier = keysVerifier();
  const claimed = verifier.verify(asked);
  assert.deepEqual([claimed.payload.kind, claimed.principal.authenticated, claimed.signingName], ["unproven", false, "sqs"]);
  const verified = verifier.verifyBody(asked, claimed, Buffer.from("Action=SendMessage&MessageBody=hi"));
  assert.equal(verified.principal.arn, ALICE.arn);
  refuses("SignatureDoesNotMatch", () => verifier.verifyBody(asked, claimed, Buffer.from("Action=SendMessage&MessageBody=ho")));
});

test("a body that is not the announced one is refused in the words of its protocol", () => {
  const payload = sha256("right");
  for (const [service, code, status] of [
    ["s3", "XAmzContentSHA256Mismatch", 400],
    ["sqs", "SignatureDoesNotMatch", 403],
  ] as const) {
    const headers = { ...S3_HEADERS, "x-amz-content-sha256": payload };
    const asked = handSigned({ method: "PUT", headers, signedHeaders: S3_SIGNED, payload, service });
    const verifier = keysVerifier();
    const verified = verifier.verify(asked);
    assert.equal(verifier.verifyBody(asked, verified, Buffer.from("right")), verified);
    assert.equal(refuses(code, () => verifier.verifyBody(asked, verified, Buffer.from("wrong"))).options.httpStatus, status);
  }
});

test("a presigned URL can bind a body by a signed x-amz-content-sha256, in a header or in the query string", () => {
  const payload = sha256("right");
  const inHeader = handPresigned({
    method: "PUT",
    headers: { host: "localhost", "x-amz-content-sha256": payload },
    signedHeaders: "host;x-amz-content-sha256",
    payload,
  });
  const inQuery = handPresigned(
    { method: "PUT", headers: { host: "localhost" }, signedHeaders: "host", payload },
    { "X-Amz-Content-Sha256": payload },
  );
  for (const asked of [inHeader, inQuery]) {
    const verifier = keysVerifier();
    const verified = verifier.verify(asked);
    verifier.verifyBody(asked, verified, Buffer.from("right"));
    refuses("XAmzContentSHA256Mismatch", () => verifier.verifyBody(asked, verified, Buffer.from("wrong")));
  }
});

test("a presigned URL announces one hash at most, and one that S3 knows", () => {
  const url = { method: "PUT", headers: { host: "localhost" }, signedHeaders: "host" };
  const payload = sha256("right");
  refuses("InvalidArgument", () =>
    keysVerifier().verify(handPresigned({ ...url, payload: "rubbish" }, { "X-Amz-Content-Sha256": "rubbish" })),
  );
  const twice = { "X-Amz-Content-Sha256": payload, "x-amz-content-sha256": EMPTY_SHA256 };
  refuses("InvalidRequest", () => keysVerifier().verify(handPresigned({ ...url, payload }, twice)));
  const headers = { host: "localhost", "x-amz-content-sha256": payload };
  const both = { ...url, headers, signedHeaders: "host;x-amz-content-sha256", payload };
  refuses("InvalidRequest", () => keysVerifier().verify(handPresigned(both, { "X-Amz-Content-Sha256": EMPTY_SHA256 })));
  const asked = handPresigned(url);
  const more = ["x-amz-content-sha256", payload, "X-Amz-Content-Sha256", EMPTY_SHA256];
  refuses("InvalidRequest", () => keysVerifier().verify({ ...asked, rawHeaders: [...asked.rawHeaders, ...more] }));
});
