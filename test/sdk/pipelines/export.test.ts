import assert from "node:assert/strict";
import { test } from "node:test";
import { GetSubscriptionAttributesCommand, ListSubscriptionsCommand, ListTopicsCommand, SNSClient } from "@aws-sdk/client-sns";
import { ListBucketsCommand } from "@aws-sdk/client-s3";
import { z } from "zod";
import { definePipeline } from "../../../src/worker/index.ts";
import { PipelineScene } from "./harness.ts";

const File = z.object({ name: z.string(), size: z.enum(["small", "${large}"]) });
const PLACE = "us-east-1:000000000000";

/** Straight and through topics, with a filter whose text looks like a template, in order, in lanes and in neither, with names that differ in a dot. */
const scan = definePipeline("scan", (p) => {
  const find = p.stage("find", { input: File, outputs: { found: File, named: File }, maxReceives: 2, run: () => undefined });
  const lanes = { weights: { urgent: 4 }, of: ({ size }: { size: string }) => (size === "small" ? "urgent" : undefined) };
  const index = p.stage("index", { input: File, queue: "a_b", lanes, run: () => undefined });
  const archive = p.stage("archive", { input: File, queue: "a-b", fifo: { group: ({ name }) => name }, run: () => undefined });
  find.on.found.filter({ size: ["${large}"] }).to(index);
  find.on.found.to(archive);
  find.on.named.to(index);
  return { find };
});

type Json = Readonly<Record<string, unknown>>;
type Resources = Readonly<Record<string, { readonly Type: string; readonly Properties: Json }>>;

/** What was made, or would be: the same words for all. */
interface Made {
  readonly buckets: unknown[];
  readonly topics: unknown[];
  readonly queues: Record<string, unknown>;
  readonly policies: Record<string, unknown>;
  readonly subscriptions: Record<string, unknown>;
}

const queueArn = (name: unknown) => `arn:aws:sqs:${PLACE}:${String(name)}`;
const topicArn = (name: unknown) => `arn:aws:sns:${PLACE}:${String(name)}`;
const nameOf = (arn: unknown) => String(arn).split(":").at(-1) ?? "";

/** What a server has after `ensure`. */
async function ensured(scene: PipelineScene): Promise<Made> {
  await scene.ensured(scan);
  const sns = new SNSClient(scene.server.clientConfig());
  const made: Made = { buckets: [], topics: [], queues: {}, policies: {}, subscriptions: {} };
  made.buckets.push(...((await scene.s3.send(new ListBucketsCommand({}))).Buckets ?? []).map(({ Name }) => Name));
  for (const { TopicArn } of (await sns.send(new ListTopicsCommand({}))).Topics ?? []) made.topics.push(nameOf(TopicArn));
  for (const { SubscriptionArn } of (await sns.send(new ListSubscriptionsCommand({}))).Subscriptions ?? []) {
    const { Attributes = {} } = await sns.send(new GetSubscriptionAttributesCommand({ SubscriptionArn }));
    const { TopicArn, Endpoint, RawMessageDelivery, FilterPolicy } = Attributes;
    const filter = FilterPolicy === undefined ? undefined : JSON.parse(FilterPolicy);
    made.subscriptions[`${TopicArn} ${Endpoint}`] = { isRaw: RawMessageDelivery === "true", filter };
  }
  sns.destroy();
  for (const { queue, deadLetterQueue, lanes } of scan.graph().stages)
    for (const name of [queue, deadLetterQueue, ...lanes.map((lane) => lane.queue)]) {
      const { FifoQueue, MessageRetentionPeriod, RedrivePolicy, Policy } = await scene.attributes(name);
      const redrive = RedrivePolicy === undefined ? undefined : JSON.parse(RedrivePolicy);
      made.queues[name] = { isFifo: FifoQueue === "true", retention: Number(MessageRetentionPeriod), redrive };
      if (Policy === undefined) continue;
      const { Version, Statement } = JSON.parse(Policy) as { Version: string; Statement: Json[] };
      made.policies[name] = { Version, Statement: Statement.map(({ Sid: _sid, ...statement }) => statement) };
    }
  return made;
}

/** As SQS keeps messages where nothing is said. */
const RETENTION = 345_600;

