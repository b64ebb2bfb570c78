import { ServiceError } from "../../../kernel/service-error.ts";
import { action } from "../../../wire/api.ts";
import { integer, list, operation, required, string, structure, type InputOf } from "../../../wire/shapes.ts";
import { checkBatch, failedEntry } from "../rules/batch.ts";
import { missingParameter } from "../rules/errors.ts";
import { readReceipt } from "../rules/receipt.ts";
import { changedVisibilityMs, refusedChange } from "../rules/visibility.ts";
import { queueFirst, queueOf, type Context } from "./context.ts";
import { failedEntries } from "./shapes.ts";

const entry = structure({ Id: required(string), ReceiptHandle: required(string), VisibilityTimeout: integer });

const changeMessageVisibilityBatchOperation = operation("ChangeMessageVisibilityBatch", {
  input: structure({
    QueueUrl: required(string),
    Entries: required(list(entry, { flattened: true }), { wireName: "ChangeMessageVisibilityBatchRequestEntry" }),
  }),
  output: structure({
    Successful: required(list(structure({ Id: required(string) }), { flattened: true }), {
      wireName: "ChangeMessageVisibilityBatchResultEntry",
    }),
    Failed: required(failedEntries, { wireName: "BatchResultErrorEntry" }),
  }),
});

type Entry = InputOf<typeof changeMessageVisibilityBatchOperation>["Entries"][number];

/** Hides up to ten messages for another while. One that cannot be hidden does not keep the others. */
export const changeMessageVisibilityBatch = (context: Context) =>
  action(changeMessageVisibilityBatchOperation, async ({ QueueUrl, Entries }, call) => {
    const queue = queueOf(QueueUrl, call);
    await queueFirst(context, queue, () => checkBatch(Entries, "ChangeMessageVisibilityBatchRequestEntry"));
    const asked = Entries.map(readEntry);
    const changes = asked.flatMap(({ change }) => change ?? []);
    const results = (await context.store.changeVisibility({ queue, changes })).values();
    // Results stand in the order of the changes, without the entries that had none.
    const judged = asked.map(({ entry, change, refusal }) => ({
      Id: entry.Id,
      error:
        change === undefined ? refusal : refusedChange(results.next().value ?? "gone", entry.ReceiptHandle, entry.VisibilityTimeout ?? 0),
    }));
    return {
      Successful: judged.flatMap(({ Id, error }) => (error === undefined ? { Id } : [])),
      Failed: judged.flatMap(({ Id, error }) => (error === undefined ? [] : failedEntry(Id, error))),
    };
  });

function readEntry(entry: Entry, at: number) {
  try {
    if (entry.VisibilityTimeout === undefined)
      throw missingParameter(`ChangeMessageVisibilityBatchRequestEntry.${at + 1}.VisibilityTimeout`);
    const change = { receipt: readReceipt(entry.ReceiptHandle), visibilityMs: changedVisibilityMs(entry.VisibilityTimeout) };
    return { entry, change, refusal: undefined };
  } catch (refusal) {
    if (!(refusal instanceof ServiceError)) throw refusal;
    return { entry, change: undefined, refusal };
  }
}
