import type { EntryResult } from "./rules/failure.ts";
import type { MessageAttributes, OutgoingMessage } from "./rules/outgoing.ts";

/** A message as it was received, once. */
export interface ReceivedMessage {
  /** Constant for the message's life. */
  readonly messageId: string;
  /** Of this receive; deletes and visibility changes name it. */
  readonly receiptHandle: string;
  readonly body: string;
  /** 1 at the first receive. */
  readonly receiveCount: number;
  /** Epoch milliseconds; `undefined` where the server does not say. */
  readonly sentMs: number | undefined;
  readonly attributes: MessageAttributes;
  readonly groupId: string | undefined;
  readonly traceHeader: string | undefined;
  /** All system attributes, as SQS names them. */
  readonly system: Readonly<Record<string, string>>;
}

export interface ReceiveRequest {
  readonly queueUrl: string;
  /** 1 to 10. */
  readonly count: number;
  readonly waitSeconds: number;
  readonly leaseSeconds: number;
  readonly signal: AbortSignal;
}

export interface VisibilityEntry {
  readonly receiptHandle: string;
  readonly visibilitySeconds: number;
}

/**
 * What a worker asks of SQS, and of SNS where an output is a topic. Each throws what the AWS SDK throws; the batches answer for every entry, in
 * the order of the entries, and take at most ten of them.
 */
export interface Sqs {
  /** The URL of a queue by its name (GetQueueUrl). */
  queueUrl(name: string, signal: AbortSignal): Promise<string>;
  /** The ARN of a topic of this name, of the account and region of this queue (GetQueueAttributes). */
  topicArn(name: string, queueUrl: string, signal: AbortSignal): Promise<string>;
  receive(request: ReceiveRequest): Promise<ReceivedMessage[]>;
  deleteBatch(queueUrl: string, receiptHandles: readonly string[], signal: AbortSignal): Promise<EntryResult[]>;
  changeVisibilityBatch(queueUrl: string, entries: readonly VisibilityEntry[], signal: AbortSignal): Promise<EntryResult[]>;
  /** @param target URL of a queue, or ARN of a topic (PublishBatch). */
  sendBatch(target: string, messages: readonly OutgoingMessage[], signal: AbortSignal): Promise<EntryResult[]>;
}
