import type { Random } from "../../kernel/random.ts";
import { storeClient, type Storage, type StoreCall, type StoreClient } from "../../storage/storage.ts";
import type { Api } from "../../wire/api.ts";
import { queuesApi } from "./api.ts";
import { delivery, type Delivery } from "./delivery.ts";
import { QUEUE_OPERATIONS, type QueueOperations } from "./store/store.ts";

export type { Delivery } from "./delivery.ts";

/** The queue service, as the server and its links to other services see it. */
export interface Queues {
  readonly api: Api;
  readonly store: StoreClient<QueueOperations>;
  /**
   * A message of another service as a store operation, to be committed in one unit with what caused it. The operation
   * answers true, or false where the queue does not exist and nothing was written.
   * @returns undefined where the ARN names no queue that could take it.
   */
  delivery(delivery: Delivery): StoreCall | undefined;
}

/** @param options `storage` has the queue store open among its modules. */
export function createQueues(options: { readonly storage: Storage; readonly random: Random }): Queues {
  const store = storeClient<QueueOperations>(options.storage, "queues", QUEUE_OPERATIONS);
  const context = { store, random: options.random };
  return { api: queuesApi(context), store, delivery: (message) => delivery(context, message) };
}
