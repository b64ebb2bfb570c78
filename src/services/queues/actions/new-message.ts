import { hash } from "node:crypto";
import type { Random } from "../../../kernel/random.ts";
import type { Call } from "../../../wire/api.ts";
import { readDeduplication, requiredGroupId, sequenceNumber } from "../rules/fifo.ts";
import { checkBody, checkGroupId, messageDelayMs, refuseFifoParameter, textBytes } from "../rules/message.ts";
import {
  attributesBytes,
  attributesMd5,
  attributesToJson,
  readMessageAttributes,
  type AttributeInput,
} from "../rules/message-attributes.ts";
import { readSystemAttributes } from "../rules/system-attributes.ts";
import type { AcceptedMessage, NewMessage } from "../store/store.ts";

/** What SendMessage and an entry of SendMessageBatch have in common. */
export interface MessageInput {
  readonly MessageBody: string;
  readonly DelaySeconds?: number | undefined;
  readonly MessageAttributes?: Readonly<Record<string, AttributeInput>> | undefined;
  readonly MessageSystemAttributes?: Readonly<Record<string, AttributeInput>> | undefined;
  readonly MessageDeduplicationId?: string | undefined;
  readonly MessageGroupId?: string | undefined;
}

/** What both answer of a message that was sent. */
export interface SentMessage {
  readonly MessageId: string;
  readonly MD5OfMessageBody: string;
  readonly MD5OfMessageAttributes: string | undefined;
  readonly MD5OfMessageSystemAttributes: string | undefined;
  readonly SequenceNumber?: string;
}

/** The same as a FIFO queue has accepted it: a duplicate is answered with the first message that it repeats. */
export function acceptedMessage<S extends SentMessage>(sent: S, accepted: AcceptedMessage | undefined): S {
  if (accepted === undefined) return sent;
  return { ...sent, MessageId: accepted.id, SequenceNumber: sequenceNumber(accepted.sequence) };
}

interface Sending {
  readonly call: Call;
  readonly random: Random;
  /** Whether the queue is a FIFO queue. */
  readonly fifo: boolean;
}

/**
 * The message that a request describes, and what its sender is told once it is stored.
 * @throws {ServiceError} what is wrong with it.
 */
export function newMessage(
  input: MessageInput,
  { call, random, fifo }: Sending,
): { readonly message: NewMessage; readonly sent: SentMessage } {
  const { MessageBody: body } = input;
  checkBody(body);
  const groupId = fifo ? requiredGroupId(input.MessageGroupId) : input.MessageGroupId;
  if (groupId !== undefined) checkGroupId(groupId);
  if (!fifo) refuseFifoParameter("MessageDeduplicationId", input.MessageDeduplicationId);
  const deduplication = fifo ? { deduplication: readDeduplication(input.MessageDeduplicationId, body) } : {};
  const delayMs = messageDelayMs(input.DelaySeconds, fifo);
  const attributes = readMessageAttributes(input.MessageAttributes);
  const system = readSystemAttributes(input.MessageSystemAttributes, call.headers["x-amzn-trace-id"]);
  const id = random.uuid();
  const bodyMd5 = hash("md5", body);
  return {
    message: {
      id,
      body,
      bodyMd5,
      attributes: attributesToJson(attributes),
      traceHeader: system.traceHeader,
      groupId: groupId ?? null,
      ...deduplication,
      delayMs,
      sizeBytes: textBytes(body) + attributesBytes(attributes),
      senderId: call.principal.uniqueId,
    },
    sent: {
      MessageId: id,
      MD5OfMessageBody: bodyMd5,
      MD5OfMessageAttributes: attributes.length > 0 ? attributesMd5(attributes) : undefined,
      MD5OfMessageSystemAttributes: system.md5,
    },
  };
}
