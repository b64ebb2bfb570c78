import { action } from "../../../wire/api.ts";
import { operation, optional, required, string, structure } from "../../../wire/shapes.ts";
import { canonicalAttributes, mergeAttributes } from "../rules/queue-attributes.ts";
import { checkNewQueueName, isFifoQueueName } from "../rules/queue-name.ts";
import { queueUrl } from "../rules/queue-url.ts";
import { checkTags } from "../rules/tags.ts";
import { askedFor, type Context } from "./context.ts";
import { queueAttributes, tags } from "./shapes.ts";

const createQueueOperation = operation("CreateQueue", {
  input: structure({
    QueueName: required(string),
    Attributes: optional(queueAttributes, { wireName: "Attribute" }),
    tags: optional(tags, { wireName: "Tag" }),
  }),
  output: structure({ QueueUrl: string }),
});

/** Creates a queue, or finds the one that is there already and does not differ. */
export const createQueue = (context: Context) =>
  action(createQueueOperation, async ({ QueueName: name, Attributes = {}, tags = {} }, call) => {
    checkNewQueueName(name, Attributes["FifoQueue"]);
    const attributes = canonicalAttributes(Attributes, isFifoQueueName(name));
    mergeAttributes({}, attributes); // Refuses what cannot stand together, whether or not the queue exists.
    checkTags(tags, name);
    const queue = askedFor({ account: call.principal.accountId, region: call.region, name }, call);
    await context.store.createQueue({ queue, attributes, tags, redrivePolicy: Attributes["RedrivePolicy"] });
    return { QueueUrl: queueUrl(call.baseUrl, queue) };
  });
