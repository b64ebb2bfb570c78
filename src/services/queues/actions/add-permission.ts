import { action } from "../../../wire/api.ts";
import { list, nothing, operation, required, string, structure } from "../../../wire/shapes.ts";
import { checkPermission } from "../rules/permissions.ts";
import { queueFirst, queueOf, type Context } from "./context.ts";

const addPermissionOperation = operation("AddPermission", {
  input: structure({
    QueueUrl: required(string),
    Label: required(string),
    AWSAccountIds: required(list(string, { flattened: true }), { wireName: "AWSAccountId" }),
    Actions: required(list(string, { flattened: true }), { wireName: "ActionName" }),
  }),
  output: nothing,
});

/** Lets other accounts do something with a queue: a statement in its policy, by the name of its label. */
export const addPermission = (context: Context) =>
  action(addPermissionOperation, async ({ QueueUrl, Label: label, AWSAccountIds: accountIds, Actions: actions }, call) => {
    const queue = queueOf(QueueUrl, call);
    const permission = { label, accountIds, actions };
    await queueFirst(context, queue, () => checkPermission(permission));
    await context.store.addPermission({ queue, permission });
    return {};
  });
