import type { StoreCall } from "../../storage/storage.ts";
import type { MessageAttribute } from "./rules/message-attributes.ts";
import type { FailedCount, FailedDelivery } from "./store/store.ts";

/** What the topic service asks of others; `server/links.ts` and, where the stores are, `server/stores.ts` supply it. */

/** The queues that subscriptions deliver to. */
export interface QueueTargets {
  /**
   * The sending of a message as a store operation, for the topic store to run in the transaction of the publish. It answers
   * `delivered`, or why the queue has not taken the message.
   * @returns undefined where the ARN names nothing that could take it.
   */
  deliver(message: QueueMessage): StoreCall | undefined;
}

export interface QueueMessage {
  readonly queueArn: string;
  /** The id that it has in the queue. */
  readonly id: string;
  readonly body: string;
  /** Of a body that many queues get with small differences: the part that is the same, and the other; together all but punctuation. */
  readonly parts?: readonly [common: string, own: string] | undefined;
  /** What counts against the queue's limit: the message as it was published. */
  readonly sizeBytes: number;
  readonly attributes: readonly MessageAttribute[];
  readonly traceHeader: string | null;
  readonly groupId: string | null;
  /** For FIFO queues, and only for them. */
  readonly deduplicationId: string | null;
  readonly source: { readonly topicArn: string; readonly accountId: string };
}

/** Who counts what became of deliveries, and says aloud what failed. */
export interface DeliveryReports {
  /** So many messages of a topic were taken by their endpoints. */
  delivered(topicArn: string, count: number): void;
  failed(delivery: FailedDelivery): void;
  /** The same of those that are too many to be told one by one. */
  failedBesides(topicArn: string, failed: readonly FailedCount[]): void;
}
