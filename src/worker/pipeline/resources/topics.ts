import {
  CreateTopicCommand,
  DeleteTopicCommand,
  GetSubscriptionAttributesCommand,
  GetTopicAttributesCommand,
  ListTagsForResourceCommand,
  paginateListSubscriptionsByTopic,
  paginateListTopics,
  SetSubscriptionAttributesCommand,
  SubscribeCommand,
  UnsubscribeCommand,
  type SNSClient,
} from "@aws-sdk/client-sns";
import { assert } from "../../../kernel/assert.ts";
import { failureOf } from "../../rules/failure.ts";
import type { FoundSubscription, FoundTopic } from "./found.ts";
import type { WantedTopic } from "./wanted.ts";

/** Subscriptions wait for their confirmation under this text instead of an ARN. */
const ARN = /^arn:/;

/** Those of the topics that are there, by name. @param queueArn of any queue; without one all topics are listed. */
export async function findTopics(
  sns: SNSClient,
  names: readonly string[],
  queueArn: string | undefined,
): Promise<ReadonlyMap<string, FoundTopic>> {
  const arns = queueArn === undefined ? await listedArns(sns, names) : names.map((name) => topicArn(queueArn, name));
  const found = await Promise.all(arns.map(async (arn) => await findTopic(sns, arn)));
  return new Map(found.flatMap((topic) => (topic === undefined ? [] : [[nameOf(topic.arn), topic]])));
}

/** The ARN of a topic beside a queue: SNS asks for an ARN where SQS takes a name. */
function topicArn(queueArn: string, name: string): string {
  return queueArn.replace(/^(arn:[^:]+):sqs:(.*):[^:]+$/, `$1:sns:$2:${name}`);
}

function nameOf(arn: string): string {
  return arn.slice(arn.lastIndexOf(":") + 1);
}

async function listedArns(client: SNSClient, names: readonly string[]): Promise<string[]> {
  const wanted = new Set(names);
  const arns: string[] = [];
  for await (const { Topics = [] } of paginateListTopics({ client }, {}))
    for (const { TopicArn = "" } of Topics) if (wanted.has(nameOf(TopicArn))) arns.push(TopicArn);
  return arns;
}

async function findTopic(sns: SNSClient, TopicArn: string): Promise<FoundTopic | undefined> {
  try {
    await sns.send(new GetTopicAttributesCommand({ TopicArn }));
  } catch (error) {
    if (failureOf(error).code.startsWith("NotFound")) return undefined;
    throw error;
  }
  const subscriptions: FoundSubscription[] = [];
  for await (const { Subscriptions = [] } of paginateListSubscriptionsByTopic({ client: sns }, { TopicArn }))
    for (const { Endpoint = "", SubscriptionArn: arn = "" } of Subscriptions)
      subscriptions.push(await findSubscription(sns, { arn, endpoint: Endpoint }));
  return { arn: TopicArn, subscriptions };
}

async function findSubscription(sns: SNSClient, { arn, endpoint }: { arn: string; endpoint: string }): Promise<FoundSubscription> {
  if (!ARN.test(arn) || !endpoint.includes(":sqs:")) return { arn, endpoint, isRaw: false, filter: undefined };
  const { Attributes = {} } = await sns.send(new GetSubscriptionAttributesCommand({ SubscriptionArn: arn }));
  const { RawMessageDelivery, FilterPolicy } = Attributes;
  return { arn, endpoint, isRaw: RawMessageDelivery === "true", filter: FilterPolicy === "{}" ? undefined : FilterPolicy };
}

/** @returns its ARN, also where somebody else has made it meanwhile. */
export async function createTopic(sns: SNSClient, { name, isFifo }: WantedTopic, tags: Readonly<Record<string, string>>): Promise<string> {
  const topic = { Name: name, ...(isFifo ? { Attributes: { FifoTopic: "true" } } : {}) };
  const Tags = Object.entries(tags).map(([Key, Value]) => ({ Key, Value }));
  const created = await sns.send(new CreateTopicCommand({ ...topic, Tags })).catch(async (error: unknown) => {
    // It is there, without these tags.
    if (!isTaken(error)) throw error;
    return await sns.send(new CreateTopicCommand(topic));
  });
  assert(created.TopicArn !== undefined, `CreateTopic of ${name} was answered without an ARN`);
  return created.TopicArn;
}

/** What is set of a subscription; an empty policy lets everything through. */
function subscriptionAttributes(filter: object | undefined): { RawMessageDelivery: string; FilterPolicy: string } {
  return { RawMessageDelivery: "true", FilterPolicy: JSON.stringify(filter ?? {}) };
}

/** Subscribes a queue with raw delivery and this filter, or changes the subscription that it has got meanwhile. */
export async function subscribe(sns: SNSClient, wanted: { topicArn: string; queueArn: string; filter: object | undefined }): Promise<void> {
  const { topicArn: TopicArn, queueArn: Endpoint, filter } = wanted;
  const { FilterPolicy, ...Attributes } = subscriptionAttributes(filter);
  const given = filter === undefined ? Attributes : { ...Attributes, FilterPolicy };
  try {
    await sns.send(new SubscribeCommand({ TopicArn, Protocol: "sqs", Endpoint, Attributes: given }));
  } catch (error) {
    if (!isTaken(error)) throw error;
    const topic = await findTopic(sns, TopicArn);
    const there = topic?.subscriptions.find(({ endpoint }) => endpoint === Endpoint);
    if (there === undefined) throw error;
    await changeSubscription(sns, there.arn, filter);
  }
}

export async function changeSubscription(sns: SNSClient, SubscriptionArn: string, filter: object | undefined): Promise<void> {
  for (const [AttributeName, AttributeValue] of Object.entries(subscriptionAttributes(filter)))
    await sns.send(new SetSubscriptionAttributesCommand({ SubscriptionArn, AttributeName, AttributeValue }));
}

export async function topicTags(sns: SNSClient, ResourceArn: string): Promise<Readonly<Record<string, string>>> {
  const { Tags = [] } = await sns.send(new ListTagsForResourceCommand({ ResourceArn }));
  return Object.fromEntries(Tags.map(({ Key = "", Value = "" }) => [Key, Value]));
}

export async function deleteTopic(sns: SNSClient, TopicArn: string): Promise<void> {
  await sns.send(new DeleteTopicCommand({ TopicArn }));
}

export async function unsubscribe(sns: SNSClient, SubscriptionArn: string): Promise<void> {
  await sns.send(new UnsubscribeCommand({ SubscriptionArn }));
}

/** Of what is there already, with other attributes or tags. */
function isTaken(error: unknown): boolean {
  return /InvalidParameter/.test(failureOf(error).code);
}
