import type { EnginePort } from "../../../../storage/sqlite/module.ts";
import type { QueueMessage, QueueTargets } from "../../needs.ts";
import { deliveryId } from "../../rules/delivery-id.ts";
import { FilterReaders } from "../../rules/filter-readers.ts";
import { checkPublications } from "../../rules/publication.ts";
import { isFifoQueueArn } from "../../rules/queue-arn.ts";
import { topicArn } from "../../rules/topic-arn.ts";
import type { Outgoing } from "../../rules/outgoing.ts";
import type {
  AcceptedPublication,
  DeliveryCounts,
  DeliveryOutcome,
  Settled,
  FailedCount,
  FailedDelivery,
  NewPublication,
  PublishArgs,
  Published,
  Unsigned,
} from "../store.ts";
import type { Outbox } from "./outbox.ts";
import { QueueMessages } from "./queue-messages.ts";
import type { Publications } from "./publications.ts";
import type { Subscription, Subscriptions } from "./subscriptions.ts";
import type { Topic, TopicTable } from "./topic-table.ts";

/** Failed deliveries that are told one by one: a topic may have very many subscriptions. */
const FAILED_TOLD_MAX = 100;

/** What became of a message at an endpoint. */
const DELIVERED = "delivered";

interface Parts {
  readonly engine: EnginePort;
  readonly topics: TopicTable;
  readonly subscriptions: Subscriptions;
  readonly publications: Publications;
  readonly queues: QueueTargets;
  readonly outbox: Outbox;
}

/** From a topic to the endpoints of its subscriptions. */
export class Publishing {
  readonly #parts: Parts;
  readonly #readers = new FilterReaders();

  constructor(parts: Parts) {
    this.#parts = parts;
  }

  publish({ topic: ref, messages, batch }: PublishArgs): Published | Unsigned {
    const topic = this.#parts.topics.find(ref);
    checkPublications(messages, topic.settings, batch);
    const signedBy = this.#signedBy(topic);
    if (signedBy !== null && !messages.every((message) => isSigned(message, signedBy))) return { accepted: null, signedBy };
    const counts = new Counts();
    const accepted = messages.map((message) => this.#accept(topic, message, counts));
    return { accepted, signedBy, ...counts.told() };
  }

  /** A message of another service. FIFO topics take none: it has no group. */
  deliver(topic: Topic, message: NewPublication): DeliveryCounts {
    const counts = new Counts();
    this.#fanOut(topic, message, { counts, sequence: null });
    return counts.told();
  }

  /** Messages of FIFO topics are not signed, and those that go out as they came are not either. */
  #signedBy(topic: Topic): "1" | "2" | null {
    if (topic.fifo) return null;
    return this.#parts.subscriptions.confirmed(topic).some(({ settings, protocol }) => protocol === "sqs" && !settings.raw)
      ? topic.settings.signatureVersion
      : null;
  }

