import { action } from "../../../wire/api.ts";
import { nothing, operation, required, string, structure } from "../../../wire/shapes.ts";
import { canonicalAttribute } from "../rules/topic-attributes.ts";
import { isFifoTopicName } from "../rules/topic-name.ts";
import { topicFirst, topicOf, type Context } from "./context.ts";

const setTopicAttributesOperation = operation("SetTopicAttributes", {
  input: structure({ TopicArn: required(string), AttributeName: required(string), AttributeValue: string }),
  output: nothing,
});

/** Sets one attribute of a topic; an empty value removes it. */
export const setTopicAttributes = (context: Context) =>
  action(setTopicAttributesOperation, async ({ TopicArn, AttributeName: name, AttributeValue = "" }, call) => {
    const topic = topicOf(TopicArn, call);
    const value = await topicFirst(context, topic, () => canonicalAttribute(name, AttributeValue, isFifoTopicName(topic.name)));
    await context.store.setTopicAttributes({ topic, attributes: { [name]: value } });
    return {};
  });
