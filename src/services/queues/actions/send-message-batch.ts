import { ServiceError } from "../../../kernel/service-error.ts";
import { action } from "../../../wire/api.ts";
import { integer, list, operation, optional, required, string, structure, type InputOf } from "../../../wire/shapes.ts";
import { checkBatch, checkBatchBytes, failedEntry, type FailedEntry } from "../rules/batch.ts";
import { messageTooLongInBatch } from "../rules/errors.ts";
import { checkBatchGroups } from "../rules/fifo.ts";
import { isFifoQueueName } from "../rules/queue-name.ts";
import { queueFirst, queueOf, type Context } from "./context.ts";
import { acceptedMessage, newMessage } from "./new-message.ts";
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

type Entry = InputOf<typeof sendMessageBatchOperation>["Entries"][number];

/** Puts up to ten messages into a queue, in their order. One that is refused does not keep the others out. */
export const sendMessageBatch = (context: Context) =>
  action(sendMessageBatchOperation, async ({ QueueUrl, Entries }, call) => {
    const queue = queueOf(QueueUrl, call);
    const sending = { call, random: context.random, fifo: isFifoQueueName(queue.name) };
    const failed: FailedEntry[] = [];
    const accept = (entry: Entry) => {
      try {
        return [{ id: entry.Id, ...newMessage(entry, sending) }];
      } catch (refusal) {
        if (!(refusal instanceof ServiceError)) throw refusal;
        failed.push(failedEntry(entry.Id, refusal));
        return [];
      }
    };
    const accepted = await queueFirst(context, queue, () => {
      checkBatch(Entries, "SendMessageBatchRequestEntry");
      if (sending.fifo) checkBatchGroups(Entries);
      const messages = Entries.flatMap(accept);
      checkBatchBytes(messages.reduce((bytes, { message }) => bytes + message.sizeBytes, 0));
      return messages;
    });
    const results = await context.store.send({ queue, messages: accepted.map(({ message }) => message) });
    const successful = accepted.flatMap(({ id, sent }, index) => {
      const result = results[index];
      if (result?.sent !== false) return [{ Id: id, ...acceptedMessage(sent, result?.accepted) }];
      failed.push(failedEntry(id, messageTooLongInBatch(result.tooLongBytes)));
      return [];
    });
    return { Successful: successful, Failed: failed };
  });
