import { action } from "../../../wire/api.ts";
import { nothing, operation, required, string, structure } from "../../../wire/shapes.ts";
import { topicOf, type Context } from "./context.ts";

const deleteTopicOperation = operation("DeleteTopic", { input: structure({ TopicArn: required(string) }), output: nothing });

/** Removes a topic with its subscriptions; it need not be there. */
export const deleteTopic = ({ store }: Context) =>
  action(deleteTopicOperation, async ({ TopicArn }, call) => {
    await store.deleteTopic({ topic: topicOf(TopicArn, call) });
    return {};
  });
