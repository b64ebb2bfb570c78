import { action } from "../../../wire/api.ts";
import { operation, optional, required, string, structure } from "../../../wire/shapes.ts";
import { checkAttributeNames, shownAttributes } from "../rules/queue-attributes.ts";
import { queueArn } from "../rules/queue-url.ts";
import { queueFirst, queueOf, type Context } from "./context.ts";
import { names, queueAttributes } from "./shapes.ts";

const getQueueAttributesOperation = operation("GetQueueAttributes", {
  input: structure({ QueueUrl: required(string), AttributeNames: optional(names, { wireName: "AttributeName" }) }),
  output: structure({ Attributes: optional(queueAttributes, { wireName: "Attribute" }) }),
});

/** Settings, times and counts of a queue: those that are asked for. */
export const getQueueAttributes = (context: Context) =>
  action(getQueueAttributesOperation, async ({ QueueUrl, AttributeNames = [] }, call) => {
    const queue = queueOf(QueueUrl, call);
    await queueFirst(context, queue, () => checkAttributeNames(AttributeNames));
    const description = await context.store.describeQueue({ queue });
    return { Attributes: shownAttributes({ arn: queueArn(queue), ...description }, AttributeNames) };
  });
