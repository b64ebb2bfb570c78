import { attributesFromJson } from "../rules/message-attributes.ts";
import { encodeCursor, type PeekRequest } from "../rules/peek-request.ts";
import type { MessageContent, PeekPage, TailPage } from "../store/store.ts";

/** A page of messages as `/_millrace/queues/<account>/<name>/messages` shows it. */
export function shownPeek({ messages, scanned, next, inQueue, quarantined }: PeekPage, { cursor }: PeekRequest) {
  const scannedInAll = cursor.scannedBefore + scanned;
  return {
    messages: messages.map(shownMessage),
    scanned,
    scannedInAll,
    inQueue,
    quarantined,
    cursor: next === undefined ? null : encodeCursor(next, scannedInAll),
  };
}

/** What came to a queue as `/_millrace/queues/<account>/<name>/tail` shows it. */
export function shownTail({ messages, end, missed }: TailPage) {
  return { messages: messages.map(shownMessage), end, missed };
}

/** Names are those of the store; bytes of an attribute are base64, as in the AWS protocols. */
function shownMessage({ id, attributes, ...message }: Pick<MessageContent, "id" | "attributes">) {
  const shown = attributesFromJson(attributes).map(({ name, dataType, value }) => {
    const text = typeof value === "string" ? value : Buffer.from(value).toString("base64");
    return [name, { dataType, value: text }] as const;
  });
  return { messageId: id, ...message, attributes: Object.fromEntries(shown) };
}
