import { action } from "../../../wire/api.ts";
import { nothing, operation, required, string, structure } from "../../../wire/shapes.ts";
import { readReceipt, refusedDelete } from "../rules/receipt.ts";
import { queueFirst, queueOf, type Context } from "./context.ts";

const deleteMessageOperation = operation("DeleteMessage", {
  input: structure({ QueueUrl: required(string), ReceiptHandle: required(string) }),
  output: nothing,
});

/** Deletes a message for good: by the handle of any receive of it, from a FIFO queue by that of the one that holds it. */
export const deleteMessage = (context: Context) =>
  action(deleteMessageOperation, async ({ QueueUrl, ReceiptHandle }, call) => {
    const queue = queueOf(QueueUrl, call);
    const receipt = await queueFirst(context, queue, () => readReceipt(ReceiptHandle));
    const [outcome = "deleted"] = await context.store.delete({ queue, receipts: [receipt] });
    const refusal = refusedDelete(outcome, { handle: ReceiptHandle, inBatch: false });
    if (refusal !== undefined) throw refusal;
    return {};
  });
