import type { EventSource, EventTargets } from "../services/objects/index.ts";
import type { Queues, Source } from "../services/queues/index.ts";
import type { Delivered, DeliveryReports, Topics } from "../services/topics/index.ts";
import type { Meter } from "./meter.ts";
import type { SparingLog } from "./sparing-log.ts";

/** Who supplies which service's needs: services never import each other. */

/** Where what became of deliveries is counted and said. */
export interface Told {
  readonly log: SparingLog;
  readonly meter: Meter;
}

/**
 * Events of buckets go to queues and topics; a message is committed with the object that it tells of. What its
 * destination does not take is counted and logged: its sender has long been answered.
 */
export function eventTargets({ queues, topics }: { queues: Queues; topics: Topics }, { log, meter }: Told): EventTargets {
  return {
    validate: (arn, source) => (isTopic(arn) ? topics.takesFrom(arn, bucket(source)) : queues.takesFrom(arn, bucket(source))),
    deliver({ arn, body, source }) {
      if (isTopic(arn))
        return topics.notification({ topicArn: arn, subject: "Amazon S3 Notification", message: body, source: bucket(source) });
      return queues.delivery({ queueArn: arn, body, source: bucket(source), senderId: SENDER });
    },
    delivered({ arn, source: { bucketArn } }, answer) {
      const outcome = isTopic(arn) ? topics.notified(arn, answer as Delivered | undefined) : typeof answer === "string" ? answer : "gone";
      meter.countDelivery("objects", outcome);
      if (outcome !== "delivered")
        log.warn("event not delivered", { [isTopic(arn) ? "topicArn" : "queueArn"]: arn, bucketArn, outcome, ...hintAt(outcome, arn, S3) });
    },
  };
}

function isTopic(arn: string): boolean {
  return arn.split(":", 3)[2] === "sns";
}

function bucket({ bucketArn, accountId }: EventSource): Source {
  return { service: S3, arn: bucketArn, accountId };
}

const S3 = "s3.amazonaws.com";

/** What receivers see as SenderId of an event. */
const SENDER = "AIDAOBJECTEVENTS";

/** What topics bring to queues, which `stores.ts` links, is counted and logged like events. */
export function deliveryReports({ log, meter }: Told): DeliveryReports {
  const countFailed = (topicArn: string, outcome: string, count: number) => {
    meter.countDelivery("topics", outcome, count);
    meter.countNotifications(topicArn, { failed: count, redriven: outcome === DEAD_LETTERED ? count : 0 });
  };
  return {
    delivered(topicArn, count) {
      meter.countDelivery("topics", "delivered", count);
      meter.countNotifications(topicArn, { delivered: count });
    },
    failed({ subscriptionArn, endpoint, reason, deadLetter }) {
      const isKept = deadLetter === "delivered";
      countFailed(subscriptionArn.slice(0, subscriptionArn.lastIndexOf(":")), isKept ? DEAD_LETTERED : reason, 1);
      log.warn(isKept ? "notification sent to its dead-letter queue" : "notification not delivered", {
        subscriptionArn,
        endpoint,
        reason,
        ...(deadLetter === null ? {} : { deadLetter }),
        ...hintAt(reason, endpoint, "sns.amazonaws.com"),
      });
    },
    failedBesides(topicArn, failed) {
      for (const { reason, deadLetter, count } of failed) countFailed(topicArn, deadLetter === "delivered" ? DEAD_LETTERED : reason, count);
    },
  };
}

const DEAD_LETTERED = "dead-lettered";

/** What mends a refusal, for whoever reads the log. */
function hintAt(outcome: string, arn: string, service: string): { hint?: string } {
  if (outcome !== "denied") return {};
  return { hint: `its policy must allow ${isTopic(arn) ? "sns:Publish" : "sqs:SendMessage"} to ${service}` };
}
