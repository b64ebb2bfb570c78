import {
  CreateQueueCommand,
  GetQueueAttributesCommand,
  GetQueueUrlCommand,
  SetQueueAttributesCommand,
  type SQSClient,
} from "@aws-sdk/client-sqs";
import { assert } from "../../kernel/assert.ts";
import { DAY_MS, SECOND_MS } from "../../kernel/units.ts";
import { failureOf } from "../rules/failure.ts";
import { withTopicsAllowed } from "../rules/queue-policy.ts";
import { outputsOf, type OutputDefinition, type PipelineDefinition, type StageDefinition } from "./definition.ts";
import type { PipelineParts } from "./clients.ts";

/** Dead letters stay as long as SQS keeps anything. */
const DEAD_LETTER_SECONDS = (14 * DAY_MS) / SECOND_MS;

/**
 * Workers move what is dead themselves, with the reason. The queue's own redrive policy is for what no worker got that far
 * with, and so waits a few receives longer.
 */
const RECEIVES_BEYOND = 5;
const RECEIVES_DEFAULT = 5;

/** The highest that a redrive policy takes. */
const RECEIVES_MAX = 1000;

/** Creates what is missing; see `Pipeline.ensure`. */
export async function ensure(definition: PipelineDefinition, parts: PipelineParts): Promise<void> {
  const { clients, log } = parts;
  const stages = [...definition.stages.values()];
  await (await clients.objects(definition.bucket)).ensureBucket();
  const arns = new Map<string, string>();
  await Promise.all(stages.map(async (stage) => arns.set(stage.name, await ensureStage(clients.sqs, stage))));
  const outputs = stages.flatMap((stage) => outputsOf(definition, stage)).filter(({ target }) => typeof target !== "string");
  if (outputs.length > 0) await ensureTopics(parts, { outputs, arns });
  log.info("ensured", { pipeline: definition.name, queues: 2 * stages.length, topics: outputs.length, bucket: definition.bucket });
}

/** @returns the ARN of the stage's queue. */
async function ensureStage(sqs: SQSClient, stage: StageDefinition): Promise<string> {
  const { queue, deadLetterQueue } = stage.names;
  const fifo = stage.isFifo ? { FifoQueue: "true" } : {};
  const dead = await ensureQueue(sqs, deadLetterQueue, { ...fifo, MessageRetentionPeriod: String(DEAD_LETTER_SECONDS) });
  const maxReceiveCount = Math.min(RECEIVES_MAX, (stage.work.maxReceives ?? RECEIVES_DEFAULT) + RECEIVES_BEYOND);
  const RedrivePolicy = JSON.stringify({ deadLetterTargetArn: dead.arn, maxReceiveCount });
  return (await ensureQueue(sqs, queue, { ...fifo, RedrivePolicy })).arn;
}

async function ensureQueue(sqs: SQSClient, QueueName: string, Attributes: Record<string, string>): Promise<{ url: string; arn: string }> {
  const url = (await urlOf(sqs, QueueName)) ?? (await sqs.send(new CreateQueueCommand({ QueueName, Attributes }))).QueueUrl;
  assert(url !== undefined, `CreateQueue of ${QueueName} was answered without a URL`);
  const { Attributes: found } = await sqs.send(new GetQueueAttributesCommand({ QueueUrl: url, AttributeNames: ["QueueArn"] }));
  const arn = found?.["QueueArn"];
  assert(arn !== undefined, `GetQueueAttributes of ${QueueName} was answered without an ARN`);
  return { url, arn };
}

async function urlOf(sqs: SQSClient, QueueName: string): Promise<string | undefined> {
  try {
    return (await sqs.send(new GetQueueUrlCommand({ QueueName }))).QueueUrl;
  } catch (error) {
    if (/QueueDoesNotExist|NonExistentQueue/.test(failureOf(error).code)) return undefined;
    throw error;
  }
}

async function ensureTopics(
  parts: PipelineParts,
  made: { outputs: readonly OutputDefinition[]; arns: ReadonlyMap<string, string> },
): Promise<void> {
  const { clients } = parts;
  const [{ ensureTopic, ensureSubscription }, sns] = await Promise.all([import("./subscriptions.ts"), clients.sns()]);
  /** By queue, the topics that may send to it. */
  const senders = new Map<string, string[]>();
  for (const { arrows, target } of made.outputs) {
    if (typeof target === "string") continue;
    const topicArn = await ensureTopic(sns, target.topic);
    for (const { to } of arrows) senders.set(to.names.queue, [...(senders.get(to.names.queue) ?? []), topicArn]);
    for (const { to, filter } of arrows) await ensureSubscription(sns, { topicArn, queueArn: made.arns.get(to.name) ?? "", filter });
  }
  for (const [queue, topicArns] of senders) await allowTopics(clients.sqs, queue, topicArns);
}

/** On AWS, and on Millrace once credentials are configured, a topic may send to a queue whose policy says so. */
async function allowTopics(sqs: SQSClient, queue: string, topicArns: readonly string[]): Promise<void> {
  const QueueUrl = await urlOf(sqs, queue);
  const { Attributes } = await sqs.send(new GetQueueAttributesCommand({ QueueUrl, AttributeNames: ["Policy", "QueueArn"] }));
  const policy = withTopicsAllowed(Attributes?.["Policy"], { queueArn: Attributes?.["QueueArn"] ?? "", topicArns });
  if (policy !== undefined) await sqs.send(new SetQueueAttributesCommand({ QueueUrl, Attributes: { Policy: policy } }));
}
