import { hash } from "node:crypto";
import type { Random } from "../../../kernel/random.ts";
import type { Call } from "../../../wire/api.ts";
import { checkBody, checkGroupId, messageDelayMs, refuseFifoParameter, textBytes } from "../rules/message.ts";
import {
  attributesBytes,
  attributesMd5,
  attributesToJson,
  readMessageAttributes,
  type AttributeInput,
} from "../rules/message-attributes.ts";
import { readSystemAttributes } from "../rules/system-attributes.ts";
import type { NewMessage } from "../store/store.ts";

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
}

/**
 * The message that a request describes, and what its sender is told once it is stored.
 * @throws {ServiceError} what is wrong with it.
 */
export function newMessage(input: MessageInput, call: Call, random: Random): { readonly message: NewMessage; readonly sent: SentMessage } {
  const { MessageBody: body, MessageGroupId: groupId } = input;
  checkBody(body);
  if (groupId !== undefined) checkGroupId(groupId);
  refuseFifoParameter("MessageDeduplicationId", input.MessageDeduplicationId);
  const delayMs = messageDelayMs(input.DelaySeconds);
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
