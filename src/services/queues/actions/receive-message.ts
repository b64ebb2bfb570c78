import { action } from "../../../wire/api.ts";
import { integer, list, operation, optional, required, string, structure } from "../../../wire/shapes.ts";
import { readAttemptId } from "../rules/fifo.ts";
import { isFifoQueueName } from "../rules/queue-name.ts";
import { receiveMessagesMax, receiveWaitMs } from "../rules/receive.ts";
import { wantedSystemAttributes } from "../rules/system-attributes.ts";
import { receiveVisibilityMs } from "../rules/visibility.ts";
import { queueFirst, queueOf, type Context } from "./context.ts";
import { messageAttributes, names, queueAttributes } from "./shapes.ts";
import { shownMessage } from "./shown-message.ts";

const message = structure({
  MessageId: string,
  ReceiptHandle: string,
  MD5OfBody: string,
  Body: string,
  Attributes: optional(queueAttributes, { wireName: "Attribute" }),
  MD5OfMessageAttributes: string,
  MessageAttributes: optional(messageAttributes, { wireName: "MessageAttribute" }),
});

const receiveMessageOperation = operation("ReceiveMessage", {
  input: structure({
    QueueUrl: required(string),
    AttributeNames: optional(names, { wireName: "AttributeName" }),
    MessageSystemAttributeNames: optional(names, { wireName: "AttributeName" }),
    MessageAttributeNames: optional(names, { wireName: "MessageAttributeName" }),
    MaxNumberOfMessages: integer,
    VisibilityTimeout: integer,
    WaitTimeSeconds: integer,
    ReceiveRequestAttemptId: string,
  }),
  output: structure({ Messages: optional(list(message, { flattened: true }), { wireName: "Message", queryJsonName: "messages" }) }),
});

/** Hands out messages and hides them from others, waiting for the first one where it is asked to. */
export const receiveMessage = (context: Context) =>
  action(receiveMessageOperation, async (input, call) => {
    const queue = queueOf(input.QueueUrl, call);
    const { wanted, ...args } = await queueFirst(context, queue, () => ({
      attemptId: readAttemptId(input.ReceiveRequestAttemptId, isFifoQueueName(queue.name)),
      wanted: {
        system: wantedSystemAttributes(input.AttributeNames ?? [], input.MessageSystemAttributeNames ?? []),
        filters: input.MessageAttributeNames ?? [],
      },
      messagesMax: receiveMessagesMax(input.MaxNumberOfMessages),
      waitMs: receiveWaitMs(input.WaitTimeSeconds),
      visibilityMs: receiveVisibilityMs(input.VisibilityTimeout),
    }));
    call.forgetRequest?.();
    const messages = await context.store.receive({ queue, ...args }, call.signal);
    // Nobody is there to take them any more, and nobody else should wait for their timeout. With an attempt's id the caller
    // asks again, for just these messages.
    if (call.signal.aborted && messages.length > 0 && args.attemptId === undefined) {
      await context.store.undoReceive({ queue, receipts: messages.map(({ receipt }) => receipt) });
      return {};
    }
    return { Messages: messages.map((message) => shownMessage(message, wanted)) };
  });
