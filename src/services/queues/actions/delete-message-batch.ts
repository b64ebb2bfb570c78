import { action } from "../../../wire/api.ts";
import { list, operation, required, string, structure } from "../../../wire/shapes.ts";
import { checkBatch, failedEntry } from "../rules/batch.ts";
import { decodeReceipt, refusedDelete } from "../rules/receipt.ts";
import { queueFirst, queueOf, type Context } from "./context.ts";
import { failedEntries } from "./shapes.ts";

const entry = structure({ Id: required(string), ReceiptHandle: required(string) });

const deleteMessageBatchOperation = operation("DeleteMessageBatch", {
  input: structure({
    QueueUrl: required(string),
    Entries: required(list(entry, { flattened: true }), { wireName: "DeleteMessageBatchRequestEntry" }),
  }),
  output: structure({
    Successful: required(list(structure({ Id: required(string) }), { flattened: true }), { wireName: "DeleteMessageBatchResultEntry" }),
    Failed: required(failedEntries, { wireName: "BatchResultErrorEntry" }),
  }),
});

/** Deletes up to ten messages. One that cannot be deleted does not keep the others. */
export const deleteMessageBatch = (context: Context) =>
  action(deleteMessageBatchOperation, async ({ QueueUrl, Entries }, call) => {
    const queue = queueOf(QueueUrl, call);
    await queueFirst(context, queue, () => checkBatch(Entries, "DeleteMessageBatchRequestEntry"));
    const asked = Entries.map((entry) => ({ ...entry, receipt: decodeReceipt(entry.ReceiptHandle) }));
    const receipts = asked.flatMap(({ receipt }) => receipt ?? []);
    const results = (await context.store.delete({ queue, receipts })).values();
    // Results stand in the order of the receipts, without the entries that had none.
    const judged = asked.map(({ Id, ReceiptHandle, receipt }) => ({
      Id,
      error: refusedDelete(receipt === undefined ? "foreign" : (results.next().value ?? "deleted"), {
        handle: ReceiptHandle,
        inBatch: true,
      }),
    }));
    return {
      Successful: judged.flatMap(({ Id, error }) => (error === undefined ? { Id } : [])),
      Failed: judged.flatMap(({ Id, error }) => (error === undefined ? [] : failedEntry(Id, error))),
    };
  });
