import assert from "node:assert/strict";
import {
  CreateBucketCommand,
  DeleteBucketCommand,
  GetBucketAclCommand,
  GetBucketLocationCommand,
  GetBucketPolicyCommand,
  GetBucketTaggingCommand,
  GetBucketVersioningCommand,
  GetBucketEncryptionCommand,
  HeadBucketCommand,
  ListBucketsCommand,
  PutBucketAclCommand,
  PutBucketLifecycleConfigurationCommand,
  PutBucketPolicyCommand,
  PutBucketTaggingCommand,
  PutBucketVersioningCommand,
  PutBucketWebsiteCommand,
  PutObjectCommand,
  DeleteBucketTaggingCommand,
} from "@aws-sdk/client-s3";
import { refusal, refused, scene } from "./harness.ts";

scene("a bucket is created, found, listed and deleted", async ({ s3 }) => {
  const Bucket = "photos";
  assert.equal((await s3.send(new CreateBucketCommand({ Bucket }))).Location, "/photos");
  assert.equal((await s3.send(new HeadBucketCommand({ Bucket }))).BucketRegion, "us-east-1");
  assert.equal((await s3.send(new GetBucketLocationCommand({ Bucket }))).LocationConstraint, undefined);
  const { Buckets, Owner } = await s3.send(new ListBucketsCommand({}));
  assert.deepEqual(
    Buckets?.map(({ Name }) => Name),
    ["photos"],
  );
  assert.equal(Owner?.ID?.length, 64);
  await s3.send(new DeleteBucketCommand({ Bucket }));
  assert.equal(await refused(s3.send(new HeadBucketCommand({ Bucket }))), "404 NotFound");
});

scene("a bucket is where its creation says, else where its creator signs for", async ({ s3, client }) => {
  const there = client({ region: "eu-north-1" });
  await there.send(new CreateBucketCommand({ Bucket: "signed-for", CreateBucketConfiguration: {} }));
  await s3.send(new CreateBucketCommand({ Bucket: "asked-for", CreateBucketConfiguration: { LocationConstraint: "eu-central-1" } }));
  assert.equal((await s3.send(new GetBucketLocationCommand({ Bucket: "signed-for" }))).LocationConstraint, "eu-north-1");
  assert.equal((await s3.send(new GetBucketLocationCommand({ Bucket: "asked-for" }))).LocationConstraint, "eu-central-1");
});

scene("creating a bucket again is no mistake; another account's is refused, and shut", async ({ s3, client }) => {
  const Bucket = "photos";
  await s3.send(new CreateBucketCommand({ Bucket }));
  await s3.send(new CreateBucketCommand({ Bucket }));
  const other = client({ credentials: { accessKeyId: "111111111111", secretAccessKey: "x" } });
  assert.equal(await refused(other.send(new CreateBucketCommand({ Bucket }))), "409 BucketAlreadyExists");
  assert.equal(await refused(other.send(new PutObjectCommand({ Bucket, Key: "k", Body: "x" }))), "403 AccessDenied");
  assert.deepEqual((await other.send(new ListBucketsCommand({}))).Buckets ?? [], []);
  const expected = s3.send(new HeadBucketCommand({ Bucket, ExpectedBucketOwner: "111111111111" }));
  assert.equal(await refused(expected), "403 Unknown");
});

scene("a bucket with objects is not deleted", async ({ s3 }) => {
  const Bucket = "photos";
  await s3.send(new CreateBucketCommand({ Bucket }));
  await s3.send(new PutObjectCommand({ Bucket, Key: "k", Body: "x" }));
  const { code, status, message } = await refusal(s3.send(new DeleteBucketCommand({ Bucket })));
  assert.deepEqual([code, status, message], ["BucketNotEmpty", 409, "The bucket you tried to delete is not empty"]);
});

for (const name of ["ab", "Photos", "a..b", "192.168.0.1", "-ab", "ab-", "a_b", "a".repeat(64)]) {
  scene(`${JSON.stringify(name)} is no name for a bucket`, async ({ raw }) => {
    const { status, text } = await raw("PUT", `/${name}`);
    assert.equal(status, 400);
    assert.match(text, /<Code>InvalidBucketName<\/Code><Message>The specified bucket is not valid\.<\/Message>/);
  });
}

scene("buckets are listed in pages where a size is given", async ({ s3 }) => {
  for (const Bucket of ["b-1", "b-2", "b-3", "other"]) await s3.send(new CreateBucketCommand({ Bucket }));
  const first = await s3.send(new ListBucketsCommand({ MaxBuckets: 2, Prefix: "b-" }));
  assert.deepEqual(
    first.Buckets?.map(({ Name }) => Name),
    ["b-1", "b-2"],
  );
  assert.equal(first.Prefix, "b-");
  const second = await s3.send(new ListBucketsCommand({ MaxBuckets: 2, Prefix: "b-", ContinuationToken: first.ContinuationToken }));
  assert.deepEqual(
    second.Buckets?.map(({ Name }) => Name),
    ["b-3"],
  );
  assert.equal(second.ContinuationToken, undefined);
});

