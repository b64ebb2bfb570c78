import assert from "node:assert/strict";
import { test } from "node:test";
import { CreateBucketCommand, PutBucketNotificationConfigurationCommand, PutObjectCommand, S3Client } from "@aws-sdk/client-s3";
import { manualClock, systemClock } from "../../../src/kernel/clock.ts";
import { covers } from "../../contract/covers.ts";
import { GuardedServer, OWNER, STRANGER, type Caller } from "./callers.ts";

const QUEUE_ARN = `arn:aws:sqs:us-east-1:${OWNER.accountId}:events`;

/** A server with a queue of the owner, whose policy is set as a test wants it; buckets are anybody's. */
class Scene implements AsyncDisposable {
  readonly server: GuardedServer;
  readonly #queueUrl: string;
  readonly #clients: S3Client[] = [];

  private constructor(server: GuardedServer, queueUrl: string) {
    this.server = server;
    this.#queueUrl = queueUrl;
  }

  static async start(): Promise<Scene> {
    const server = await GuardedServer.start(manualClock(systemClock().nowMs()));
    const { QueueUrl } = await server.output(OWNER, "CreateQueue", { QueueName: "events" });
    return new Scene(server, String(QueueUrl));
  }

  /** A bucket of that account, and what can be done with it. */
  async bucket(caller: Caller, Bucket: string) {
    const s3 = new S3Client({
      endpoint: this.server.endpoint,
      region: "us-east-1",
      credentials: caller,
      forcePathStyle: true,
      maxAttempts: 1,
    });
    this.#clients.push(s3);
    await s3.send(new CreateBucketCommand({ Bucket }));
    const QueueConfigurations = [{ QueueArn: QUEUE_ARN, Events: ["s3:ObjectCreated:*" as const] }];
    return {
      notify: (SkipDestinationValidation = false) =>
        s3.send(
          new PutBucketNotificationConfigurationCommand({
            Bucket,
            NotificationConfiguration: { QueueConfigurations },
            SkipDestinationValidation,
          }),
        ),
      put: (Key: string) => s3.send(new PutObjectCommand({ Bucket, Key, Body: "x" })),
    };
  }

  async policy(...statements: object[]): Promise<void> {
    const Policy = statements.length === 0 ? "" : JSON.stringify({ Version: "2012-10-17", Statement: statements });
    await this.server.output(OWNER, "SetQueueAttributes", { QueueUrl: this.#queueUrl, Attributes: { Policy } });
  }

  /** What each message in the queue tells of: an object's key, or the test of a new configuration. */
  async told(): Promise<string[]> {
    const { Messages = [] } = (await this.server.output(OWNER, "ReceiveMessage", {
      QueueUrl: this.#queueUrl,
      MaxNumberOfMessages: 10,
    })) as {
      Messages?: { Body: string }[];
    };
    return Messages.map(({ Body }) => {
      const { Records, Event } = JSON.parse(Body) as { Records?: { s3: { object: { key: string } } }[]; Event?: string };
      return Records?.[0]?.s3.object.key ?? Event ?? "";
    });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const client of this.#clients) client.destroy();
    await this.server[Symbol.asyncDispose]();
  }
}

const HINT = "hint=its policy must allow sqs:SendMessage to s3.amazonaws.com";
const ALLOW = { Effect: "Allow", Principal: { Service: "s3.amazonaws.com" }, Action: "sqs:SendMessage", Resource: QUEUE_ARN };
const fromBucket = (name: string) => ({
  ArnLike: { "aws:SourceArn": `arn:aws:s3:*:*:${name}` },
  StringEquals: { "aws:SourceAccount": STRANGER.accountId },
});

test("events of another account's bucket come when the queue's policy lets them, and no longer", { timeout: 20_000 }, async () => {
  covers("sqs/1.3-policy-denies");
  await using scene = await Scene.start();
  const { notify, put } = await scene.bucket(STRANGER, "photos");
  const refused = { name: "InvalidArgument", message: /Unable to validate the following destination configurations/ };
  await assert.rejects(notify(), refused);
  await scene.policy({ ...ALLOW, Condition: fromBucket("videos") });
  await assert.rejects(notify(), refused, "another bucket is allowed");
  await scene.policy({ ...ALLOW, Condition: fromBucket("photos") });
  await notify();
  await put("one");
  assert.deepEqual(await scene.told(), ["s3:TestEvent", "one"]);
  assert.deepEqual(scene.server.logged, []);

  await scene.policy();
  await put("two");
  assert.deepEqual(await scene.told(), []);
  assert.deepEqual(scene.server.logged, [
    `warn event not delivered queueArn=${QUEUE_ARN} bucketArn=arn:aws:s3:::photos outcome=denied ${HINT}`,
  ]);
  const { text } = await scene.server.page(OWNER, "/metrics");
  assert.match(text, /^millrace_deliveries_total\{service="objects",outcome="delivered"\} 2$/m);
  assert.match(text, /^millrace_deliveries_total\{service="objects",outcome="denied"\} 1$/m);
});

test("a configuration that is not validated is kept, and its test message is refused aloud", { timeout: 20_000 }, async () => {
  await using scene = await Scene.start();
  const { notify } = await scene.bucket(STRANGER, "photos");
  await notify(true);
  assert.deepEqual(await scene.told(), []);
  assert.match(scene.server.logged.join(), /^warn event not delivered .* outcome=denied hint=/);
});

test(
  "events of the owner's own buckets come to a queue without a policy, and to others where that allows them",
  { timeout: 20_000 },
  async () => {
    await using scene = await Scene.start();
    const { notify, put } = await scene.bucket(OWNER, "photos");
    await notify();
    await put("one");
    const from = (name: string) => ({ Condition: { ArnEquals: { "aws:SourceArn": `arn:aws:s3:::${name}` } } });
    const refusing = [
      [{ ...ALLOW, ...from("videos") }],
      [ALLOW, { ...ALLOW, Effect: "Deny", ...from("photos") }],
      [{ ...ALLOW, Principal: { Service: "sns.amazonaws.com" } }],
      [{ ...ALLOW, Principal: { AWS: OWNER.accountId } }],
    ];
    for (const statements of refusing) {
      await scene.policy(...statements);
      await put("two");
      await assert.rejects(notify(), { name: "InvalidArgument" });
    }
    await scene.policy({ ...ALLOW, Condition: { ...from("photos").Condition, StringEquals: { "aws:SourceAccount": OWNER.accountId } } });
    await put("three");
    assert.deepEqual(await scene.told(), ["s3:TestEvent", "one", "three"]);
    assert.equal(scene.server.logged.length, 1, "one line a minute of what is refused again and again");
    const { text } = await scene.server.page(OWNER, "/metrics");
    assert.match(text, /^millrace_deliveries_total\{service="objects",outcome="denied"\} 4$/m);
  },
);
