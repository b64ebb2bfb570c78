import { action } from "../../../wire/api.ts";
import { operation, required, string, structure } from "../../../wire/shapes.ts";
import { queueDoesNotExist } from "../rules/errors.ts";
import { queueUrl } from "../rules/queue-url.ts";
import type { Context } from "./context.ts";

const getQueueUrlOperation = operation("GetQueueUrl", {
  input: structure({ QueueName: required(string), QueueOwnerAWSAccountId: string }),
  output: structure({ QueueUrl: string }),
});

/** The URL of a queue that exists. Another account's queues do not exist for the caller. */
export const getQueueUrl = ({ store }: Context) =>
  action(getQueueUrlOperation, async ({ QueueName: name, QueueOwnerAWSAccountId: owner }, call) => {
    const { accountId: account } = call.principal;
    if (owner !== undefined && owner !== account) throw queueDoesNotExist();
    const queue = { account, region: call.region, name };
    await store.listTags({ queue });
    return { QueueUrl: queueUrl(call.baseUrl, queue) };
  });
