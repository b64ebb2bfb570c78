import { action } from "../../../wire/api.ts";
import { list, nothing, operation, required, string, structure } from "../../../wire/shapes.ts";
import { checkPermission } from "../rules/topic-policy.ts";
import { topicFirst, topicOf, type Context } from "./context.ts";

const addPermissionOperation = operation("AddPermission", {
  input: structure({
    TopicArn: required(string),
    Label: required(string),
    AWSAccountId: required(list(string)),
    ActionName: required(list(string)),
  }),
  output: nothing,
});

/** Lets other accounts do something with a topic: a statement in its policy, by the name of its label. */
export const addPermission = (context: Context) =>
  action(addPermissionOperation, async ({ TopicArn, Label: label, AWSAccountId: accountIds, ActionName: actions }, call) => {
    const topic = topicOf(TopicArn, call);
    const permission = { label, accountIds, actions };
    await topicFirst(context, topic, () => checkPermission(permission));
    await context.store.addPermission({ topic, permission });
    return {};
  });
