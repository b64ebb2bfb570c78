import type { Logger } from "../kernel/logger.ts";
import type { EventSource, EventTargets } from "../services/objects/index.ts";
import type { Queues, Source } from "../services/queues/index.ts";
import type { Delivered, DeliveryReports, Topics } from "../services/topics/index.ts";
import type { Meter } from "./meter.ts";

/** Who supplies which service's needs: services never import each other. */

/**
 * Events of buckets go to queues and topics; a message is committed with the object that it tells of. What its
 * destination does not take is counted and logged: its sender has long been answered.
 */
export function eventTargets(to: { queues: Queues; topics: Topics }, { logger, meter }: { logger: Logger; meter: Meter }): EventTargets {
  const { queues, topics } = to;
  return {
    validate: (arn, source) => (isTopic(arn) ? topics.takesFrom(arn, bucket(source)) : queues.takesFrom(arn, bucket(source))),
    deliver({ arn, body, source }) {
      if (isTopic(arn))
        return topics.notification({ topicArn: arn, subject: "Amazon S3 Notification", message: body, source: bucket(source) });
      return queues.delivery({ queueArn: arn, body, source: bucket(source), senderId: SENDER });
    },
    delivered({ arn, source: { bucketArn } }, answer) {
      const outcome = isTopic(arn) ? topics.notified(answer as Delivered | undefined) : typeof answer === "string" ? answer : "gone";
      meter.countDelivery("objects", outcome);
      if (outcome !== "delivered")
        logger.warn("event not delivered", { [isTopic(arn) ? "topicArn" : "queueArn"]: arn, bucketArn, outcome });
    },
  };
}

function isTopic(arn: string): boolean {
  return arn.split(":", 3)[2] === "sns";
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
