import { action } from "../../../wire/api.ts";
import { nothing, operation, required, string, structure } from "../../../wire/shapes.ts";
import { checkAddedTags } from "../rules/tags.ts";
import { queueFirst, queueOf, type Context } from "./context.ts";
import { tags } from "./shapes.ts";

const tagQueueOperation = operation("TagQueue", {
  input: structure({ QueueUrl: required(string), Tags: required(tags, { wireName: "Tag" }) }),
  output: nothing,
});

/** Adds tags to a queue; a key that is there already gets its new value. */
export const tagQueue = (context: Context) =>
  action(tagQueueOperation, async ({ QueueUrl, Tags }, call) => {
    const queue = queueOf(QueueUrl, call);
    await queueFirst(context, queue, () => checkAddedTags(Tags, queue.name));
    await context.store.addTags({ queue, tags: Tags });
    return {};
  });
