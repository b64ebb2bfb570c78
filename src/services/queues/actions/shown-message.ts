import { selectAttributes } from "../rules/attribute-filter.ts";
import { attributesFromJson, attributesMd5, type MessageAttribute } from "../rules/message-attributes.ts";
import { encodeReceipt } from "../rules/receipt.ts";
import { systemAttributes } from "../rules/system-attributes.ts";
import type { ReceivedMessage } from "../store/store.ts";

/** What a receive asked to see beside the body. */
export interface Wanted {
  readonly system: readonly string[];
  readonly filters: readonly string[];
}

/** A message as ReceiveMessage answers it. The digest covers the attributes that are shown, not all. */
export function shownMessage(message: ReceivedMessage, { system, filters }: Wanted) {
  const attributes = filters.length === 0 ? [] : selectAttributes(attributesFromJson(message.attributes), filters);
  return {
    MessageId: message.id,
    ReceiptHandle: encodeReceipt(message.receipt),
    MD5OfBody: message.bodyMd5,
    Body: message.body,
    Attributes: systemAttributes(message, system),
    MD5OfMessageAttributes: attributes.length > 0 ? attributesMd5(attributes) : undefined,
    MessageAttributes: attributes.length > 0 ? Object.fromEntries(attributes.map(shownAttribute)) : undefined,
  };
}

export function shownAttribute({ name, dataType, value }: MessageAttribute) {
  return [name, { DataType: dataType, ...(typeof value === "string" ? { StringValue: value } : { BinaryValue: value }) }] as const;
}
