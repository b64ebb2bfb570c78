import { envelope } from "./envelope.ts";
import type { MessageAttribute } from "./message-attributes.ts";
import { textToSign, type SignatureVersion, type SignedFields } from "./signature.ts";

/** A message on its way to an HTTP endpoint. It waits unsigned and is signed when it is sent, each time the same. */
export interface Outgoing {
  readonly type: "Notification" | "SubscriptionConfirmation" | "UnsubscribeConfirmation";
  readonly messageId: string;
  readonly topicArn: string;
  readonly subscriptionArn: string;
  readonly endpoint: string;
  /** What URLs in it begin with. */
  readonly baseUrl: string;
  readonly timestamp: string;
  readonly signatureVersion: SignatureVersion;
  readonly text: string;
  readonly subject: string | null;
  readonly attributes: readonly MessageAttribute[];
  readonly raw: boolean;
  /** Of confirmations. */
  readonly token: string | null;
  /** What counts against the limit of a dead-letter queue. */
  readonly sizeBytes: number;
  readonly traceHeader: string | null;
}

/** What makes one of the two confirmations. */
export interface Handshaken {
  readonly topicArn: string;
  readonly subscriptionArn: string;
  readonly endpoint: string;
  readonly baseUrl: string;
  readonly token: string;
  readonly messageId: string;
  readonly timestamp: string;
  readonly signatureVersion: SignatureVersion;
}

export function subscriptionConfirmation(of: Handshaken): Outgoing {
  const text = `You have chosen to subscribe to the topic ${of.topicArn}.\nTo confirm the subscription, visit the SubscribeURL included in this message.`;
  return confirmation("SubscriptionConfirmation", of, text);
}

export function unsubscribeConfirmation(of: Handshaken): Outgoing {
  const text = `You have chosen to deactivate subscription ${of.subscriptionArn}.\nTo cancel this operation and restore the subscription, visit the SubscribeURL included in this message.`;
  return confirmation("UnsubscribeConfirmation", of, text);
}

function confirmation(type: Outgoing["type"], of: Handshaken, text: string): Outgoing {
  return { ...of, type, text, subject: null, attributes: [], raw: false, sizeBytes: Buffer.byteLength(text), traceHeader: null };
}

/** What is signed of it; undefined: nothing, since it goes out as it was published. */
export function signedTextOf(outgoing: Outgoing): string | undefined {
  return outgoing.raw ? undefined : textToSign(fieldsOf(outgoing));
}

function fieldsOf(outgoing: Outgoing): SignedFields {
  const { type, messageId, topicArn, text, subject, timestamp, token } = outgoing;
  const common = { Type: type, MessageId: messageId, TopicArn: topicArn, Message: text, Timestamp: timestamp };
  return token === null ? { ...common, Subject: subject ?? undefined } : { ...common, Token: token, SubscribeURL: subscribeUrl(outgoing) };
}

function subscribeUrl({ baseUrl, topicArn, token }: Outgoing): string {
  return `${baseUrl}/?Action=ConfirmSubscription&TopicArn=${topicArn}&Token=${token}`;
}

/** By which a subscriber ends its subscription. */
export function unsubscribeUrl({ baseUrl, subscriptionArn }: Pick<Outgoing, "baseUrl" | "subscriptionArn">): string {
  return `${baseUrl}/?Action=Unsubscribe&SubscriptionArn=${subscriptionArn}`;
}

/** The body that the endpoint gets. @param signed null: it is not signed. */
export function bodyOf(outgoing: Outgoing, signed: { readonly signature: string; readonly certificatePath: string } | null): string {
  const { baseUrl, messageId, topicArn, text, subject, timestamp, signatureVersion: version } = outgoing;
  if (outgoing.raw) return text;
  const signature = signed === null ? undefined : { version, value: signed.signature, certUrl: baseUrl + signed.certificatePath };
  if (outgoing.token === null)
    return envelope(
      {
        messageId,
        sequenceNumber: undefined,
        topicArn,
        subject: subject ?? undefined,
        message: text,
        timestamp,
        signature,
        attributes: outgoing.attributes,
      },
      unsubscribeUrl(outgoing),
    );
  return JSON.stringify({
    Type: outgoing.type,
    MessageId: messageId,
    Token: outgoing.token,
    TopicArn: topicArn,
    Message: text,
    SubscribeURL: subscribeUrl(outgoing),
    Timestamp: timestamp,
    SignatureVersion: signature?.version,
    Signature: signature?.value,
    SigningCertURL: signature?.certUrl,
  });
}

/** The headers of its request. @param contentType of notifications. */
export function headersOf(outgoing: Outgoing, contentType: string): Readonly<Record<string, string>> {
  const notification = outgoing.type === "Notification";
  return {
    "content-type": notification ? contentType : "text/plain; charset=UTF-8",
    "user-agent": "Amazon Simple Notification Service Agent",
    "x-amz-sns-message-type": outgoing.type,
    "x-amz-sns-message-id": outgoing.messageId,
    "x-amz-sns-topic-arn": outgoing.topicArn,
    ...(outgoing.type === "SubscriptionConfirmation" ? {} : { "x-amz-sns-subscription-arn": outgoing.subscriptionArn }),
    ...(outgoing.raw ? { "x-amz-sns-rawdelivery": "true" } : {}),
  };
}

/** What an endpoint's answer means: any other 4xx and a redirect will be the same the next time. */
export function verdictOn(status: number): "delivered" | "again" | "never" {
  if (status >= 200 && status < 300) return "delivered";
  return status >= 500 || status === 429 ? "again" : "never";
}
