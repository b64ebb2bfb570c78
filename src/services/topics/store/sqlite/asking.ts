import type { EnginePort } from "../../../../storage/sqlite/module.ts";
import { deliveryId } from "../../rules/delivery-id.ts";
import { subscriptionConfirmation, unsubscribeConfirmation, type Handshaken } from "../../rules/outgoing.ts";
import { subscriptionArn, topicArn } from "../../rules/topic-arn.ts";
import type { Outbox } from "./outbox.ts";
import type { Asked, Handshake } from "./subscriptions.ts";
import type { TopicTable } from "./topic-table.ts";

interface Parts {
  readonly engine: EnginePort;
  readonly topics: TopicTable;
  readonly outbox: Outbox;
}

/** Puts the questions to endpoints into the outbox, in the transaction of what they are asked about. */
export class Asking implements Handshake {
  readonly #parts: Parts;

  constructor(parts: Parts) {
    this.#parts = parts;
  }

  confirm(asked: Asked): void {
    this.#parts.outbox.put(asked.subscription.id, subscriptionConfirmation(this.#handshaken(asked)));
  }

  ended(asked: Asked): void {
    this.#parts.outbox.put(asked.subscription.id, unsubscribeConfirmation(this.#handshaken(asked)));
  }

  #handshaken({ subscription, endpoint, baseUrl, token }: Asked): Handshaken {
    const { engine, topics } = this.#parts;
    return {
      topicArn: topicArn(subscription.topic),
      subscriptionArn: subscriptionArn(subscription),
      endpoint,
      baseUrl,
      token,
      messageId: deliveryId(token, subscription.id), // Each question has a token of its own.
      timestamp: new Date(engine.nowMs()).toISOString(),
      signatureVersion: topics.seek(subscription.topic)?.settings.signatureVersion ?? "1",
    };
  }
}
