import { action } from "../../../wire/api.ts";
import { list, operation, required, string, structure } from "../../../wire/shapes.ts";
import { taggedTopic, type Context } from "./context.ts";

const untagResourceOperation = operation("UntagResource", {
  input: structure({ ResourceArn: required(string), TagKeys: required(list(string)) }),
  output: structure({}),
});

/** Removes tags from a topic by their keys. */
export const untagResource = ({ store }: Context) =>
  action(untagResourceOperation, ({ ResourceArn, TagKeys: keys }, call) =>
    taggedTopic(ResourceArn, call, async (topic) => {
      await store.removeTags({ topic, keys });
      return {};
    }),
  );
