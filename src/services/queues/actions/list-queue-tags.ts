import { action } from "../../../wire/api.ts";
import { operation, optional, required, string, structure } from "../../../wire/shapes.ts";
import { queueOf, type Context } from "./context.ts";
import { tags } from "./shapes.ts";

const listQueueTagsOperation = operation("ListQueueTags", {
  input: structure({ QueueUrl: required(string) }),
  output: structure({ Tags: optional(tags, { wireName: "Tag" }) }),
});

export const listQueueTags = ({ store }: Context) =>
  action(listQueueTagsOperation, async ({ QueueUrl }, call) => ({ Tags: await store.listTags({ queue: queueOf(QueueUrl, call) }) }));
