import assert from "node:assert/strict";
import {
  CreateBucketCommand,
  DeleteBucketCorsCommand,
  GetBucketCorsCommand,
  PutBucketCorsCommand,
  PutObjectCommand,
  type CORSRule,
  type S3Client,
} from "@aws-sdk/client-s3";
import { refused, scene } from "./harness.ts";

const Bucket = "photos";
const RULE: CORSRule = {
  AllowedOrigins: ["https://*.example.com"],
  AllowedMethods: ["GET", "PUT"],
  AllowedHeaders: ["x-amz-*", "Content-Type"],
  ExposeHeaders: ["ETag"],
  MaxAgeSeconds: 600,
};

async function withRules(s3: S3Client, ...CORSRules: CORSRule[]): Promise<void> {
  await s3.send(new CreateBucketCommand({ Bucket }));
  await s3.send(new PutObjectCommand({ Bucket, Key: "k", Body: "x" }));
  if (CORSRules.length > 0) await s3.send(new PutBucketCorsCommand({ Bucket, CORSConfiguration: { CORSRules } }));
}

const preflight = (method: string, headers = "", origin = "https://app.example.com") => ({
  headers: { origin, "access-control-request-method": method, ...(headers === "" ? {} : { "access-control-request-headers": headers }) },
});

scene("rules are kept as given", async ({ s3 }) => {
  await withRules(s3, RULE);
  assert.deepEqual((await s3.send(new GetBucketCorsCommand({ Bucket }))).CORSRules, [RULE]);
  await s3.send(new DeleteBucketCorsCommand({ Bucket }));
  assert.equal(await refused(s3.send(new GetBucketCorsCommand({ Bucket }))), "404 NoSuchCORSConfiguration");
});

scene("a preflight is answered from the first rule that allows all of it", async ({ s3, raw }) => {
  await withRules(s3, RULE, { AllowedOrigins: ["*"], AllowedMethods: ["GET"] });
  const { status, headers, text } = await raw("OPTIONS", "/photos/k", preflight("PUT", "X-Amz-Meta-A, content-type"));
  assert.deepEqual([status, text], [200, ""]);
  const told = Object.fromEntries(
    ["origin", "credentials", "methods", "headers"].map((name) => [name, headers.get(`access-control-allow-${name}`)]),
  );
  assert.deepEqual(told, {
    origin: "https://app.example.com",
    credentials: "true",
    methods: "GET, PUT",
    headers: "x-amz-meta-a, content-type",
  });
  assert.deepEqual([headers.get("access-control-expose-headers"), headers.get("access-control-max-age")], ["ETag", "600"]);
  assert.equal(headers.get("vary"), "Origin, Access-Control-Request-Headers, Access-Control-Request-Method");
  const anyone = await raw("OPTIONS", "/photos/k", preflight("GET", "", "https://elsewhere.test"));
  assert.deepEqual(
    [anyone.headers.get("access-control-allow-origin"), anyone.headers.get("access-control-allow-credentials")],
    ["*", null],
  );
});

scene("a preflight that nothing allows is refused", async ({ s3, raw }) => {
  await withRules(s3, RULE);
  for (const asked of [preflight("DELETE"), preflight("PUT", "x-other"), preflight("PUT", "", "https://example.org")]) {
    const { status, text, headers } = await raw("OPTIONS", "/photos/k", asked);
    assert.equal(status, 403);
    assert.match(text, /<Code>AccessForbidden<\/Code>/);
    assert.equal(headers.get("access-control-allow-origin"), null);
  }
  const { status, text } = await raw("OPTIONS", "/photos/k");
  assert.equal(status, 400);
  assert.match(text, /Insufficient information\. Origin request header needed\./);
});

scene("without rules nothing is allowed, and nothing is told", async ({ s3, raw }) => {
  await withRules(s3);
  assert.match((await raw("OPTIONS", "/photos/k", preflight("GET"))).text, /CORSResponse: CORS is not enabled for this bucket\./);
  const { status, headers } = await raw("GET", "/photos/k", { headers: { origin: "https://app.example.com" } });
  assert.deepEqual([status, headers.get("access-control-allow-origin")], [200, null]);
});

scene("real answers carry the headers too, errors as well", async ({ s3, raw }) => {
  await withRules(s3, RULE);
  const origin = "https://app.example.com";
  for (const path of ["/photos/k", "/photos/absent"]) {
    const { headers } = await raw("GET", path, { headers: { origin } });
    assert.equal(headers.get("access-control-allow-origin"), origin, path);
    assert.equal(headers.get("access-control-expose-headers"), "ETag", path);
  }
});

for (const [what, change] of [
  ["a method that S3 does not have", { AllowedMethods: ["PATCH"] }],
  ["an origin with two wildcards", { AllowedOrigins: ["https://*.*.com"] }],
  ["a header with two wildcards", { AllowedHeaders: ["*x*"] }],
  ["an exposed header with a wildcard", { ExposeHeaders: ["x-*"] }],
] as [string, Partial<CORSRule>][]) {
  scene(`a rule with ${what} is refused`, async ({ s3 }) => {
    assert.equal(await refused(withRules(s3, { ...RULE, ...change })), "400 InvalidRequest");
  });
}
