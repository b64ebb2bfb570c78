import { action } from "../../../wire/api.ts";
import { operation, required, string, structure } from "../../../wire/shapes.ts";
import { queueUrl } from "../rules/queue-url.ts";
import { askedFor, type Context } from "./context.ts";

const getQueueUrlOperation = operation("GetQueueUrl", {
  input: structure({ QueueName: required(string), QueueOwnerAWSAccountId: string }),
  output: structure({ QueueUrl: string }),
});

/** The URL of a queue that exists. Another account's queues exist for the caller as far as their policies allow it to know. */
export const getQueueUrl = ({ store }: Context) =>
  action(getQueueUrlOperation, async ({ QueueName: name, QueueOwnerAWSAccountId: owner }, call) => {
    const queue = askedFor({ account: owner ?? call.principal.accountId, region: call.region, name }, call);
    await store.listTags({ queue });
    return { QueueUrl: queueUrl(call.baseUrl, queue) };
  });
