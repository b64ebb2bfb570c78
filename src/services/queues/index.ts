import type { Random } from "../../kernel/random.ts";
import { ServiceError } from "../../kernel/service-error.ts";
import { storeClient, type Storage, type StoreCall, type StoreClient } from "../../storage/storage.ts";
import type { Api } from "../../wire/api.ts";
import { queuesApi } from "./api.ts";
import { developerApi } from "./requests/developer-api.ts";
import { QueuePages } from "./requests/pages.ts";
import { DeliveryReader, queueForService, type Delivery, type Source } from "./rules/delivery.ts";
import { isFifoQueueName } from "./rules/queue-name.ts";
import { QUEUE_OPERATIONS, type DeliveryResult, type QueueOperations } from "./store/store.ts";

export { MESSAGE_SIZE_BUCKETS } from "./rules/limits.ts";
export type { QueuePages } from "./requests/pages.ts";
export type { DeliveryResult, Source };
export type { Measured as MeasuredQueues, MeasuredQueue } from "./store/store.ts";

/** The queue service, as the server and its links to other services see it. */
export interface Queues {
  readonly api: Api;
  /** What answers at `/_aws/sqs/messages`: one action that looks like ReceiveMessage and takes nothing. */
  readonly developerApi: Api;
  /** What answers below `/_millrace/queues`. */
  readonly pages: QueuePages;
  readonly store: StoreClient<QueueOperations>;
  /**
   * A message of another service as a store operation, to be committed in one unit with what caused it. It answers a
   * `DeliveryResult`: whoever delivers says aloud what was not taken.
   * @returns undefined where the ARN names no queue that could take it.
   */
  delivery(delivery: Omit<Delivery, "id">): StoreCall | undefined;
  /** Whether a queue of that ARN exists and takes what the service delivers from there. */
  takesFrom(queueArn: string, source: Source): Promise<boolean>;
}

export interface QueuesOptions {
  /** Has the queue store open among its modules. */
  readonly storage: Storage;
  readonly random: Random;
  /** Whether a queue's policy is asked about its own account, too: wherever callers prove who they are. */
  readonly ownAccountAsked: boolean;
}

export function createQueues({ storage, random, ownAccountAsked }: QueuesOptions): Queues {
  const store = storeClient<QueueOperations>(storage, "queues", QUEUE_OPERATIONS);
  const context = { store, random };
  const api = queuesApi(context);
  const deliveries = new DeliveryReader(ownAccountAsked);
  return {
    api,
    developerApi: developerApi(api, context),
    pages: new QueuePages(store),
    store,
    delivery(delivery) {
      const given = deliveries.read({ ...delivery, id: random.uuid() });
      return given && store.call("deliver", given);
    },
    async takesFrom(queueArn, source) {
      const queue = queueForService(queueArn, source, ownAccountAsked);
      // What it sends has no group, which a FIFO queue needs.
      if (queue === undefined || isFifoQueueName(queue.name)) return false;
      try {
        await store.listTags({ queue });
        return true;
      } catch (error) {
        if (error instanceof ServiceError && ["QueueDoesNotExist", "AccessDeniedException"].includes(error.code)) return false;
        throw error;
      }
    },
  };
}