scene("what clients ask of a new bucket is answered as by a new bucket of AWS", async ({ s3, raw }) => {
  const Bucket = "photos";
  await s3.send(new CreateBucketCommand({ Bucket }));
  assert.equal((await s3.send(new GetBucketVersioningCommand({ Bucket }))).Status, undefined);
  const { Grants } = await s3.send(new GetBucketAclCommand({ Bucket }));
  assert.deepEqual(
    Grants?.map(({ Permission, Grantee }) => [Permission, Grantee?.Type]),
    [["FULL_CONTROL", "CanonicalUser"]],
  );
  assert.equal(await refused(s3.send(new GetBucketPolicyCommand({ Bucket }))), "404 NoSuchBucketPolicy");
  const { ServerSideEncryptionConfiguration } = await s3.send(new GetBucketEncryptionCommand({ Bucket }));
  assert.equal(ServerSideEncryptionConfiguration?.Rules?.[0]?.ApplyServerSideEncryptionByDefault?.SSEAlgorithm, "AES256");
  for (const [subresource, expected] of [
    ["cors", "404 NoSuchCORSConfiguration"],
    ["lifecycle", "404 NoSuchLifecycleConfiguration"],
    ["tagging", "404 NoSuchTagSet"],
    ["publicAccessBlock", "404 NoSuchPublicAccessBlockConfiguration"],
    ["object-lock", "404 ObjectLockConfigurationNotFoundError"],
    ["website", "404 NoSuchWebsiteConfiguration"],
    ["replication", "404 ReplicationConfigurationNotFoundError"],
    ["versioning", "200 VersioningConfiguration"],
    ["ownershipControls", "200 OwnershipControls"],
    ["requestPayment", "200 RequestPaymentConfiguration"],
    ["logging", "200 BucketLoggingStatus"],
    ["accelerate", "200 AccelerateConfiguration"],
    ["notification", "200 NotificationConfiguration"],
    ["location", "200 LocationConstraint"],
    ["inventory", "501 NotImplemented"],
  ] as const) {
    const { status, text } = await raw("GET", `/${Bucket}?${subresource}`);
    assert.equal(`${status} ${/<Code>(.*?)</.exec(text)?.[1] ?? /\?>\s*<(\w+)/.exec(text)?.[1]}`, expected, subresource);
  }
});

scene("what is not offered is refused by name, never taken and ignored", async ({ s3, raw }) => {
  const Bucket = "photos";
  await s3.send(new CreateBucketCommand({ Bucket }));
  const { code, status, message } = await refusal(
    s3.send(new PutBucketVersioningCommand({ Bucket, VersioningConfiguration: { Status: "Enabled" } })),
  );
  assert.deepEqual([code, status, message], ["NotImplemented", 501, "PutBucketVersioning is not offered by this release of Millrace."]);
  const lifecycle = { Rules: [{ Status: "Enabled" as const, Filter: { Prefix: "" }, Expiration: { Days: 1 } }] };
  const refusals = [
    s3.send(new PutBucketPolicyCommand({ Bucket, Policy: "{}" })),
    s3.send(new PutBucketLifecycleConfigurationCommand({ Bucket, LifecycleConfiguration: lifecycle })),
    s3.send(new PutBucketWebsiteCommand({ Bucket, WebsiteConfiguration: { IndexDocument: { Suffix: "index.html" } } })),
    s3.send(new PutObjectCommand({ Bucket, Key: "k", Body: "x", ServerSideEncryption: "aws:kms" })),
    s3.send(new PutObjectCommand({ Bucket, Key: "k", Body: "x", ObjectLockLegalHoldStatus: "ON" })),
    s3.send(new PutObjectCommand({ Bucket, Key: "k", Body: "x", SSECustomerAlgorithm: "AES256", SSECustomerKey: "k".repeat(32) })),
  ];
  for (const asked of refusals) assert.equal(await refused(asked), "501 NotImplemented");
  assert.equal(await refused(s3.send(new PutBucketAclCommand({ Bucket, ACL: "public-read" }))), "400 AccessControlListNotSupported");
  assert.equal(
    await refused(s3.send(new PutObjectCommand({ Bucket, Key: "k", Body: "x", ACL: "public-read" }))),
    "400 AccessControlListNotSupported",
  );
  assert.equal((await raw("PUT", `/${Bucket}?unheard-of`, { body: "x" })).status, 501);
  assert.equal((await raw("PATCH", `/${Bucket}`)).status, 405);
  await s3.send(new PutBucketAclCommand({ Bucket, ACL: "private" }));
  await s3.send(
    new PutObjectCommand({ Bucket, Key: "k", Body: "x", ACL: "private", ServerSideEncryption: "AES256", BucketKeyEnabled: false }),
  );
});

scene("tags of a bucket", async ({ s3 }) => {
  const Bucket = "photos";
  const TagSet = [{ Key: "team", Value: "a b" }];
  await s3.send(new CreateBucketCommand({ Bucket }));
  await s3.send(new PutBucketTaggingCommand({ Bucket, Tagging: { TagSet } }));
  assert.deepEqual((await s3.send(new GetBucketTaggingCommand({ Bucket }))).TagSet, TagSet);
  await s3.send(new DeleteBucketTaggingCommand({ Bucket }));
  assert.equal(await refused(s3.send(new GetBucketTaggingCommand({ Bucket }))), "404 NoSuchTagSet");
  const twice = [TagSet[0]!, TagSet[0]!];
  assert.equal(await refused(s3.send(new PutBucketTaggingCommand({ Bucket, Tagging: { TagSet: twice } }))), "400 InvalidTag");
});

scene("buckets can be hosts, and path style goes on working", async ({ s3, raw, endpoint }) => {
  await s3.send(new CreateBucketCommand({ Bucket: "my.photos" }));
  const { port } = new URL(endpoint);
  const host = `my.photos.s3.localhost:${port}`;
  assert.equal((await raw("PUT", "/a/b", { headers: { host }, body: "hosted" })).status, 200);
  assert.equal((await raw("GET", "/a/b", { headers: { host: host.toUpperCase() } })).text, "hosted");
  assert.equal((await raw("GET", "/my.photos/a/b")).text, "hosted");
  assert.match((await raw("GET", "/?list-type=2", { headers: { host } })).text, /<Key>a\/b<\/Key>/);
});
