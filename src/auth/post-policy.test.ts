import assert from "node:assert/strict";
import { createHmac } from "node:crypto";
import { test } from "node:test";
import { S3Client } from "@aws-sdk/client-s3";
import { createPresignedPost } from "@aws-sdk/s3-presigned-post";
import { systemClock } from "../kernel/clock.ts";
import { ALICE, BOB, keysVerifier, refuses } from "./signing.fixture.ts";
import { createVerifier } from "./verifier.ts";

/** Recorded from botocore 1.43 (S3SigV4PostAuth and HmacV1PostAuth, 2026-01-01T12:00:00Z). */
const VERSION_FOUR = {
  "x-amz-algorithm": "AWS4-HMAC-SHA256",
  "x-amz-credential": "AKIAALICEEXAMPLE0001/20260101/us-east-1/s3/aws4_request",
  "x-amz-date": "20260101T120000Z",
  policy:
    "eyJleHBpcmF0aW9uIjogIjIwMjYtMDEtMDFUMTM6MDA6MDBaIiwgImNvbmRpdGlvbnMiOiBbeyJidWNrZXQiOiAiYnVja2V0In0sIHsia2V5IjogImsifSwgeyJ4LWFtei1hbGdvcml0aG0iOiAiQVdTNC1ITUFDLVNIQTI1NiJ9LCB7IngtYW16LWNyZWRlbnRpYWwiOiAiQUtJQUFMSUNFRVhBTVBMRTAwMDEvMjAyNjAxMDEvdXMtZWFzdC0xL3MzL2F3czRfcmVxdWVzdCJ9LCB7IngtYW16LWRhdGUiOiAiMjAyNjAxMDFUMTIwMDAwWiJ9XX0=",
  "x-amz-signature": "a4726c9ec0dad3ff1a93df3320afa1c86c00729dddd25086af949ebfa8a1e337",
};
const VERSION_TWO = {
  AWSAccessKeyId: "AKIAALICEEXAMPLE0001",
  policy: "eyJleHBpcmF0aW9uIjogIjIwMjYtMDEtMDFUMTM6MDA6MDBaIiwgImNvbmRpdGlvbnMiOiBbeyJidWNrZXQiOiAiYnVja2V0In0sIHsia2V5IjogImsifV19",
  signature: "kahniP2t+yJdz+ZARuVwNj/XbjI=",
};
const verifier = keysVerifier();

test("a policy that botocore signed tells who signed it, by Version 4 and 2", () => {
  assert.equal(verifier.verifyPostPolicy({ key: "k", ...VERSION_FOUR }).arn, ALICE.arn);
  assert.equal(verifier.verifyPostPolicy({ key: "k", ...VERSION_TWO }).arn, ALICE.arn);
  const upper = Object.fromEntries(Object.entries(VERSION_FOUR).map(([name, value]) => [name.toUpperCase(), value]));
  assert.equal(verifier.verifyPostPolicy(upper).arn, ALICE.arn, "names in any case");
});

test("a policy that AWS's SDK for JavaScript signed is accepted", async () => {
  const client = new S3Client({ region: "us-west-2", endpoint: "http://localhost:4566", credentials: ALICE });
  const { fields } = await createPresignedPost(client, {
    Bucket: "bucket",
    Key: "k",
    Conditions: [["starts-with", "$Content-Type", "image/"]],
  });
  const options = {
    clock: systemClock(),
    credentials: [ALICE],
    mode: "keys",
    defaultRegion: "us-east-1",
    defaultAccount: "000000000000",
  } as const;
  assert.equal(createVerifier(options).verifyPostPolicy(fields).arn, ALICE.arn);
});

test("a policy's signature covers every byte of it, under one key of one day, region and service", () => {
  const four = (changes: Record<string, string>) => () => verifier.verifyPostPolicy({ ...VERSION_FOUR, ...changes });
  refuses("SignatureDoesNotMatch", four({ policy: VERSION_TWO.policy }));
  refuses("SignatureDoesNotMatch", four({ "x-amz-credential": VERSION_FOUR["x-amz-credential"].replace("us-east-1", "us-east-2") }));
  refuses(
    "SignatureDoesNotMatch",
    four({ "x-amz-credential": VERSION_FOUR["x-amz-credential"].replace(ALICE.accessKeyId, BOB.accessKeyId) }),
  );
  refuses("SignatureDoesNotMatch", four({ "x-amz-signature": VERSION_FOUR["x-amz-signature"].toUpperCase() }));
  refuses("InvalidAccessKeyId", four({ "x-amz-credential": VERSION_FOUR["x-amz-credential"].replace(ALICE.accessKeyId, "AKIANOBODY") }));
  refuses("InvalidArgument", four({ "x-amz-credential": VERSION_FOUR["x-amz-credential"].replace("/s3/", "/sqs/") }));
  refuses("InvalidArgument", four({ "x-amz-date": "20260102T120000Z" }));
  refuses("InvalidArgument", four({ "x-amz-algorithm": "none" }));
  refuses("InvalidToken", four({ "x-amz-security-token": "t" }));
  refuses("SignatureDoesNotMatch", () => verifier.verifyPostPolicy({ ...VERSION_TWO, AWSAccessKeyId: BOB.accessKeyId }));
  refuses("InvalidAccessKeyId", () => verifier.verifyPostPolicy({ ...VERSION_TWO, AWSAccessKeyId: "AKIANOBODY" }));
});

test("a policy is strict base64, though its signature fits", () => {
  for (const policy of ["e30", "e30=\n", " e30=", "e3 0=", "e31="]) {
    const signature = createHmac("sha1", ALICE.secretAccessKey).update(policy).digest("base64");
    refuses("InvalidPolicyDocument", () => verifier.verifyPostPolicy({ ...VERSION_TWO, policy, signature }));
  }
});

test("a field that is missing, doubled by case, or of another mechanism is named", () => {
  for (const name of ["x-amz-signature", "x-amz-credential", "x-amz-date", "x-amz-algorithm", "policy"]) {
    const fields = Object.fromEntries(Object.entries(VERSION_FOUR).filter(([each]) => each !== name));
    const error = refuses("InvalidArgument", () => verifier.verifyPostPolicy(fields));
    assert.match(
      error.message.toLowerCase(),
      new RegExp(`^bucket post must contain a field named '${name}'\\.  if it is specified, please check`),
    );
  }
  refuses("InvalidArgument", () => verifier.verifyPostPolicy({ ...VERSION_FOUR, Policy: VERSION_TWO.policy }));
  refuses("InvalidArgument", () => verifier.verifyPostPolicy({ ...VERSION_FOUR, ...VERSION_TWO }));
  refuses("AccessDenied", () => verifier.verifyPostPolicy({ key: "k" }));
  refuses("InvalidRequest", () => keysVerifier({ signatureV2: false }).verifyPostPolicy(VERSION_TWO));
});
