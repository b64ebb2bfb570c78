import { encodeNextToken } from "../rules/listing.ts";
import { subscriptionArn, topicArn } from "../rules/topic-arn.ts";
import type { SubscriptionPage } from "../store/store.ts";

/** A page of subscriptions as both lists answer it. */
export function listed({ subscriptions, more }: SubscriptionPage) {
  const last = subscriptions.at(-1);
  return {
    Subscriptions: subscriptions.map(({ subscription, owner, protocol, endpoint, confirmed }) => ({
      SubscriptionArn: confirmed ? subscriptionArn(subscription) : "PendingConfirmation",
      Owner: owner,
      Protocol: protocol,
      Endpoint: endpoint,
      TopicArn: topicArn(subscription.topic),
    })),
    NextToken: more && last !== undefined ? encodeNextToken(String(last.sequence)) : undefined,
  };
}
