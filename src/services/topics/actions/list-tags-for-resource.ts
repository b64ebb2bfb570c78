import { action } from "../../../wire/api.ts";
import { operation, required, string, structure } from "../../../wire/shapes.ts";
import { taggedTopic, type Context } from "./context.ts";
import { tags } from "./shapes.ts";

const listTagsForResourceOperation = operation("ListTagsForResource", {
  input: structure({ ResourceArn: required(string) }),
  output: structure({ Tags: tags }),
});

/** The tags of a topic. */
export const listTagsForResource = ({ store }: Context) =>
  action(listTagsForResourceOperation, ({ ResourceArn }, call) =>
    taggedTopic(ResourceArn, call, async (topic) => {
      const tags = await store.listTags({ topic });
      return { Tags: Object.entries(tags).map(([Key, Value]) => ({ Key, Value })) };
    }),
  );
