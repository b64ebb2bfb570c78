import {
  ChangeMessageVisibilityBatchCommand,
  DeleteMessageBatchCommand,
  GetQueueAttributesCommand,
  GetQueueUrlCommand,
  ReceiveMessageCommand,
  SendMessageBatchCommand,
  SQSClient,
  type Message,
  type MessageAttributeValue,
  type SendMessageBatchRequestEntry,
} from "@aws-sdk/client-sqs";
import { assert } from "../kernel/assert.ts";
import { entryFailure, type EntryResult } from "./rules/failure.ts";
import { isTopic, TRACE_ATTRIBUTE, type MessageAttribute, type MessageAttributes, type OutgoingMessage } from "./rules/outgoing.ts";
import { pollsMax } from "./rules/slots.ts";
import { receivedPlain, sentPlain, type BatchAnswer, type PlainQueues } from "./plain-queues.ts";
import type { ReceivedMessage, Sqs } from "./sqs.ts";

/**
 * A client from the environment: `AWS_ENDPOINT_URL`, region and credentials as for every AWS SDK. It has a connection
 * for every long poll that may be under way and as many again for everything else, so that no extension of a lease stands in line
 * behind a poll.
 */
export function clientFromEnvironment(concurrency: number): SQSClient {
  const agent = { keepAlive: true, maxSockets: 2 * pollsMax(concurrency) + 10 };
  return new SQSClient({ requestHandler: { httpAgent: agent, httpsAgent: agent } });
}

/** Sends to topics; given where there may be any. */
export type PublishBatch = (topicArn: string, messages: readonly OutgoingMessage[], signal: AbortSignal) => Promise<EntryResult[]>;

/** SQS through the AWS SDK. */
export function awsSqs(client: SQSClient, publish?: PublishBatch, plain?: PlainQueues): Sqs {
  return {
    async queueUrl(name, abortSignal) {
      const { QueueUrl } = await client.send(new GetQueueUrlCommand({ QueueName: name }), { abortSignal });
      assert(QueueUrl !== undefined, `GetQueueUrl of ${name} was answered without a URL`);
      return QueueUrl;
    },
    async topicArn(name, QueueUrl, abortSignal) {
      const { Attributes } = await client.send(new GetQueueAttributesCommand({ QueueUrl, AttributeNames: ["QueueArn"] }), { abortSignal });
      const arn = Attributes?.["QueueArn"];
      assert(arn !== undefined, `GetQueueAttributes of ${QueueUrl} was answered without an ARN`);
      return arn.replace(/^(arn:[^:]+):sqs:(.*):[^:]+$/, `$1:sns:$2:${name}`);
    },
    async receive({ queueUrl, count, waitSeconds, leaseSeconds, signal }) {
      const input = {
        QueueUrl: queueUrl,
        MaxNumberOfMessages: count,
        WaitTimeSeconds: waitSeconds,
        VisibilityTimeout: leaseSeconds,
        MessageAttributeNames: ["All"],
        MessageSystemAttributeNames: ["All" as const],
      };
      const answer = await plain?.call("ReceiveMessage", input, signal);
      if (answer !== undefined) return receivedPlain(answer).map(received);
      const { Messages = [] } = await client.send(new ReceiveMessageCommand(input), { abortSignal: signal });
      return Messages.map(received);
    },
    async deleteBatch(queueUrl, receiptHandles, abortSignal) {
      const Entries = receiptHandles.map((ReceiptHandle, index) => ({ Id: String(index), ReceiptHandle }));
      const input = { QueueUrl: queueUrl, Entries };
      const answer =
        (await plain?.call<BatchAnswer>("DeleteMessageBatch", input, abortSignal)) ??
        (await client.send(new DeleteMessageBatchCommand(input), { abortSignal }));
      return results(Entries.length, answer);
    },
    async changeVisibilityBatch(queueUrl, entries, abortSignal) {
      const Entries = entries.map((entry, index) => ({
        Id: String(index),
        ReceiptHandle: entry.receiptHandle,
        VisibilityTimeout: entry.visibilitySeconds,
      }));
      const input = { QueueUrl: queueUrl, Entries };
      const answer =
        (await plain?.call<BatchAnswer>("ChangeMessageVisibilityBatch", input, abortSignal)) ??
        (await client.send(new ChangeMessageVisibilityBatchCommand(input), { abortSignal }));
      return results(Entries.length, answer);
    },
    async sendBatch(target, messages, abortSignal) {
      if (isTopic(target)) {
        assert(publish !== undefined, `${target} is a topic; consume sends to queues, definePipeline to topics as well`);
        return await publish(target, messages, abortSignal);
      }
      const Entries = messages.map((message, index) => sendEntry(message, String(index)));
      const input = { QueueUrl: target, Entries };
      const sent = await plain?.call<BatchAnswer>("SendMessageBatch", input, abortSignal);
      if (sent !== undefined) return results(Entries.length, sentPlain(Entries, sent));
      return results(Entries.length, await client.send(new SendMessageBatchCommand(input), { abortSignal }));
    },
  };
}

