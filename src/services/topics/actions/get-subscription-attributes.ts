import { action } from "../../../wire/api.ts";
import { operation, required, string, structure } from "../../../wire/shapes.ts";
import { shownAttributes } from "../rules/subscription-attributes.ts";
import { topicArn } from "../rules/topic-arn.ts";
import { subscriptionOf, type Context } from "./context.ts";
import { attributes } from "./shapes.ts";

const getSubscriptionAttributesOperation = operation("GetSubscriptionAttributes", {
  input: structure({ SubscriptionArn: required(string) }),
  output: structure({ Attributes: attributes }),
});

/** What a subscription is, and what was set of it. */
export const getSubscriptionAttributes = ({ store }: Context) =>
  action(getSubscriptionAttributesOperation, async ({ SubscriptionArn }, call) => {
    const subscription = subscriptionOf(SubscriptionArn, call);
    const described = await store.describeSubscription({ subscription });
    return {
      Attributes: {
        SubscriptionArn,
        TopicArn: topicArn(subscription.topic),
        Owner: described.owner,
        Protocol: described.protocol,
        Endpoint: described.endpoint,
        PendingConfirmation: String(!described.confirmed),
        ConfirmationWasAuthenticated: String(described.authenticated),
        SubscriptionPrincipal: described.principal,
        ...shownAttributes(described.attributes, described.topicDeliveryPolicy),
      },
    };
  });