/** What CloudFormation would make of a template. */
function templated(resources: Resources): Made {
  const made: Made = { buckets: [], topics: [], queues: {}, policies: {}, subscriptions: {} };
  const named = (id: string) => resources[id] ?? assert.fail(`nothing is called ${id}`);
  const resolved = (value: unknown): unknown => {
    if (Array.isArray(value)) return value.map(resolved);
    if (typeof value !== "object" || value === null) return value;
    if ("Ref" in value) return topicArn(named(String(value.Ref)).Properties["TopicName"]);
    if ("Fn::GetAtt" in value) return queueArn(named(String((value["Fn::GetAtt"] as string[])[0])).Properties["QueueName"]);
    return Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, resolved(inner)]));
  };
  for (const [id, { Type, Properties }] of Object.entries(resources)) {
    assert.match(id, /^[A-Za-z0-9]+$/);
    const { Queues, ...own } = Properties;
    const given = resolved(own) as Json;
    if (Type === "AWS::S3::Bucket") made.buckets.push(given["BucketName"]);
    else if (Type === "AWS::SNS::Topic") made.topics.push(given["TopicName"]);
    else if (Type === "AWS::SQS::Queue")
      made.queues[String(given["QueueName"])] = {
        isFifo: given["FifoQueue"] === true,
        retention: given["MessageRetentionPeriod"] ?? RETENTION,
        redrive: given["RedrivePolicy"],
      };
    else if (Type === "AWS::SQS::QueuePolicy")
      made.policies[String(named((Queues as { Ref: string }[])[0]?.Ref ?? "").Properties["QueueName"])] = given["PolicyDocument"];
    else if (Type === "AWS::SNS::Subscription")
      made.subscriptions[`${String(given["TopicArn"])} ${String(given["Endpoint"])}`] = {
        isRaw: given["RawMessageDelivery"],
        filter: given["FilterPolicy"],
      };
    else assert.fail(Type);
  }
  return made;
}

/** What Terraform would make of a configuration. */
function configured(resource: Readonly<Record<string, Readonly<Record<string, Json>>>>): Made {
  const filled = (text: unknown): string =>
    String(text)
      .replace(/(?<!\$)\$\{([a-z_]+)\.([^.}]+)\.(arn|id)\}/g, (_, type: string, label: string) => {
        const { name } = resource[type]?.[label] ?? assert.fail(`nothing is called ${type}.${label}`);
        return type === "aws_sns_topic" ? topicArn(name) : queueArn(name);
      })
      .replaceAll("$${", "${");
  const all = (type: string) => Object.values(resource[type] ?? {});
  for (const label of Object.values(resource).flatMap(Object.keys)) assert.match(label, /^[A-Za-z_][A-Za-z0-9_-]*$/);
  const parsed = (text: unknown): unknown => (text === undefined ? undefined : JSON.parse(filled(text)));
  return {
    buckets: all("aws_s3_bucket").map(({ bucket }) => bucket),
    topics: all("aws_sns_topic").map(({ name }) => name),
    queues: Object.fromEntries(
      all("aws_sqs_queue").map(({ name, fifo_queue, message_retention_seconds, redrive_policy }) => [
        name,
        { isFifo: fifo_queue === true, retention: message_retention_seconds ?? RETENTION, redrive: parsed(redrive_policy) },
      ]),
    ),
    policies: Object.fromEntries(all("aws_sqs_queue_policy").map(({ queue_url, policy }) => [nameOf(filled(queue_url)), parsed(policy)])),
    subscriptions: Object.fromEntries(
      all("aws_sns_topic_subscription").map(({ topic_arn, endpoint, raw_message_delivery, filter_policy }) => [
        `${filled(topic_arn)} ${filled(endpoint)}`,
        { isRaw: raw_message_delivery, filter: parsed(filter_policy) },
      ]),
    ),
  };
}

test("what is exported is what ensure makes, to CloudFormation and to Terraform", { timeout: 60_000 }, async () => {
  await using scene = await PipelineScene.start();
  const made = await ensured(scene);
  assert.deepEqual(Object.keys(made.queues).length, 7);
  assert.deepEqual(Object.keys(made.subscriptions).length, 3);
  assert.deepEqual(templated(scan.export("cloudformation").Resources), made);
  assert.deepEqual(configured(scan.export("terraform").resource), made);
});

test("what cannot be exported to is refused with what can", () => {
  // @ts-expect-error: the compiler refuses it as well.
  assert.throws(() => scan.export("systemd"), /exported to cloudformation or terraform, not to systemd/);
});
