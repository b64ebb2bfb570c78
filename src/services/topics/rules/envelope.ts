import { isBinary, type MessageAttribute } from "./message-attributes.ts";

/** What subscribers are told of a message, unless they want it as it was published. */
export interface Notification {
  readonly messageId: string;
  /** Of FIFO topics. */
  readonly sequenceNumber: string | undefined;
  readonly topicArn: string;
  readonly subject: string | undefined;
  readonly message: string;
  readonly timestamp: string;
  /** Absent where messages are not signed. */
  readonly signature: { readonly version: string; readonly value: string; readonly certUrl: string } | undefined;
  readonly attributes: readonly MessageAttribute[];
}

/** The text that a subscriber gets of a message. */
export function envelope(notification: Notification, unsubscribeUrl: string): string {
  return envelopes(notification)(unsubscribeUrl);
}

/** The same for many subscribers: what they have in common is written once. @returns makes the text of one, by its URL to unsubscribe. */
export function envelopes({ signature, attributes, ...of }: Notification): (unsubscribeUrl: string) => string {
  const signed = signature && { SignatureVersion: signature.version, Signature: signature.value, SigningCertURL: signature.certUrl };
  const head = JSON.stringify({
    Type: "Notification",
    MessageId: of.messageId,
    SequenceNumber: of.sequenceNumber,
    TopicArn: of.topicArn,
    Subject: of.subject,
    Message: of.message,
    Timestamp: of.timestamp,
    ...signed,
  });
  const named = attributes.map((one) => [one.name, { Type: isBinary(one) ? "Binary" : one.dataType, Value: one.value }]);
  const tail = named.length === 0 ? "" : `,"MessageAttributes":${JSON.stringify(Object.fromEntries(named))}`;
  const open = head.slice(0, -1);
  return (unsubscribeUrl) => `${open},"UnsubscribeURL":${JSON.stringify(unsubscribeUrl)}${tail}}`;
}
