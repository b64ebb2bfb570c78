import { action } from "../../../wire/api.ts";
import { operation, required, string, structure } from "../../../wire/shapes.ts";
import { shownAttributes } from "../rules/topic-attributes.ts";
import { isFifoTopicName } from "../rules/topic-name.ts";
import { topicOf, type Context } from "./context.ts";
import { attributes } from "./shapes.ts";

const getTopicAttributesOperation = operation("GetTopicAttributes", {
  input: structure({ TopicArn: required(string) }),
  output: structure({ Attributes: attributes }),
});

/** What a topic is, what was set of it, and how many subscriptions it has. */
export const getTopicAttributes = ({ store }: Context) =>
  action(getTopicAttributesOperation, async ({ TopicArn }, call) => {
    const topic = topicOf(TopicArn, call);
    const described = await store.describeTopic({ topic });
    return { Attributes: shownAttributes(topic, { ...described, fifo: isFifoTopicName(topic.name) }) };
  });
