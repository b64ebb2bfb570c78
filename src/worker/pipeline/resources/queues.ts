import {
  CreateQueueCommand,
  DeleteQueueCommand,
  GetQueueAttributesCommand,
  GetQueueUrlCommand,
  ListQueueTagsCommand,
  SetQueueAttributesCommand,
  type SQSClient,
} from "@aws-sdk/client-sqs";
import { assert } from "../../../kernel/assert.ts";
import { failureOf } from "../../rules/failure.ts";
import type { FoundQueue } from "./found.ts";

/** A queue as it is; `undefined` where there is none. */
export async function findQueue(sqs: SQSClient, QueueName: string): Promise<FoundQueue | undefined> {
  try {
    const { QueueUrl: url } = await sqs.send(new GetQueueUrlCommand({ QueueName }));
    assert(url !== undefined, `GetQueueUrl of ${QueueName} was answered without a URL`);
    return await queueAt(sqs, url);
  } catch (error) {
    if (isGone(error)) return undefined;
    throw error;
  }
}

async function queueAt(sqs: SQSClient, url: string): Promise<FoundQueue> {
  const { Attributes: attributes = {} } = await sqs.send(new GetQueueAttributesCommand({ QueueUrl: url, AttributeNames: ["All"] }));
  const arn = attributes["QueueArn"];
  assert(arn !== undefined, `GetQueueAttributes of ${url} was answered without an ARN`);
  return { url, arn, attributes };
}

/** A new queue, or the one that somebody else has made meanwhile, as it is. */
export async function createQueue(
  sqs: SQSClient,
  given: { name: string; attributes: Readonly<Record<string, string>>; tags: Readonly<Record<string, string>> },
): Promise<FoundQueue> {
  const { name, attributes, tags } = given;
  try {
    const { QueueUrl } = await sqs.send(new CreateQueueCommand({ QueueName: name, Attributes: { ...attributes }, tags: { ...tags } }));
    assert(QueueUrl !== undefined, `CreateQueue of ${name} was answered without a URL`);
    return await queueAt(sqs, QueueUrl);
  } catch (error) {
    if (!/QueueNameExists|QueueAlreadyExists/.test(failureOf(error).code)) throw error;
    const found = await findQueue(sqs, name);
    if (found === undefined) throw error;
    return found;
  }
}

export async function setPolicy(sqs: SQSClient, QueueUrl: string, Policy: string): Promise<void> {
  await sqs.send(new SetQueueAttributesCommand({ QueueUrl, Attributes: { Policy } }));
}

export async function queueTags(sqs: SQSClient, QueueUrl: string): Promise<Readonly<Record<string, string>>> {
  return (await sqs.send(new ListQueueTagsCommand({ QueueUrl }))).Tags ?? {};
}

/** Also of a queue that is gone by now. */
export async function deleteQueue(sqs: SQSClient, QueueUrl: string): Promise<void> {
  try {
    await sqs.send(new DeleteQueueCommand({ QueueUrl }));
  } catch (error) {
    if (!isGone(error)) throw error;
  }
}

/** Messages in whatever state: about as many, on AWS. */
export function messagesIn({ attributes }: Pick<FoundQueue, "attributes">): number {
  return ["", "NotVisible", "Delayed"].reduce((sum, state) => sum + Number(attributes[`ApproximateNumberOfMessages${state}`] ?? 0), 0);
}

function isGone(error: unknown): boolean {
  return /QueueDoesNotExist|NonExistentQueue/.test(failureOf(error).code);
}