/** An entry that an answer names neither as done nor as failed was not done. */
function results(count: number, answer: BatchAnswer): EntryResult[] {
  const unanswered: EntryResult = {
    ok: false,
    failure: { kind: "server", code: "NoResult", message: "the answer does not mention this entry" },
  };
  const all: EntryResult[] = Array.from({ length: count }, () => unanswered);
  for (const { Id } of answer.Successful ?? []) all[Number(Id)] = { ok: true };
  for (const { Id, Code = "Unknown", Message = "", SenderFault = false } of answer.Failed ?? []) {
    all[Number(Id)] = { ok: false, failure: entryFailure({ code: Code, message: Message, senderFault: SenderFault }) };
  }
  return all;
}

function received(message: Message): ReceivedMessage {
  const { MessageId, ReceiptHandle, Body = "", Attributes: system = {}, MessageAttributes = {} } = message;
  const attributes = attributesOf(MessageAttributes);
  const trace = attributes[TRACE_ATTRIBUTE]?.value;
  assert(MessageId !== undefined && ReceiptHandle !== undefined, "a message was received without its id or receipt handle");
  return {
    messageId: MessageId,
    receiptHandle: ReceiptHandle,
    body: Body,
    receiveCount: Number(system["ApproximateReceiveCount"] ?? 1),
    sentMs: system["SentTimestamp"] === undefined ? undefined : Number(system["SentTimestamp"]),
    attributes,
    groupId: system["MessageGroupId"],
    traceHeader: system["AWSTraceHeader"] ?? (typeof trace === "string" ? trace : undefined),
    system,
  };
}

function attributesOf(values: Record<string, MessageAttributeValue>): MessageAttributes {
  const attributes: Record<string, MessageAttribute> = {};
  for (const [name, { DataType: type = "String", StringValue, BinaryValue }] of Object.entries(values)) {
    attributes[name] = { type, value: BinaryValue ?? StringValue ?? "" };
  }
  return attributes;
}

function sendEntry(message: OutgoingMessage, Id: string): SendMessageBatchRequestEntry {
  const values = Object.entries(message.attributes).map(([name, { type, value }]): [string, MessageAttributeValue] => [
    name,
    typeof value === "string" ? { DataType: type, StringValue: value } : { DataType: type, BinaryValue: value },
  ]);
  const entry: SendMessageBatchRequestEntry = { Id, MessageBody: message.body };
  if (values.length > 0) entry.MessageAttributes = Object.fromEntries(values);
  if (message.delaySeconds !== undefined) entry.DelaySeconds = message.delaySeconds;
  if (message.groupId !== undefined) entry.MessageGroupId = message.groupId;
  if (message.deduplicationId !== undefined) entry.MessageDeduplicationId = message.deduplicationId;
  if (message.traceHeader !== undefined) {
    entry.MessageSystemAttributes = { AWSTraceHeader: { DataType: "String", StringValue: message.traceHeader } };
  }
  return entry;
}
