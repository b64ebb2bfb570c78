import type { Logger } from "../kernel/logger.ts";
import type { EventSource, EventTargets } from "../services/objects/index.ts";
import type { Queues, Source } from "../services/queues/index.ts";
import type { DeliveryReports } from "../services/topics/index.ts";
import type { Meter } from "./meter.ts";

/** Who supplies which service's needs: services never import each other. */

/**
 * Events of buckets go to queues; a message is committed with the object that it tells of. What a queue does not take is
 * counted and logged: its sender has long been answered.
 */
export function eventTargets(queues: Queues, { logger, meter }: { logger: Logger; meter: Meter }): EventTargets {
  return {
    validate: (queueArn, source) => queues.takesFrom(queueArn, bucket(source)),
    deliver: ({ queueArn, body, source }) => queues.delivery({ queueArn, body, source: bucket(source), senderId: SENDER }),
    delivered({ queueArn, source: { bucketArn } }, answer) {
      const outcome = typeof answer === "string" ? answer : "gone";
      meter.countDelivery("objects", outcome);
      if (outcome !== "delivered") logger.warn("event not delivered", { queueArn, bucketArn, outcome });
    },
  };
}

function bucket({ bucketArn, accountId }: EventSource): Source {
  return { service: "s3.amazonaws.com", arn: bucketArn, accountId };
}

/** What receivers see as SenderId of an event. */
const SENDER = "AIDAOBJECTEVENTS";

/** What topics bring to queues, which `stores.ts` links, is counted and logged like events. */
export function deliveryReports({ logger, meter }: { logger: Logger; meter: Meter }): DeliveryReports {
  return {
    delivered: (count) => meter.countDelivery("topics", "delivered", count),
    failed({ subscriptionArn, endpoint, reason, deadLetter }) {
      const isKept = deadLetter === "delivered";
      meter.countDelivery("topics", isKept ? "dead-lettered" : reason);
      logger.warn(isKept ? "notification sent to its dead-letter queue" : "notification not delivered", {
        subscriptionArn,
        endpoint,
        reason,
        ...(deadLetter === null ? {} : { deadLetter }),
      });
    },
  };
}
