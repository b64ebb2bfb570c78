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
  return envelopes(notification).of(unsubscribeUrl);
}

/** The texts that many subscribers get of a message. */
export interface Envelopes {
  /** All of a text but the URL. */
  readonly common: string;
  of(unsubscribeUrl: string): string;
}

/** The same for many subscribers: what they have in common is written once. */
export function envelopes(notification: Notification): Envelopes {
  const { signature, attributes, subject, sequenceNumber } = notification;
  const sequence = sequenceNumber === undefined ? "" : `,"SequenceNumber":${JSON.stringify(sequenceNumber)}`;
  const subjected = subject === undefined ? "" : `,"Subject":${JSON.stringify(subject)}`;
  const id = `"MessageId":${JSON.stringify(notification.messageId)}${sequence},"TopicArn":${JSON.stringify(notification.topicArn)}`;
  const text = `${subjected},"Message":${JSON.stringify(notification.message)},"Timestamp":${JSON.stringify(notification.timestamp)}`;
  const signed = signature === undefined ? "" : signedPart(signature);
  const named = attributes.map((one) => [one.name, { Type: isBinary(one) ? "Binary" : one.dataType, Value: one.value }]);
  const tail = named.length === 0 ? "" : `,"MessageAttributes":${JSON.stringify(Object.fromEntries(named))}`;
  const head = `{"Type":"Notification",${id}${text}${signed}`;
  return { common: head + tail, of: (unsubscribeUrl) => `${head},"UnsubscribeURL":${JSON.stringify(unsubscribeUrl)}${tail}}` };
}

function signedPart({ version, value, certUrl }: NonNullable<Notification["signature"]>): string {
  return `,"SignatureVersion":"${version}","Signature":${JSON.stringify(value)},"SigningCertURL":${JSON.stringify(certUrl)}`;
}
