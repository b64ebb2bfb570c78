import { action } from "../../../wire/api.ts";
import { operation, required, string, structure } from "../../../wire/shapes.ts";
import { PAGE_SIZE } from "../rules/limits.ts";
import { decodeNextNumber } from "../rules/listing.ts";
import { topicOf, type Context } from "./context.ts";
import { listed } from "./listed.ts";
import { subscriptions } from "./shapes.ts";

const listSubscriptionsByTopicOperation = operation("ListSubscriptionsByTopic", {
  input: structure({ TopicArn: required(string), NextToken: string }),
  output: structure({ Subscriptions: subscriptions, NextToken: string }),
});

/** Subscriptions to a topic, in the order of their making. */
export const listSubscriptionsByTopic = ({ store }: Context) =>
  action(listSubscriptionsByTopicOperation, async ({ TopicArn, NextToken }, call) => {
    const topic = topicOf(TopicArn, call);
    return listed(await store.listSubscriptionsByTopic({ topic, after: decodeNextNumber(NextToken), limit: PAGE_SIZE }));
  });
