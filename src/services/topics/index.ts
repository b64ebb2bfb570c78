import type { Clock } from "../../kernel/clock.ts";
import type { Random } from "../../kernel/random.ts";
import { storeClient, type Storage, type StoreClient } from "../../storage/storage.ts";
import type { Api } from "../../wire/api.ts";
import { topicsApi } from "./api.ts";
import type { DeliveryReports } from "./needs.ts";
import { TOPIC_OPERATIONS, type TopicOperations } from "./store/store.ts";

export type { DeliveryReports, QueueMessage, QueueTargets } from "./needs.ts";
export type { FailedDelivery } from "./store/store.ts";

/** The topic service, as the server and its links to other services see it. */
export interface Topics {
  readonly api: Api;
  readonly store: StoreClient<TopicOperations>;
}

export interface TopicsOptions {
  /** Has the topic store open among its modules. */
  readonly storage: Storage;
  /** Engine time. */
  readonly clock: Clock;
  readonly random: Random;
  readonly reports: DeliveryReports;
}

export function createTopics({ storage, clock, random, reports }: TopicsOptions): Topics {
  const store = storeClient<TopicOperations>(storage, "topics", TOPIC_OPERATIONS);
  return { api: topicsApi({ store, clock, random, reports }), store };
}
