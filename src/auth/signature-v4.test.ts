import assert from "node:assert/strict";
import { test } from "node:test";
import { manualClock } from "../kernel/clock.ts";
import type { Credential } from "./auth.ts";
import { EMPTY_SHA256 } from "./hmac.ts";
import { keysVerifier, refuses, request } from "./signing.fixture.ts";

/** The test suite that AWS publishes for Signature Version 4: key, time and scope are the same in all of its requests. */
const SUITE: Credential = {
  accessKeyId: "AKIDEXAMPLE",
  secretAccessKey: "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY",
  accountId: "123456789012",
  arn: "arn:aws:iam::123456789012:root",
  uniqueId: "123456789012",
};
const suite = () => keysVerifier({ credentials: [SUITE] }, manualClock(Date.UTC(2015, 7, 30, 12, 36, 0)));

interface Vector {
  readonly name: string;
  readonly target: string;
  readonly method?: string;
  readonly headers?: Record<string, string>;
  readonly signed?: string;
  readonly signature: string;
}

const VECTORS: readonly Vector[] = [
  { name: "get-vanilla", target: "/", signature: "5fa00fa31553b73ebf1942676e86291e8372ff2a2260956d9b8aae1d763fbf31" },
  {
    name: "get-vanilla-empty-query-key",
    target: "/?Param1=value1",
    signature: "a67d582fa61cc504c4bae71f336f98b97f1ea3c7a6bfe1b6e45aec72011b9aeb",
  },
  {
    name: "get-vanilla-query-order-key-case",
    target: "/?Param2=value2&Param1=value1",
    signature: "b97d918cfa904a5beff61c982a1b6f458b799221646efd99d3219ec94cdf2500",
  },
  {
    name: "get-unreserved",
    target: "/-._~0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz",
    signature: "07ef7494c76fa4850883e2b006601f940f8a34d404d0cfa977f52a65bbf5f24f",
  },
  {
    name: "get-utf8",
    target: Buffer.from("/ሴ").toString("latin1"),
    signature: "8318018e0b0f223aa2bbf98705b62bb787dc9c0e678f255a891fd03141be5d85",
  },
  { name: "normalize-path, slash", target: "//", signature: "5fa00fa31553b73ebf1942676e86291e8372ff2a2260956d9b8aae1d763fbf31" },
  {
    name: "normalize-path, relative",
    target: "/example/..",
    signature: "5fa00fa31553b73ebf1942676e86291e8372ff2a2260956d9b8aae1d763fbf31",
  },
  { name: "normalize-path, dot", target: "/./", signature: "5fa00fa31553b73ebf1942676e86291e8372ff2a2260956d9b8aae1d763fbf31" },
  {
    name: "get-header-value-trim",
    target: "/",
    headers: { "My-Header1": " value1", "My-Header2": ' "a   b   c"' },
    signed: "host;my-header1;my-header2;x-amz-date",
    signature: "acc3ed3afb60bb290fc8d2dd0098b9911fcaa05412b367055dee359757a9c736",
  },
  {
    name: "post-vanilla",
    target: "/",
    method: "POST",
    signature: "5da7c1a2acd57cee7505fc6676e4e544621c30862966e37dddb68e92efbe5d6b",
  },
];

for (const vector of VECTORS) {
  test(`the published request ${vector.name} has the published signature`, () => {
    const authorization = `AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE/20150830/us-east-1/service/aws4_request, SignedHeaders=${vector.signed ?? "host;x-amz-date"}, Signature=${vector.signature}`;
    const verified = suite().verify(
      request({
        method: vector.method ?? "GET",
        target: vector.target,
        headers: { Host: "example.amazonaws.com", "X-Amz-Date": "20150830T123600Z", ...vector.headers, Authorization: authorization },
      }),
    );
    assert.equal(verified.principal.arn, SUITE.arn);
    assert.deepEqual([verified.region, verified.signingName], ["us-east-1", "service"]);
  });
}

/** The examples of the Amazon S3 API Reference. */
const S3_DOCS: Credential = { ...SUITE, accessKeyId: "AKIAIOSFODNN7EXAMPLE", secretAccessKey: "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY" };
const docs = () => keysVerifier({ credentials: [S3_DOCS] }, manualClock(Date.UTC(2013, 4, 24)));
const DOCS_HOST = "examplebucket.s3.amazonaws.com";

function docsAuthorization(signedHeaders: string, signature: string): string {
  return `AWS4-HMAC-SHA256 Credential=AKIAIOSFODNN7EXAMPLE/20130524/us-east-1/s3/aws4_request,SignedHeaders=${signedHeaders},Signature=${signature}`;
}

test("S3's documented GetObject, PutObject, GetBucketLifecycle and ListObjects requests have their documented signatures", () => {
  const common = { Host: DOCS_HOST, "x-amz-date": "20130524T000000Z", "x-amz-content-sha256": EMPTY_SHA256 };
  const plain = "host;x-amz-content-sha256;x-amz-date";
  const get = docsAuthorization(
    "host;range;x-amz-content-sha256;x-amz-date",
    "f0e8bdb87c964420e857bd35b5d6ed310bd44f0170aba48dd91039c6036bdb41",
  );
  docs().verify(request({ target: "/test.txt", headers: { ...common, Range: "bytes=0-9", Authorization: get } }));
  const put = docsAuthorization(
    "date;host;x-amz-content-sha256;x-amz-date;x-amz-storage-class",
    "98ad721746da40c64f1a55b78f14c238d841ea1380cd77a1b5971af0ece108bd",
  );
  docs().verify(
    request({
      method: "PUT",
      target: "/test%24file.text",
      headers: {
        ...common,
        Date: "Fri, 24 May 2013 00:00:00 GMT",
        "x-amz-storage-class": "REDUCED_REDUNDANCY",
        "x-amz-content-sha256": "44ce7dd67c959e0d3524ffac1771dfbba87d2b6b4b4e99e42034a8b803f8b072",
        Authorization: put,
      },
    }),
  );
  const lifecycle = docsAuthorization(plain, "fea454ca298b7da1c68078a5d1bdbfbbe0d65c699e0f91ac7a200a0136783543");
  docs().verify(request({ target: "/?lifecycle", headers: { ...common, Authorization: lifecycle } }));
  const list = docsAuthorization(plain, "34b48302e7b5fa45bde8084f4b7868a86f0a534bc59db6670ed5711ef69dc6f7");
  docs().verify(request({ target: "/?max-keys=2&prefix=J", headers: { ...common, Authorization: list } }));
});

test("S3's documented presigned URL has its documented signature, for a day", () => {
  const target =
    "/test.txt?X-Amz-Algorithm=AWS4-HMAC-SHA256&X-Amz-Credential=AKIAIOSFODNN7EXAMPLE%2F20130524%2Fus-east-1%2Fs3%2Faws4_request&X-Amz-Date=20130524T000000Z&X-Amz-Expires=86400&X-Amz-SignedHeaders=host&X-Amz-Signature=aeeed9bbccd4d02ee5c0109b86d86835f995330da4c265957d157751f604d404";
  const verifier = docs();
  const asked = request({ target, headers: { Host: DOCS_HOST } });
  assert.equal(verifier.verify(asked).signingName, "s3");
  verifier.clock.advance(86_400_000);
  verifier.verify(asked);
  verifier.clock.advance(1000);
  refuses("AccessDenied", () => verifier.verify(asked));
});
