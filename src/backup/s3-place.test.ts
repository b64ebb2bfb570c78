import assert from "node:assert/strict";
import { test } from "node:test";
import { CreateBucketCommand, ListMultipartUploadsCommand, S3Client } from "@aws-sdk/client-s3";
import { startTestServer } from "../testing/index.ts";
import { placeSuite } from "./place.suite.ts";
import { openS3Place } from "./s3-place.ts";

async function bucket(prefix: string) {
  const server = await startTestServer();
  const { endpoint, credentials, region } = server.clientConfig();
  const s3 = new S3Client({ endpoint, credentials, region, forcePathStyle: true });
  await s3.send(new CreateBucketCommand({ Bucket: "backups" }));
  const options = { bucket: "backups", prefix, name: `s3://backups/${prefix}`, endpoint, settings: { credentials, region } };
  const stop = async () => {
    const { Uploads = [] } = await s3.send(new ListMultipartUploadsCommand({ Bucket: "backups" }));
    assert.deepEqual(Uploads, [], "an upload that failed was not given up");
    s3.destroy();
    await server.stop();
  };
  return { options, stop };
}

for (const prefix of ["", "of/one server"])
  placeSuite(`a bucket, ${prefix === "" ? "alone" : "under a prefix"}`, async () => {
    const { options, stop } = await bucket(prefix);
    return { place: await openS3Place(options), stop };
  });

test("a bucket that is not there is told in words", async () => {
  const { options, stop } = await bucket("");
  const place = await openS3Place({ ...options, bucket: "elsewhere" });
  await assert.rejects(async () => {
    for await (const _ of place.list("backups"));
  }, /There is no bucket elsewhere: make it first, or say with --s3-endpoint where it is\./);
  place.close();
  await stop();
});
