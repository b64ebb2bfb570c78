import { action } from "../../../wire/api.ts";
import { integer, nothing, operation, required, string, structure } from "../../../wire/shapes.ts";
import { readReceipt } from "../rules/receipt.ts";
import { changedVisibilityMs, refusedChange } from "../rules/visibility.ts";
import { queueFirst, queueOf, type Context } from "./context.ts";

const changeMessageVisibilityOperation = operation("ChangeMessageVisibility", {
  input: structure({ QueueUrl: required(string), ReceiptHandle: required(string), VisibilityTimeout: required(integer) }),
  output: nothing,
});

/** Hides a message for another while, counted from now; 0 shows it at once. */
export const changeMessageVisibility = (context: Context) =>
  action(changeMessageVisibilityOperation, async ({ QueueUrl, ReceiptHandle, VisibilityTimeout }, call) => {
    const queue = queueOf(QueueUrl, call);
    const change = await queueFirst(context, queue, () => ({
      receipt: readReceipt(ReceiptHandle),
      visibilityMs: changedVisibilityMs(VisibilityTimeout),
    }));
    const [result] = await context.store.changeVisibility({ queue, changes: [change] });
    const refusal = refusedChange(result ?? "gone", ReceiptHandle, VisibilityTimeout);
    if (refusal !== undefined) throw refusal;
    return {};
  });
