import { ServiceError } from "../kernel/service-error.ts";
import type { EventTargets } from "../services/objects/index.ts";
import { parseQueueArn, type Queues } from "../services/queues/index.ts";

/** Who supplies which service's needs: services never import each other. */

/** Events of buckets go to queues of the same account; a message is committed with the object that it tells of. */
export function eventTargets(queues: Queues): EventTargets {
  return {
    async validate(queueArn, accountId) {
      const queue = parseQueueArn(queueArn);
      if (queue === undefined || queue.account !== accountId) return false;
      try {
        await queues.store.listTags({ queue });
        return true;
      } catch (error) {
        if (error instanceof ServiceError && error.code === "QueueDoesNotExist") return false;
        throw error;
      }
    },
    deliver: (event) => queues.delivery({ ...event, senderId: SENDER }),
  };
}

/** What receivers see as SenderId of an event. */
const SENDER = "AIDAOBJECTEVENTS";
