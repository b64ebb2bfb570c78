import assert from "node:assert/strict";
import {
  CompleteMultipartUploadCommand,
  CopyObjectCommand,
  CreateBucketCommand,
  CreateMultipartUploadCommand,
  DeleteObjectCommand,
  DeleteObjectsCommand,
  GetBucketNotificationConfigurationCommand,
  PutBucketNotificationConfigurationCommand,
  PutObjectCommand,
  PutObjectTaggingCommand,
  UploadPartCommand,
  type QueueConfiguration,
} from "@aws-sdk/client-s3";
import { DeleteQueueCommand } from "@aws-sdk/client-sqs";
import { refusal, refused, scene, type Scene } from "./harness.ts";

const Bucket = "photos";

async function notifying({ s3, queue, messages }: Scene, configuration: Partial<QueueConfiguration> = {}): Promise<string> {
  const { url, arn } = await queue("events");
  await s3.send(new CreateBucketCommand({ Bucket }));
  const QueueConfigurations = [
    {
      QueueArn: arn,
      Events: ["s3:ObjectCreated:*", "s3:ObjectRemoved:*", "s3:ObjectTagging:*"],
      Id: "all",
      ...configuration,
    } as QueueConfiguration,
  ];
  await s3.send(new PutBucketNotificationConfigurationCommand({ Bucket, NotificationConfiguration: { QueueConfigurations } }));
  const [test, ...others] = await messages(url);
  assert.deepEqual([test.Service, test.Event, test.Bucket, test.Records, others], ["Amazon S3", "s3:TestEvent", Bucket, undefined, []]);
  return url;
}

scene("a written object is told of in the words of S3", async (scene) => {
  const url = await notifying(scene);
  const { s3, messages, clock } = scene;
  await s3.send(new PutObjectCommand({ Bucket, Key: "a b/c@d.jpg", Body: "123456789" }));
  const [event] = await messages(url);
  const [record] = event.Records;
  assert.equal(event.Records.length, 1);
  assert.deepEqual(
    [record.eventVersion, record.eventSource, record.awsRegion, record.eventName],
    ["2.1", "aws:s3", "us-east-1", "ObjectCreated:Put"],
  );
  assert.equal(record.eventTime, new Date(clock.nowMs()).toISOString());
  assert.ok(record.userIdentity.principalId && record.requestParameters.sourceIPAddress && record.responseElements["x-amz-request-id"]);
  const { bucket, object, configurationId, s3SchemaVersion } = record.s3;
  assert.deepEqual([bucket.name, bucket.arn, configurationId, s3SchemaVersion], [Bucket, "arn:aws:s3:::photos", "all", "1.0"]);
  assert.deepEqual([object.key, object.size, object.eTag], ["a+b/c%40d.jpg", 9, "25f9e794323b453885f5181f1b624d0b"]);
  assert.match(object.sequencer, /^[0-9A-F]+$/);
});

scene("everything that happens to objects is told, each under its name, with sequencers that grow", async (scene) => {
  const url = await notifying(scene);
  const { s3, messages } = scene;
  await s3.send(new PutObjectCommand({ Bucket, Key: "k", Body: "x" }));
  await s3.send(new CopyObjectCommand({ Bucket, Key: "copy", CopySource: `${Bucket}/k` }));
  const { UploadId } = await s3.send(new CreateMultipartUploadCommand({ Bucket, Key: "k" }));
  const { ETag } = await s3.send(new UploadPartCommand({ Bucket, Key: "k", UploadId, PartNumber: 1, Body: "x" }));
  await s3.send(new CompleteMultipartUploadCommand({ Bucket, Key: "k", UploadId, MultipartUpload: { Parts: [{ ETag, PartNumber: 1 }] } }));
  await s3.send(new PutObjectTaggingCommand({ Bucket, Key: "k", Tagging: { TagSet: [] } }));
  await s3.send(new DeleteObjectCommand({ Bucket, Key: "k" }));
  await s3.send(new DeleteObjectsCommand({ Bucket, Delete: { Objects: [{ Key: "copy" }, { Key: "absent" }] } }));
  const records = (await messages(url)).map((event) => event.Records[0]);
  const told = records.map(
    (record) =>
      `${record.eventName} ${record.s3.object.key} ${record.s3.object.size ?? "-"} ${record.s3.object.eTag === undefined ? "-" : "e"}`,
  );
  assert.deepEqual(told, [
    "ObjectCreated:Put k 1 e",
    "ObjectCreated:Copy copy 1 e",
    "ObjectCreated:CompleteMultipartUpload k 1 e",
    "ObjectTagging:Put k - e",
    "ObjectRemoved:Delete k - -",
    "ObjectRemoved:Delete copy - -",
    "ObjectRemoved:Delete absent - -",
  ]);
  const sequencers: string[] = records.map((record) => record.s3.object.sequencer).filter((sequencer) => sequencer !== undefined);
  assert.deepEqual(
    sequencers,
    sequencers.toSorted((a, b) => (a < b ? -1 : 1)),
  );
  assert.equal(new Set(sequencers).size, 6);
});

