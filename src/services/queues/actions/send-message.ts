import { action } from "../../../wire/api.ts";
import { integer, operation, optional, required, string, structure } from "../../../wire/shapes.ts";
import { messageTooLong } from "../rules/errors.ts";
import { queueFirst, queueOf, type Context } from "./context.ts";
import { newMessage } from "./new-message.ts";
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
    const { message, sent } = await queueFirst(context, queue, () => newMessage(input, call, context.random));
    const [result] = await context.store.send({ queue, messages: [message] });
    if (result?.sent === false) throw messageTooLong(result.tooLongBytes);
    return sent;
  });
