import { hash } from "node:crypto";
import type { Random } from "../../kernel/random.ts";
import { storeClient, type Storage, type StoreCall, type StoreClient } from "../../storage/storage.ts";
import type { Api } from "../../wire/api.ts";
import { queuesApi } from "./api.ts";
import { developerApi } from "./requests/developer-api.ts";
import { QueuePages } from "./requests/pages.ts";
import { textBytes } from "./rules/message.ts";
import { isFifoQueueName } from "./rules/queue-name.ts";
import { parseQueueArn } from "./rules/queue-url.ts";
import { QUEUE_OPERATIONS, type QueueOperations } from "./store/store.ts";

export { parseQueueArn } from "./rules/queue-url.ts";
export type { QueuePages } from "./requests/pages.ts";

/** The queue service, as the server and its links to other services see it. */
export interface Queues {
  readonly api: Api;
  /** What answers at `/_aws/sqs/messages`: one action that looks like ReceiveMessage and takes nothing. */
  readonly developerApi: Api;
  /** What answers below `/_millrace/queues`. */
  readonly pages: QueuePages;
  readonly store: StoreClient<QueueOperations>;
  /**
   * A message of another service as a store operation, to be committed in one unit with what caused it. The operation
   * answers true, or false where the queue does not exist and nothing was written.
   * @returns undefined where the ARN names no queue that could take it.
   */
  delivery(delivery: Delivery): StoreCall | undefined;
}

/** A message that another service sends on an account's behalf: an event of a bucket, a notification of a topic. */
export interface Delivery {
  readonly queueArn: string;
  readonly body: string;
  /** The account whose bucket or topic it is, twelve digits. Without policies only its own queues take it. */
  readonly accountId: string;
  /** What receivers see as SenderId. */
  readonly senderId: string;
}

/** @param options `storage` has the queue store open among its modules. */
export function createQueues(options: { readonly storage: Storage; readonly random: Random }): Queues {
  const { random } = options;
  const store = storeClient<QueueOperations>(options.storage, "queues", QUEUE_OPERATIONS);
  const context = { store, random };
  const api = queuesApi(context);
  return {
    api,
    developerApi: developerApi(api, context),
    pages: new QueuePages(store),
    store,
    delivery({ queueArn, body, accountId, senderId }) {
      const queue = parseQueueArn(queueArn);
      // What other services send has no group, which a FIFO queue needs.
      if (queue === undefined || queue.account !== accountId || isFifoQueueName(queue.name)) return undefined;
      const content = { body, bodyMd5: hash("md5", body), sizeBytes: textBytes(body) };
      const nothingElse = { attributes: null, traceHeader: null, groupId: null, delayMs: undefined };
      return store.call("deliver", { queue, message: { id: random.uuid(), senderId, ...content, ...nothingElse } });
    },
  };
}
