import { action } from "../../../wire/api.ts";
import { operation, optional, required, string, structure } from "../../../wire/shapes.ts";
import { invalidParameter, missingParameter } from "../rules/errors.ts";
import { sequenceNumber } from "../rules/fifo.ts";
import { readPublication } from "../rules/publication.ts";
import { isFifoTopicName } from "../rules/topic-name.ts";
import { topicFirst, topicOf, type Context } from "./context.ts";
import { published } from "./published.ts";
import { messageAttributes } from "./shapes.ts";

const publishOperation = operation("Publish", {
  input: structure({
    TopicArn: string,
    TargetArn: string,
    PhoneNumber: string,
    Message: required(string),
    Subject: string,
    MessageStructure: string,
    MessageAttributes: optional(messageAttributes),
    MessageDeduplicationId: string,
    MessageGroupId: string,
  }),
  output: structure({ MessageId: string, SequenceNumber: string }),
});

/** Publishes one message; answered when it is on stable storage for every subscription that wants it. */
export const publish = (context: Context) =>
  action(publishOperation, async (input, call) => {
    const { TopicArn, TargetArn, PhoneNumber } = input;
    const arn = TopicArn ?? TargetArn;
    if (PhoneNumber !== undefined) throw invalidParameter("PhoneNumber Reason: Millrace does not deliver over sms");
    if (arn === undefined) throw missingParameter("TopicArn or TargetArn");
    const topic = topicOf(arn, call, TopicArn === undefined ? "TargetArn" : "TopicArn");
    const options = { fifo: isFifoTopicName(topic.name), path: "messageAttributes" };
    const publication = await topicFirst(context, topic, () => readPublication(input, options));
    const [accepted] = await published(context, call, { topic, publications: [publication], batch: false });
    return { MessageId: accepted?.id, SequenceNumber: sequenceNumber(accepted?.sequence ?? null) };
  });
