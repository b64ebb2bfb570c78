import { PublishBatchCommand, type MessageAttributeValue, type PublishBatchRequestEntry, type SNSClient } from "@aws-sdk/client-sns";
import { entryFailure, type EntryResult } from "./rules/failure.ts";
import type { OutgoingMessage } from "./rules/outgoing.ts";

/** Publishes to a topic through the AWS SDK. Answers for every entry, in order; at most ten entries and 256 KiB. */
export async function publishBatch(
  client: SNSClient,
  batch: { readonly topicArn: string; readonly messages: readonly OutgoingMessage[] },
  abortSignal: AbortSignal,
): Promise<EntryResult[]> {
  const PublishBatchRequestEntries = batch.messages.map((message, index) => publishEntry(message, String(index)));
  const command = new PublishBatchCommand({ TopicArn: batch.topicArn, PublishBatchRequestEntries });
  const { Successful = [], Failed = [] } = await client.send(command, { abortSignal });
  const results: EntryResult[] = batch.messages.map(() => UNANSWERED);
  for (const { Id } of Successful) results[Number(Id)] = { ok: true };
  for (const { Id, Code = "Unknown", Message = "", SenderFault = false } of Failed)
    results[Number(Id)] = { ok: false, failure: entryFailure({ code: Code, message: Message, senderFault: SenderFault }) };
  return results;
}

const UNANSWERED: EntryResult = {
  ok: false,
  failure: { kind: "server", code: "NoResult", message: "the answer does not mention this entry" },
};

function publishEntry(message: OutgoingMessage, Id: string): PublishBatchRequestEntry {
  const values = Object.entries(message.attributes).map(([name, { type, value }]): [string, MessageAttributeValue] => [
    name,
    typeof value === "string" ? { DataType: type, StringValue: value } : { DataType: type, BinaryValue: value },
  ]);
  return {
    Id,
    Message: message.body,
    ...(values.length === 0 ? {} : { MessageAttributes: Object.fromEntries(values) }),
    ...(message.groupId === undefined ? {} : { MessageGroupId: message.groupId }),
    ...(message.deduplicationId === undefined ? {} : { MessageDeduplicationId: message.deduplicationId }),
  };
}
