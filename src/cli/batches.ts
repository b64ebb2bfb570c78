import type { MessageAttributeValue, SendMessageBatchRequestEntry } from "@aws-sdk/client-sqs";
import { CommandFailed } from "./failure.ts";
import type { Sqs } from "./sqs.ts";

/** What one request takes at most: entries, and bytes of them all. */
const ENTRIES_MAX = 10;
const BYTES_MAX = 1024 * 1024;

export type Outgoing = Omit<SendMessageBatchRequestEntry, "Id">;

export interface Sent {
  readonly messageId: string;
  readonly md5OfBody: string;
  /** Of a FIFO queue. */
  readonly sequenceNumber?: string;
}

/** Cuts messages into requests, in their order. */
export function inBatches<T extends Outgoing>(messages: readonly T[]): T[][] {
  const batches: T[][] = [];
  let bytes = Infinity;
  for (const message of messages) {
    const size = sizeOf(message);
    const last = batches.at(-1);
    if (last === undefined || last.length === ENTRIES_MAX || bytes + size > BYTES_MAX) {
      batches.push([message]);
      bytes = size;
    } else {
      last.push(message);
      bytes += size;
    }
  }
  return batches;
}

/** Body and attributes, as SQS counts them. */
export function sizeOf({ MessageBody = "", MessageAttributes = {} }: Outgoing): number {
  const attributes = Object.entries(MessageAttributes).map(
    ([name, { DataType = "", StringValue = "", BinaryValue }]) =>
      Buffer.byteLength(name + DataType) + (BinaryValue?.length ?? Buffer.byteLength(StringValue)),
  );
  return attributes.reduce((sum, bytes) => sum + bytes, Buffer.byteLength(MessageBody));
}

/** @returns what became of each message: what was sent, or why not. */
export async function sendBatch(
  { client, sdk }: Sqs,
  QueueUrl: string,
  messages: readonly Outgoing[],
): Promise<(Sent | { refused: string })[]> {
  const Entries = messages.map((message, index) => ({ ...message, Id: String(index) }));
  const { Successful = [], Failed = [] } = await client.send(new sdk.SendMessageBatchCommand({ QueueUrl, Entries }));
  return Entries.map(({ Id }) => {
    const sent = Successful.find((entry) => entry.Id === Id);
    const failed = Failed.find((entry) => entry.Id === Id);
    if (sent === undefined)
      return { refused: `${failed?.Code ?? "NoResult"}: ${failed?.Message ?? "the answer does not mention this message"}` };
    const { MessageId = "", MD5OfMessageBody = "", SequenceNumber } = sent;
    return {
      messageId: MessageId,
      md5OfBody: MD5OfMessageBody,
      ...(SequenceNumber === undefined ? {} : { sequenceNumber: SequenceNumber }),
    };
  });
}

/** @throws {CommandFailed} where a message could not be deleted, which then comes back. */
export async function deleteBatch({ client, sdk }: Sqs, QueueUrl: string, receiptHandles: readonly string[]): Promise<void> {
  if (receiptHandles.length === 0) return;
  const Entries = receiptHandles.map((ReceiptHandle, index) => ({ Id: String(index), ReceiptHandle }));
  const { Failed = [] } = await client.send(new sdk.DeleteMessageBatchCommand({ QueueUrl, Entries }));
  if (Failed.length > 0)
    throw new CommandFailed(
      `${Failed.length} of ${Entries.length} messages could not be deleted and will come back: ${Failed[0]?.Code} ${Failed[0]?.Message ?? ""}`,
    );
}

/** `name=value`, or `name:Number=5` for another type than String; bytes of a Binary are base64. @throws {CommandFailed} */
export function attributeOf(text: string): [name: string, value: MessageAttributeValue] {
  const { name, type = "String", value } = /^(?<name>[^=:]+)(?::(?<type>[^=]+))?=(?<value>[\s\S]*)$/.exec(text)?.groups ?? {};
  if (name === undefined || value === undefined) throw new CommandFailed(`An attribute is name=value or name:Number=5, not "${text}".`, 2);
  if (type.startsWith("Binary")) return [name, { DataType: type, BinaryValue: Buffer.from(value, "base64") }];
  return [name, { DataType: type, StringValue: value }];
}
