import { hash } from "node:crypto";
import type { Random } from "../../kernel/random.ts";
import { ServiceError } from "../../kernel/service-error.ts";
import { storeClient, type Storage, type StoreCall, type StoreClient } from "../../storage/storage.ts";
import type { Api } from "../../wire/api.ts";
import { queuesApi } from "./api.ts";
import { developerApi } from "./requests/developer-api.ts";
import { QueuePages } from "./requests/pages.ts";
import { textBytes } from "./rules/message.ts";
import { isFifoQueueName } from "./rules/queue-name.ts";
import { parseQueueArn } from "./rules/queue-url.ts";
import { QUEUE_OPERATIONS, type DeliveryResult, type QueueOperations, type QueueRef } from "./store/store.ts";

export { MESSAGE_SIZE_BUCKETS } from "./rules/limits.ts";
export type { QueuePages } from "./requests/pages.ts";
export type { DeliveryResult };
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
  delivery(delivery: Delivery): StoreCall | undefined;
  /** Whether a queue of that ARN exists and takes what the service delivers from there. */
  takesFrom(queueArn: string, source: Source): Promise<boolean>;
}

/** A message that another service sends on an account's behalf: an event of a bucket, a notification of a topic. */
export interface Delivery {
  readonly queueArn: string;
  readonly body: string;
  readonly source: Source;
  /** What receivers see as SenderId. */
  readonly senderId: string;
}

/** What a policy may look at of a delivery. */
export interface Source {
  /** The service's name as a principal: `s3.amazonaws.com`. */
  readonly service: string;
  /** The bucket or topic. */
  readonly arn: string;
  /** The account whose it is, twelve digits. Its own queues take from it what their policies do not deny, others what theirs allow. */
  readonly accountId: string;
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
  const queueFor = (queueArn: string, { service, arn, accountId }: Source): QueueRef | undefined => {
    const queue = parseQueueArn(queueArn);
    // What other services send has no group, which a FIFO queue needs.
    if (queue === undefined || isFifoQueueName(queue.name)) return undefined;
    if (!ownAccountAsked && queue.account === accountId) return queue;
    return { ...queue, asker: { kind: "service", action: "SendMessage", accountId, service, sourceArn: arn } };
  };
  const context = { store, random };
  const api = queuesApi(context);
  return {
    api,
    developerApi: developerApi(api, context),
    pages: new QueuePages(store),
    store,
    delivery({ queueArn, body, source, senderId }) {
      const queue = queueFor(queueArn, source);
      if (queue === undefined) return undefined;
      const content = { body, bodyMd5: hash("md5", body), sizeBytes: textBytes(body) };
      const nothingElse = { attributes: null, traceHeader: null, groupId: null, delayMs: undefined };
      return store.call("deliver", { queue, message: { id: random.uuid(), senderId, ...content, ...nothingElse } });
    },
    async takesFrom(queueArn, source) {
      const queue = queueFor(queueArn, source);
      if (queue === undefined) return false;
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
