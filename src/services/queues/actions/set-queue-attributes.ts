import { action } from "../../../wire/api.ts";
import { nothing, operation, required, string, structure } from "../../../wire/shapes.ts";
import { canonicalAttributes } from "../rules/queue-attributes.ts";
import { isFifoQueueName } from "../rules/queue-name.ts";
import { queueFirst, queueOf, type Context } from "./context.ts";
import { queueAttributes } from "./shapes.ts";

const setQueueAttributesOperation = operation("SetQueueAttributes", {
  input: structure({ QueueUrl: required(string), Attributes: required(queueAttributes, { wireName: "Attribute" }) }),
  output: nothing,
});

/** Changes settings of a queue, all that are given or none; in force at once. */
export const setQueueAttributes = (context: Context) =>
  action(setQueueAttributesOperation, async ({ QueueUrl, Attributes }, call) => {
    const queue = queueOf(QueueUrl, call);
    const attributes = await queueFirst(context, queue, () => canonicalAttributes(Attributes, isFifoQueueName(queue.name)));
    await context.store.setAttributes({ queue, attributes, redrivePolicy: Attributes["RedrivePolicy"] });
    return {};
  });
