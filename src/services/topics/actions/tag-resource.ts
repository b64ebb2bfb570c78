import { action } from "../../../wire/api.ts";
import { operation, required, string, structure } from "../../../wire/shapes.ts";
import { readTags } from "../rules/tags.ts";
import { taggedTopic, type Context } from "./context.ts";
import { tags } from "./shapes.ts";

const tagResourceOperation = operation("TagResource", {
  input: structure({ ResourceArn: required(string), Tags: required(tags) }),
  output: structure({}),
});

/** Adds tags to a topic; a key that is there already gets its new value. */
export const tagResource = (context: Context) =>
  action(tagResourceOperation, ({ ResourceArn, Tags }, call) =>
    taggedTopic(ResourceArn, call, async (topic) => {
      await context.store.addTags({ topic, tags: readTags(Tags) });
      return {};
    }),
  );
