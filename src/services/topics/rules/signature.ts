/** 1: RSA PKCS#1 v1.5 over SHA-1, what AWS does unless a topic says otherwise; 2: over SHA-256. */
export type SignatureVersion = (typeof SIGNATURE_VERSIONS)[number];
export const SIGNATURE_VERSIONS = ["1", "2"] as const;

/** What of a message to subscribers is signed; attributes are not. */
export interface SignedFields {
  readonly Message: string;
  readonly MessageId: string;
  readonly Subject?: string | undefined;
  readonly SubscribeURL?: string | undefined;
  readonly Timestamp: string;
  readonly Token?: string | undefined;
  readonly TopicArn: string;
  readonly Type: string;
}

/** In their order. */
const NAMES = ["Message", "MessageId", "Subject", "SubscribeURL", "Timestamp", "Token", "TopicArn", "Type"] as const;

/**
 * The text that is signed: each field that is there by its name and value, a line each.
 * Source: "Verifying the signatures of Amazon SNS messages" in the developer guide.
 */
export function textToSign(fields: SignedFields): string {
  return NAMES.flatMap((name) => (fields[name] === undefined ? [] : [`${name}\n${fields[name]}\n`])).join("");
}
