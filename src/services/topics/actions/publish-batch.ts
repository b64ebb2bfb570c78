import { action } from "../../../wire/api.ts";
import { boolean, list, operation, optional, required, string, structure } from "../../../wire/shapes.ts";
import { checkBatch } from "../rules/batch.ts";
import { sequenceNumber } from "../rules/fifo.ts";
import { readPublication } from "../rules/publication.ts";
import { isFifoTopicName } from "../rules/topic-name.ts";
import { topicFirst, topicOf, type Context } from "./context.ts";
import { published } from "./published.ts";
import { messageAttributes } from "./shapes.ts";

const entry = structure({
  Id: required(string),
  Message: required(string),
  Subject: string,
  MessageStructure: string,
  MessageAttributes: optional(messageAttributes),
  MessageDeduplicationId: string,
  MessageGroupId: string,
});

const publishBatchOperation = operation("PublishBatch", {
  input: structure({ TopicArn: required(string), PublishBatchRequestEntries: required(list(entry)) }),
  output: structure({
    Successful: list(structure({ Id: string, MessageId: string, SequenceNumber: string })),
    Failed: list(structure({ Id: required(string), Code: required(string), Message: string, SenderFault: required(boolean) })),
  }),
});

/** Publishes up to ten messages, in their order, all of them or none. */
export const publishBatch = (context: Context) =>
  action(publishBatchOperation, async ({ TopicArn, PublishBatchRequestEntries: entries }, call) => {
    const topic = topicOf(TopicArn, call);
    const fifo = isFifoTopicName(topic.name);
    const publications = await topicFirst(context, topic, () => {
      checkBatch(entries.map(({ Id }) => Id));
      return entries.map((one, index) =>
        readPublication(one, { fifo, path: `publishBatchRequestEntries.${index + 1}.member.messageAttributes` }),
      );
    });
    const accepted = await published(context, call, { topic, publications, batch: true });
    return {
      Successful: accepted.map(({ id, sequence }, index) => ({
        Id: entries[index]?.Id,
        MessageId: id,
        SequenceNumber: sequenceNumber(sequence),
      })),
      Failed: [],
    };
  });
