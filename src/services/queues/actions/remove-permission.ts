import { action } from "../../../wire/api.ts";
import { nothing, operation, required, string, structure } from "../../../wire/shapes.ts";
import { checkLabel } from "../rules/permissions.ts";
import { queueFirst, queueOf, type Context } from "./context.ts";

const removePermissionOperation = operation("RemovePermission", {
  input: structure({ QueueUrl: required(string), Label: required(string) }),
  output: nothing,
});

/** Takes a statement out of a queue's policy, by its label. */
export const removePermission = (context: Context) =>
  action(removePermissionOperation, async ({ QueueUrl, Label: label }, call) => {
    const queue = queueOf(QueueUrl, call);
    await queueFirst(context, queue, () => checkLabel(label));
    await context.store.removePermission({ queue, label });
    return {};
  });
