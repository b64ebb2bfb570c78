import { action } from "../../../wire/api.ts";
import { nothing, operation, required, string, structure } from "../../../wire/shapes.ts";
import { queueOf, type Context } from "./context.ts";

const purgeQueueOperation = operation("PurgeQueue", {
  input: structure({ QueueUrl: required(string) }),
  output: nothing,
});

/** Forgets every message that was sent before, also those in flight. At most once a minute. */
export const purgeQueue = ({ store }: Context) =>
  action(purgeQueueOperation, async ({ QueueUrl }, call) => {
    await store.purge({ queue: queueOf(QueueUrl, call) });
    return {};
  });
