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
  readonly unsubscribeUrl: string;
  readonly attributes: readonly MessageAttribute[];
}

/** The text that stands in a queue's message. */
export function envelope({ signature, attributes, ...of }: Notification): string {
  const signed = signature && { SignatureVersion: signature.version, Signature: signature.value, SigningCertURL: signature.certUrl };
  const named = attributes.map((one) => [one.name, { Type: isBinary(one) ? "Binary" : one.dataType, Value: one.value }]);
  return JSON.stringify({
    Type: "Notification",
    MessageId: of.messageId,
    SequenceNumber: of.sequenceNumber,
    TopicArn: of.topicArn,
    Subject: of.subject,
    Message: of.message,
    Timestamp: of.timestamp,
    ...signed,
    UnsubscribeURL: of.unsubscribeUrl,
    MessageAttributes: named.length === 0 ? undefined : Object.fromEntries(named),
  });
}
