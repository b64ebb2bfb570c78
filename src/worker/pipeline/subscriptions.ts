import {
  CreateTopicCommand,
  paginateListSubscriptionsByTopic,
  SetSubscriptionAttributesCommand,
  SubscribeCommand,
  type SNSClient,
} from "@aws-sdk/client-sns";
import { assert } from "../../kernel/assert.ts";
import { failureOf } from "../rules/failure.ts";
import { attributePolicy, type FilterPolicy } from "../rules/filter-policy.ts";
import { isFifo } from "../rules/outgoing.ts";

/** @returns the topic's ARN. */
export async function ensureTopic(sns: SNSClient, Name: string): Promise<string> {
  const { TopicArn } = await sns.send(new CreateTopicCommand({ Name, ...(isFifo(Name) ? { Attributes: { FifoTopic: "true" } } : {}) }));
  assert(TopicArn !== undefined, `CreateTopic of ${Name} was answered without an ARN`);
  return TopicArn;
}

/** Subscribes a queue with raw delivery and this filter, or changes the subscription that it has. */
export async function ensureSubscription(
  sns: SNSClient,
  wanted: { topicArn: string; queueArn: string; filter: FilterPolicy | undefined },
): Promise<void> {
  const { topicArn: TopicArn, queueArn: Endpoint, filter } = wanted;
  const policy = filter === undefined ? undefined : JSON.stringify(attributePolicy(filter));
  const Attributes = { RawMessageDelivery: "true", ...(policy === undefined ? {} : { FilterPolicy: policy }) };
  try {
    await sns.send(new SubscribeCommand({ TopicArn, Protocol: "sqs", Endpoint, Attributes }));
    return;
  } catch (error) {
    // Subscribed already, with other attributes.
    if (!/InvalidParameter/.test(failureOf(error).code)) throw error;
    const arn = await subscriptionOf(sns, TopicArn, Endpoint);
    if (arn === undefined) throw error;
    // An empty policy lets everything through.
    for (const [AttributeName, AttributeValue] of Object.entries({ FilterPolicy: "{}", ...Attributes }))
      await sns.send(new SetSubscriptionAttributesCommand({ SubscriptionArn: arn, AttributeName, AttributeValue }));
  }
}

async function subscriptionOf(client: SNSClient, TopicArn: string, queueArn: string): Promise<string | undefined> {
  for await (const { Subscriptions = [] } of paginateListSubscriptionsByTopic({ client }, { TopicArn }))
    for (const { Endpoint, SubscriptionArn } of Subscriptions) if (Endpoint === queueArn) return SubscriptionArn;
  return undefined;
}