  #accept(topic: Topic, message: NewPublication, counts: Counts): AcceptedPublication {
    if (!topic.fifo) {
      this.#fanOut(topic, message, { counts, sequence: null });
      return { id: message.id, sequence: null };
    }
    const { topics, publications } = this.#parts;
    const found = publications.duplicateOf(topic, message, () => topics.nextSequence(topic));
    if (typeof found !== "number") return found;
    this.#fanOut(topic, message, { counts, sequence: found });
    return { id: message.id, sequence: found };
  }

  #fanOut(topic: Topic, message: NewPublication, { counts, sequence }: { counts: Counts; sequence: number | null }): void {
    const { texts, attributes } = message;
    const readers = this.#readers;
    const toQueues = new QueueMessages(topic, message, sequence);
    for (const subscription of this.#parts.subscriptions.confirmed(topic)) {
      const { settings, protocol } = subscription;
      if (settings.filter?.matches({ body: texts[protocol] ?? texts.default, attributes, readers }) === false) continue;
      if (protocol === "sqs") counts.note(subscription, this.#toQueue(subscription, toQueues.of(subscription)));
      else {
        this.#parts.outbox.put(subscription.id, outgoing(topic, subscription, message));
        counts.noteWaiting();
      }
    }
    readers.forget();
  }

  /** Into the queue, or where that does not take it into the dead-letter queue, where there is one. */
  #toQueue({ endpoint, settings: { deadLetterQueue } }: Subscription, message: Omit<QueueMessage, "queueArn">): Outcome {
    const reason = this.#put(message, endpoint);
    if (reason === DELIVERED) return { reason, deadLetter: null };
    return { reason, deadLetter: deadLetterQueue === undefined ? null : this.#put(message, deadLetterQueue) };
  }

  /** What became of a message to an HTTP endpoint. */
  settle({ id, outcome }: { id: number; outcome: DeliveryOutcome }): Settled {
    const { outbox, subscriptions } = this.#parts;
    if (outcome.kind === "later") {
      outbox.later(id, outcome.delayMs);
      return { deadLetter: null };
    }
    const removed = outbox.remove(id);
    if (outcome.kind === "delivered" || removed?.message.type !== "Notification") return { deadLetter: null };
    const deadLetterQueue = subscriptions.deadLetterQueueOf(removed.subscription);
    if (deadLetterQueue === undefined) return { deadLetter: null };
    return { deadLetter: this.#put({ ...deadLetter(removed.subscription, removed.message), body: outcome.body }, deadLetterQueue) };
  }

  #put(message: Omit<QueueMessage, "queueArn">, queueArn: string): string {
    const isOrdered = message.deduplicationId === null || isFifoQueueArn(queueArn);
    const fitted = isOrdered ? { ...message, queueArn } : { ...message, queueArn, deduplicationId: null, groupId: null };
    const call = this.#parts.queues.deliver(fitted);
    return call === undefined ? "unfit" : (this.#parts.engine.run(call) as string);
  }
}

function isSigned({ signatures, texts }: NewPublication, version: "1" | "2"): boolean {
  return Object.values(texts).every((text) => signatures.some((one) => one.version === version && one.text === text));
}

/** A message as it waits for an HTTP endpoint. */
function outgoing(topic: Topic, { arn, settings, protocol, endpoint, baseUrl }: Subscription, message: NewPublication): Outgoing {
  const { id, texts, subject, attributes, timestamp, sizeBytes, traceHeader } = message;
  return {
    type: "Notification",
    messageId: id,
    topicArn: topicArn(topic.ref),
    subscriptionArn: arn,
    endpoint,
    baseUrl,
    timestamp,
    signatureVersion: topic.settings.signatureVersion,
    text: texts[protocol] ?? texts.default,
    subject,
    attributes,
    raw: settings.raw,
    token: null,
    sizeBytes,
    traceHeader,
  };
}

/** The same for a dead-letter queue: raw messages keep their attributes. */
function deadLetter(subscription: string, { messageId, topicArn: arn, raw, attributes, sizeBytes, traceHeader }: Outgoing) {
  return {
    id: deliveryId(messageId, subscription),
    sizeBytes,
    traceHeader,
    groupId: null,
    deduplicationId: null,
    source: { topicArn: arn, accountId: arn.split(":")[4] ?? "" },
    attributes: raw ? attributes : [],
  };
}

/** What a queue has said, and what its dead-letter queue then has. */
interface Outcome {
  readonly reason: string;
  readonly deadLetter: string | null;
}

class Counts {
  #delivered = 0;
  readonly #failed: FailedDelivery[] = [];
  readonly #besides = new Map<string, FailedCount>();
  #waits = false;

  noteWaiting(): void {
    this.#waits = true;
  }

  note({ arn, endpoint }: Subscription, { reason, deadLetter }: Outcome): void {
    if (reason === DELIVERED) this.#delivered += 1;
    else if (this.#failed.length < FAILED_TOLD_MAX) this.#failed.push({ subscriptionArn: arn, endpoint, reason, deadLetter });
    else {
      const key = `${reason} ${deadLetter}`;
      this.#besides.set(key, { reason, deadLetter, count: (this.#besides.get(key)?.count ?? 0) + 1 });
    }
  }

  told(): DeliveryCounts {
    return {
      delivered: this.#delivered,
      failed: this.#failed,
      ...(this.#besides.size === 0 ? {} : { failedBesides: [...this.#besides.values()] }),
      ...(this.#waits ? { waits: true } : {}),
    };
  }
}
