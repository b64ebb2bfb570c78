import { ServiceError } from "../../../kernel/service-error.ts";
import { action } from "../../../wire/api.ts";
import { integer, list, operation, optional, required, string, structure } from "../../../wire/shapes.ts";
import { checkBatch, checkBatchBytes, failedEntry, type FailedEntry } from "../rules/batch.ts";
import { messageTooLongInBatch } from "../rules/errors.ts";
import { checkBatchGroups } from "../rules/fifo.ts";
import { isFifoQueueName } from "../rules/queue-name.ts";
import type { NewMessage } from "../store/store.ts";
import { queueFirst, queueOf, type Context } from "./context.ts";
import { acceptedMessage, newMessage, type SentMessage } from "./new-message.ts";
import { failedEntries, messageAttributes } from "./shapes.ts";

const entry = structure({
  Id: required(string),
  MessageBody: required(string),
  DelaySeconds: integer,
  MessageAttributes: optional(messageAttributes, { wireName: "MessageAttribute" }),
  MessageSystemAttributes: optional(messageAttributes, { wireName: "MessageSystemAttribute" }),
  MessageDeduplicationId: string,
  MessageGroupId: string,
});

const result = structure({
  Id: required(string),
  MessageId: required(string),
  MD5OfMessageBody: required(string),
  MD5OfMessageAttributes: string,
  MD5OfMessageSystemAttributes: string,
  SequenceNumber: string,
});

const sendMessageBatchOperation = operation("SendMessageBatch", {
  input: structure({
    QueueUrl: required(string),
    Entries: required(list(entry, { flattened: true }), { wireName: "SendMessageBatchRequestEntry" }),
  }),
  output: structure({
    Successful: required(list(result, { flattened: true }), { wireName: "SendMessageBatchResultEntry" }),
    Failed: required(failedEntries, { wireName: "BatchResultErrorEntry" }),
  }),
});

interface SentEntry extends SentMessage {
  readonly Id: string;
}

/** Puts up to ten messages into a queue, in their order. One that is refused does not keep the others out. */
export const sendMessageBatch = (context: Context) =>
  action(sendMessageBatchOperation, async ({ QueueUrl, Entries }, call) => {
    const queue = queueOf(QueueUrl, call);
    const sending = { call, random: context.random, fifo: isFifoQueueName(queue.name) };
    const failed: FailedEntry[] = [];
    const accepted: SentEntry[] = [];
    const messages: NewMessage[] = [];
    await queueFirst(context, queue, () => {
      checkBatch(Entries, "SendMessageBatchRequestEntry");
      if (sending.fifo) checkBatchGroups(Entries);
      let bytes = 0;
      for (const entry of Entries) {
        try {
          const { message, sent } = newMessage(entry, sending);
          messages.push(message);
          accepted.push({ Id: entry.Id, ...sent });
          bytes += message.sizeBytes;
        } catch (refusal) {
          if (!(refusal instanceof ServiceError)) throw refusal;
          failed.push(failedEntry(entry.Id, refusal));
        }
      }
      checkBatchBytes(bytes);
    });
    const results = await context.store.send({ queue, messages });
    const successful: SentEntry[] = [];
    for (const [index, entry] of accepted.entries()) {
      const result = results[index];
      if (result?.sent === false) failed.push(failedEntry(entry.Id, messageTooLongInBatch(result.tooLongBytes)));
      else successful.push(acceptedMessage(entry, result?.accepted));
    }
    return { Successful: successful, Failed: failed };
  });
