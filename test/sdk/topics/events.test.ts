import assert from "node:assert/strict";
import { verify } from "node:crypto";
import { S3 } from "@aws-sdk/client-s3";
import { ACCOUNT, onTopics, REGION, topicArn, type Scene } from "./harness.ts";

const Bucket = "photos";

async function withBucket({ endpoint }: Scene, run: (s3: S3) => Promise<void>): Promise<void> {
  const s3 = new S3({
    endpoint,
    region: REGION,
    forcePathStyle: true,
    credentials: { accessKeyId: "test", secretAccessKey: "test" },
    maxAttempts: 1,
  });
  try {
    await s3.createBucket({ Bucket });
    await run(s3);
  } finally {
    s3.destroy();
  }
}

const notify = (TopicArn: string) => ({
  Bucket,
  NotificationConfiguration: { TopicConfigurations: [{ Id: "all", TopicArn, Events: ["s3:ObjectCreated:*" as const] }] },
});

onTopics("an object and the message to a topic that tells of it are there together", (scene) =>
  withBucket(scene, async (s3) => {
    const { topic, queue, subscribe, receive, bodies } = scene;
    const [TopicArn, raw, inbox] = [await topic(), await queue("raw"), await queue()];
    await subscribe(TopicArn, raw);
    await subscribe(TopicArn, inbox, {});
    await s3.putBucketNotificationConfiguration(notify(TopicArn));
    const [test] = await bodies(raw);
    assert.equal((JSON.parse(test ?? "") as { Event: string }).Event, "s3:TestEvent");
    await receive(inbox);
    await s3.putObject({ Bucket, Key: "a.jpg", Body: "x" });
    const [event = ""] = await bodies(raw);
    const { Records } = JSON.parse(event) as { Records: { eventName: string; s3: { configurationId: string; object: { key: string } } }[] };
    assert.deepEqual(
      Records.map(({ eventName, s3 }) => [eventName, s3.configurationId, s3.object.key]),
      [["ObjectCreated:Put", "all", "a.jpg"]],
    );
    const [envelope = ""] = await bodies(inbox);
    const { Subject, Message, Type } = JSON.parse(envelope) as Record<string, string>;
    assert.deepEqual([Type, Subject, Message], ["Notification", "Amazon S3 Notification", event]);
    assert.deepEqual(
      (await s3.getBucketNotificationConfiguration({ Bucket })).TopicConfigurations,
      notify(TopicArn).NotificationConfiguration.TopicConfigurations,
    );
  }),
);

onTopics("the message that tells of an object is signed by the version that the topic has by then", (scene) =>
  withBucket(scene, async (s3) => {
    const { sns, topic, queue, subscribe, bodies } = scene;
    const [TopicArn, inbox] = [await topic(), await queue()];
    await subscribe(TopicArn, inbox, {});
    await s3.putBucketNotificationConfiguration(notify(TopicArn));
    for (const [version, digest] of Object.entries({ 1: "sha1", 2: "sha256" })) {
      await sns.setTopicAttributes({ TopicArn, AttributeName: "SignatureVersion", AttributeValue: version });
      await bodies(inbox);
      await s3.putObject({ Bucket, Key: "a.jpg", Body: "x" });
      const message = JSON.parse((await bodies(inbox))[0] ?? "{}") as Record<string, string>;
      assert.equal(message["SignatureVersion"], version);
      const certificate = await (await fetch(message["SigningCertURL"] ?? "")).text();
      const signed = ["Message", "MessageId", "Subject", "Timestamp", "TopicArn", "Type"].map((name) => `${name}\n${message[name]}\n`);
      assert.ok(verify(digest, Buffer.from(signed.join("")), certificate, Buffer.from(message["Signature"] ?? "", "base64")));
      await sns.publish({ TopicArn, Message: "whose version is remembered" });
    }
  }),
);

onTopics("a topic that is not there, is another account's or is a FIFO topic is no destination", (scene) =>
  withBucket(scene, async (s3) => {
    await scene.topic("orders.fifo");
    const foreign = topicArn("news").replace(ACCOUNT, "111111111111");
    for (const arn of [topicArn("nowhere"), topicArn("orders.fifo"), foreign]) {
      await assert.rejects(
        s3.putBucketNotificationConfiguration(notify(arn)),
        /Unable to validate the following destination configurations/,
      );
    }
  }),
);
