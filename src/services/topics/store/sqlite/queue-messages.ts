import type { QueueMessage } from "../../needs.ts";
import { deliveryIdOf, idBytes, type IdBytes } from "../../rules/delivery-id.ts";
import { envelopes, type Envelopes } from "../../rules/envelope.ts";
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
  readonly #common: Omit<QueueMessage, "queueArn" | "id" | "body" | "parts" | "attributes">;
  /** By what the URLs in them begin with. */
  readonly #envelopes = new Map<string, Envelopes>();
  readonly #idBytes: IdBytes;

  /** @param sequence its place in the order of a FIFO topic. */
  constructor(topic: Topic, message: NewPublication, sequence: number | null) {
    const { sizeBytes, traceHeader, groupId, deduplication, texts } = message;
    this.#topic = topic;
    this.#message = message;
    this.#sequence = sequence;
    this.#idBytes = idBytes(message.id);
    this.#text = texts.sqs ?? texts.default;
    const source = { topicArn: topicArn(topic.ref), accountId: topic.ref.account };
    this.#common = { sizeBytes, traceHeader, groupId, deduplicationId: deduplication?.id ?? null, source };
  }

  /** What goes to the queue of a subscription, and to its dead-letter queue instead. */
  of({ arn, baseUrl, settings: { raw }, idBytes: own }: Subscription): Omit<QueueMessage, "queueArn"> {
    const id = deliveryIdOf(this.#idBytes, own);
    if (raw) return { ...this.#common, id, body: this.#text, attributes: this.#message.attributes };
    const envelope = this.#envelope(baseUrl);
    const url = unsubscribeUrl({ baseUrl, subscriptionArn: arn });
    return { ...this.#common, id, body: envelope.of(url), parts: [envelope.common, url], attributes: NO_ATTRIBUTES };
  }

  #envelope(baseUrl: string): Envelopes {
    const known = this.#envelopes.get(baseUrl);
    if (known !== undefined) return known;
    const made = this.#envelopesFrom(baseUrl);
    this.#envelopes.set(baseUrl, made);
    return made;
  }

  #envelopesFrom(baseUrl: string): Envelopes {
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
