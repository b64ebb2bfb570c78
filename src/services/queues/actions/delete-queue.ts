import { action } from "../../../wire/api.ts";
import { nothing, operation, required, string, structure } from "../../../wire/shapes.ts";
import { queueOf, type Context } from "./context.ts";

const deleteQueueOperation = operation("DeleteQueue", {
  input: structure({ QueueUrl: required(string) }),
  output: nothing,
});

/** Deletes a queue with all that is in it, at once. Its name rests for a minute. */
export const deleteQueue = ({ store }: Context) =>
  action(deleteQueueOperation, async ({ QueueUrl }, call) => {
    await store.deleteQueue({ queue: queueOf(QueueUrl, call) });
    return {};
  });
