import { action } from "../../../wire/api.ts";
import { nothing, operation, required, string, structure } from "../../../wire/shapes.ts";
import { checkRemovedTags } from "../rules/tags.ts";
import { queueFirst, queueOf, type Context } from "./context.ts";
import { names } from "./shapes.ts";

const untagQueueOperation = operation("UntagQueue", {
  input: structure({ QueueUrl: required(string), TagKeys: required(names, { wireName: "TagKey" }) }),
  output: nothing,
});

/** Removes tags from a queue; keys that it has not are ignored. */
export const untagQueue = (context: Context) =>
  action(untagQueueOperation, async ({ QueueUrl, TagKeys }, call) => {
    const queue = queueOf(QueueUrl, call);
    await queueFirst(context, queue, () => checkRemovedTags(TagKeys));
    await context.store.removeTags({ queue, keys: TagKeys });
    return {};
  });
