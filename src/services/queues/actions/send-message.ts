import { action } from "../../../wire/api.ts";
import { integer, operation, optional, required, string, structure } from "../../../wire/shapes.ts";
import { messageTooLong } from "../rules/errors.ts";
import { isFifoQueueName } from "../rules/queue-name.ts";
import { queueFirst, queueOf, type Context } from "./context.ts";
import { acceptedMessage, newMessage } from "./new-message.ts";
import { messageAttributes } from "./shapes.ts";

const sendMessageOperation = operation("SendMessage", {
  input: structure({
    QueueUrl: required(string),
    MessageBody: required(string),
    DelaySeconds: integer,
    MessageAttributes: optional(messageAttributes, { wireName: "MessageAttribute" }),
    MessageSystemAttributes: optional(messageAttributes, { wireName: "MessageSystemAttribute" }),
    MessageDeduplicationId: string,
    MessageGroupId: string,
  }),
  output: structure({
    MD5OfMessageBody: string,
    MD5OfMessageAttributes: string,
    MD5OfMessageSystemAttributes: string,
    MessageId: string,
    SequenceNumber: string,
  }),
});

/** Puts one message into a queue; answered when it is on stable storage. */
export const sendMessage = (context: Context) =>
  action(sendMessageOperation, async (input, call) => {
    const queue = queueOf(input.QueueUrl, call);
    const sending = { call, random: context.random, fifo: isFifoQueueName(queue.name) };
    const { message, sent } = await queueFirst(context, queue, () => newMessage(input, sending));
    const [result] = await context.store.send({ queue, messages: [message] });
    if (result?.sent === false) throw messageTooLong(result.tooLongBytes);
    return acceptedMessage(sent, result?.accepted);
  });
