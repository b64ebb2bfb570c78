import { action } from "../../../wire/api.ts";
import { boolean, operation, required, string, structure } from "../../../wire/shapes.ts";
import { readEndpoint } from "../rules/endpoint.ts";
import { subscriptionArn } from "../rules/topic-arn.ts";
import { isFifoTopicName } from "../rules/topic-name.ts";
import { saidBySubscribe } from "../rules/topic-policy.ts";
import { askedFor, newToken, topicFirst, topicOf, type Context } from "./context.ts";
import { attributes } from "./shapes.ts";

const subscribeOperation = operation("Subscribe", {
  input: structure({
    TopicArn: required(string),
    Protocol: required(string),
    Endpoint: string,
    Attributes: attributes,
    ReturnSubscriptionArn: boolean,
  }),
  output: structure({ SubscriptionArn: string }),
});

/** What stands for the ARN of a subscription that waits for its endpoint's word. */
const PENDING = "pending confirmation";

/** Has messages of a topic delivered to an endpoint, or finds that they are already. */
export const subscribe = (context: Context) =>
  action(subscribeOperation, async ({ TopicArn, Protocol, Endpoint, Attributes = {}, ReturnSubscriptionArn = false }, call) => {
    const topic = askedFor(topicOf(TopicArn, call), call, saidBySubscribe(Protocol, Endpoint));
    const target = await topicFirst(context, topic, () => readEndpoint(Protocol, Endpoint, isFifoTopicName(topic.name)));
    const { accountId: owner, arn: principal } = call.principal;
    const { id, confirmed } = await context.store.subscribe({
      topic,
      id: context.random.uuid(),
      ...target,
      attributes: Attributes,
      owner,
      principal,
      baseUrl: call.baseUrl,
      token: newToken(context),
    });
    if (!confirmed) context.wake();
    return { SubscriptionArn: confirmed || ReturnSubscriptionArn ? subscriptionArn({ topic, id }) : PENDING };
  });
