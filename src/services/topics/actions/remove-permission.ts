import { action } from "../../../wire/api.ts";
import { nothing, operation, required, string, structure } from "../../../wire/shapes.ts";
import { topicOf, type Context } from "./context.ts";

const removePermissionOperation = operation("RemovePermission", {
  input: structure({ TopicArn: required(string), Label: required(string) }),
  output: nothing,
});

/** Takes a statement out of a topic's policy by its label. */
export const removePermission = ({ store }: Context) =>
  action(removePermissionOperation, async ({ TopicArn, Label: label }, call) => {
    await store.removePermission({ topic: topicOf(TopicArn, call), label });
    return {};
  });