scene("filters look at the key as it is, not as it is written in the event", async (scene) => {
  const FilterRules = [
    { Name: "Prefix" as never, Value: "in box/" },
    { Name: "suffix" as const, Value: ".jpg" },
  ];
  const url = await notifying(scene, { Filter: { Key: { FilterRules } }, Events: ["s3:ObjectCreated:Put"] });
  const { s3, messages } = scene;
  for (const Key of ["in box/1.jpg", "in box/2.png", "other/3.jpg"]) await s3.send(new PutObjectCommand({ Bucket, Key, Body: "x" }));
  await s3.send(new DeleteObjectCommand({ Bucket, Key: "in box/1.jpg" }));
  assert.deepEqual(
    (await messages(url)).map((event) => event.Records[0].s3.object.key),
    ["in+box/1.jpg"],
  );
  const { QueueConfigurations } = await s3.send(new GetBucketNotificationConfigurationCommand({ Bucket }));
  assert.deepEqual(QueueConfigurations?.[0]?.Filter?.Key?.FilterRules, [
    { Name: "Prefix", Value: "in box/" },
    { Name: "Suffix", Value: ".jpg" },
  ]);
});

scene("what was not stored is not told of", async (scene) => {
  const url = await notifying(scene);
  const { s3, messages } = scene;
  await s3.send(new PutObjectCommand({ Bucket, Key: "k", Body: "x" }));
  assert.equal(await refused(s3.send(new PutObjectCommand({ Bucket, Key: "k", Body: "y", IfNoneMatch: "*" }))), "412 PreconditionFailed");
  assert.equal(await refused(s3.send(new PutObjectCommand({ Bucket, Key: "k", Body: "y", ChecksumCRC32: "AAAAAA==" }))), "400 BadDigest");
  assert.equal((await messages(url)).length, 1);
});

scene("a queue that is gone does not keep objects from being stored", async (scene) => {
  const url = await notifying(scene);
  await scene.sqs.send(new DeleteQueueCommand({ QueueUrl: url }));
  await scene.s3.send(new PutObjectCommand({ Bucket, Key: "k", Body: "x" }));
});

scene("a new configuration replaces the old one, an empty one ends it", async (scene) => {
  const url = await notifying(scene);
  const { s3, messages } = scene;
  await s3.send(new PutBucketNotificationConfigurationCommand({ Bucket, NotificationConfiguration: {} }));
  await s3.send(new PutObjectCommand({ Bucket, Key: "k", Body: "x" }));
  assert.deepEqual(await messages(url), []);
  assert.equal((await s3.send(new GetBucketNotificationConfigurationCommand({ Bucket }))).QueueConfigurations, undefined);
});

scene("configurations that mean nothing, or that cannot be delivered to, are refused", async ({ s3, queue }) => {
  const { arn } = await queue("events");
  await s3.send(new CreateBucketCommand({ Bucket }));
  const configure = (QueueConfigurations: Partial<QueueConfiguration>[], SkipDestinationValidation?: boolean) => {
    const configurations = QueueConfigurations.map((one): QueueConfiguration => ({
      QueueArn: arn,
      Events: ["s3:ObjectCreated:*"],
      ...one,
    }));
    return s3.send(
      new PutBucketNotificationConfigurationCommand({
        Bucket,
        NotificationConfiguration: { QueueConfigurations: configurations },
        SkipDestinationValidation,
      }),
    );
  };
  const message = async (...asked: Parameters<typeof configure>) => (await refusal(configure(...asked))).message;
  assert.equal(await message([{ QueueArn: "junk" }]), "The ARN could not be parsed");
  assert.equal(await message([{ QueueArn: "junk" }], true), "The ARN could not be parsed");
  assert.equal(await message([{ QueueArn: `${arn}-absent` }]), "Unable to validate the following destination configurations");
  await configure([{ QueueArn: `${arn}-absent` }], true);
  assert.equal(await message([{ Events: ["s3:ObjectEaten:*" as never] }]), "The event is not supported for notifications");
  assert.equal(
    await message([{ Filter: { Key: { FilterRules: [{ Name: "infix" as never, Value: "x" }] } } }]),
    "filter rule name must be either prefix or suffix",
  );
  const prefix = (Value: string) => ({ Filter: { Key: { FilterRules: [{ Name: "prefix" as const, Value }] } } });
  assert.match(await message([prefix("a"), prefix("ab")]), /^Configuration is ambiguously defined\./);
  await configure([prefix("a"), prefix("b")]);
});
