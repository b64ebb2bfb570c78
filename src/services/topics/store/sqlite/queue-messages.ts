import type { QueueMessage } from "../../needs.ts";
import { deliveryId } from "../../rules/delivery-id.ts";
import { envelopes } from "../../rules/envelope.ts";
import { sequenceNumber } from "../../rules/fifo.ts";
import { unsubscribeUrl } from "../../rules/outgoing.ts";
import { topicArn } from "../../rules/topic-arn.ts";
import type { NewPublication } from "../store.ts";
import type { Subscription } from "./subscriptions.ts";
import type { Topic } from "./topic-table.ts";

const NO_ATTRIBUTES: QueueMessage["attributes"] = [];

/** One message in the form in which each queue of a topic gets it. A topic has many: what they have in common is made once. */
export class QueueMessages {
  readonly #topic: Topic;
  readonly #message: NewPublication;
  readonly #sequence: number | null;
  readonly #text: string;
  readonly #common: Omit<QueueMessage, "queueArn" | "id" | "body" | "attributes">;
  /** By what the URLs in them begin with. */
  readonly #envelopes = new Map<string, (unsubscribeUrl: string) => string>();

  /** @param sequence its place in the order of a FIFO topic. */
  constructor(topic: Topic, message: NewPublication, sequence: number | null) {
    const { sizeBytes, traceHeader, groupId, deduplication, texts } = message;
    this.#topic = topic;
    this.#message = message;
    this.#sequence = sequence;
    this.#text = texts.sqs ?? texts.default;
    const source = { topicArn: topicArn(topic.ref), accountId: topic.ref.account };
    this.#common = { sizeBytes, traceHeader, groupId, deduplicationId: deduplication?.id ?? null, source };
  }

  /** What goes to the queue of a subscription, and to its dead-letter queue instead. */
  of(subscription: Subscription): Omit<QueueMessage, "queueArn"> {
    const { sizeBytes, traceHeader, groupId, deduplicationId, source } = this.#common;
    const { raw } = subscription.settings;
    const body = raw ? this.#text : this.#envelope(subscription);
    const attributes = raw ? this.#message.attributes : NO_ATTRIBUTES;
    const id = deliveryId(this.#message.id, subscription.id);
    return { id, body, sizeBytes, attributes, traceHeader, groupId, deduplicationId, source };
  }

  #envelope({ arn, baseUrl }: Subscription): string {
    let text = this.#envelopes.get(baseUrl);
    if (text === undefined) this.#envelopes.set(baseUrl, (text = this.#envelopesFrom(baseUrl)));
    return text(unsubscribeUrl({ baseUrl, subscriptionArn: arn }));
  }

  #envelopesFrom(baseUrl: string): (unsubscribeUrl: string) => string {
    const { id, subject, timestamp, attributes, signatures } = this.#message;
    const version = this.#topic.settings.signatureVersion;
    const signed = signatures.find((one) => one.version === version && one.text === this.#text);
    return envelopes({
      messageId: id,
      sequenceNumber: sequenceNumber(this.#sequence),
      topicArn: this.#common.source.topicArn,
      subject: subject ?? undefined,
      message: this.#text,
      timestamp,
      signature: signed && { version, value: signed.signature, certUrl: baseUrl + signed.certificatePath },
      attributes,
    });
  }
}
