import { canonicalTopicPolicy, shownTopicPolicy } from "./delivery-policy.ts";
import { invalidParameter } from "./errors.ts";
import { DISPLAY_NAME_CHARACTERS_MAX, MESSAGE_BYTES, MESSAGE_BYTES_HIGHEST, MESSAGE_BYTES_LOWEST } from "./limits.ts";
import { defaultPolicy, readPolicy } from "./topic-policy.ts";
import { topicArn, type TopicRef } from "./topic-arn.ts";

/** Attributes as strings, by their AWS names: those that were set, in canonical form. */
export type StoredAttributes = Readonly<Record<string, string>>;

/** Checks a value, and brings it into the form that is stored; an empty text removes the attribute. */
type Reader = (value: string, name: string) => string;

const FEEDBACK = ["Application", "Firehose", "HTTP", "Lambda", "SQS"].flatMap((endpoint): [string, Reader][] => [
  [`${endpoint}SuccessFeedbackRoleArn`, asGiven],
  [`${endpoint}FailureFeedbackRoleArn`, asGiven],
  [`${endpoint}SuccessFeedbackSampleRate`, readSampleRate],
]);

/** What can be set of any topic. Names of AWS that mean nothing here are kept and shown, so that tools find what they wrote. */
const ATTRIBUTES: ReadonlyMap<string, Reader> = new Map<string, Reader>([
  ["DisplayName", readDisplayName],
  ["Policy", readPolicy],
  ["DeliveryPolicy", readDelivery],
  ["SignatureVersion", oneOf("1", "2")],
  ["MaximumMessageSize", readMessageSize],
  ["KmsMasterKeyId", asGiven],
  ["TracingConfig", oneOf("PassThrough", "Active")],
  ...FEEDBACK,
]);

/** And of a FIFO topic alone. */
const FIFO_ATTRIBUTES: ReadonlyMap<string, Reader> = new Map<string, Reader>([
  ["ContentBasedDeduplication", readBoolean],
  ["FifoThroughputScope", oneOf("Topic", "MessageGroup")],
]);

/** An attribute as SetTopicAttributes has it. @throws {ServiceError} InvalidParameter */
export function canonicalAttribute(name: string, value: string, fifo: boolean): string {
  const read = ATTRIBUTES.get(name) ?? (fifo ? FIFO_ATTRIBUTES.get(name) : undefined);
  if (read === undefined) throw invalidParameter("AttributeName");
  return value === "" ? "" : read(value, name);
}

/** Those of CreateTopic; FifoTopic itself is said by the name. @throws {ServiceError} InvalidParameter */
export function canonicalAttributes(given: StoredAttributes, fifo: boolean): StoredAttributes {
  const named = Object.entries(given).filter(([name]) => name !== "FifoTopic");
  return Object.fromEntries(named.map(([name, value]) => [name, canonicalAttribute(name, value, fifo)]));
}

/** The attributes after one or some were set. */
export function mergeAttributes(existing: StoredAttributes, changes: StoredAttributes): StoredAttributes {
  return Object.fromEntries(Object.entries({ ...existing, ...changes }).filter(([, value]) => value !== ""));
}

/** Whether a topic that is there already has all that a CreateTopic asks for. */
export function hasAll(existing: StoredAttributes, given: StoredAttributes, topic: TopicRef): boolean {
  const shown: StoredAttributes = { DisplayName: "", Policy: defaultPolicy(topic), ...existing };
  return Object.entries(given).every(([name, value]) => (shown[name] ?? "") === value);
}

/** What a topic does by its attributes. */
export interface EffectiveAttributes {
  readonly contentBasedDeduplication: boolean;
  readonly deduplicatesPerGroup: boolean;
  readonly messageBytesMax: number;
  readonly signatureVersion: "1" | "2";
}

export function effective(attributes: StoredAttributes): EffectiveAttributes {
  const bytes = attributes["MaximumMessageSize"];
  return {
    contentBasedDeduplication: attributes["ContentBasedDeduplication"] === "true",
    deduplicatesPerGroup: attributes["FifoThroughputScope"] === "MessageGroup",
    messageBytesMax: bytes === undefined ? MESSAGE_BYTES : Number(bytes),
    signatureVersion: attributes["SignatureVersion"] === "2" ? "2" : "1",
  };
}

/** How many subscriptions a topic has in which state. */
export interface SubscriptionCounts {
  readonly confirmed: number;
  readonly pending: number;
  readonly deleted: number;
}

/** All that GetTopicAttributes shows. */
export function shownAttributes(
  topic: TopicRef,
  { attributes, counts, fifo }: { attributes: StoredAttributes; counts: SubscriptionCounts; fifo: boolean },
): Record<string, string> {
  const ofFifo = { FifoTopic: "true", ContentBasedDeduplication: "false", FifoThroughputScope: "Topic" };
  return {
    TopicArn: topicArn(topic),
    Owner: topic.account,
    DisplayName: "",
    Policy: defaultPolicy(topic),
    EffectiveDeliveryPolicy: shownTopicPolicy(attributes["DeliveryPolicy"]),
    ...(fifo ? ofFifo : {}),
    ...attributes,
    SubscriptionsConfirmed: String(counts.confirmed),
    SubscriptionsPending: String(counts.pending),
    SubscriptionsDeleted: String(counts.deleted),
  };
}

function asGiven(value: string): string {
  return value;
}

function readDisplayName(value: string, name: string): string {
  if (value.length > DISPLAY_NAME_CHARACTERS_MAX) throw invalidParameter(name);
  return value;
}

function readBoolean(value: string, name: string): string {
  const lower = value.toLowerCase();
  if (lower !== "true" && lower !== "false") throw invalidParameter(`${name} Reason: must be true or false`);
  return lower;
}

function oneOf(...values: readonly string[]): Reader {
  return (value, name) => {
    if (!values.includes(value)) throw invalidParameter(`${name} Reason: must be ${values.join(" or ")}`);
    return value;
  };
}

function readMessageSize(value: string, name: string): string {
  const bytes = /^\d{1,9}$/.test(value) ? Number(value) : 0;
  if (bytes >= MESSAGE_BYTES_LOWEST && bytes <= MESSAGE_BYTES_HIGHEST) return String(bytes);
  throw invalidParameter(`${name} Reason: must be between ${MESSAGE_BYTES_LOWEST} and ${MESSAGE_BYTES_HIGHEST}`);
}

function readSampleRate(value: string, name: string): string {
  if (/^(?:\d{1,2}|100)$/.test(value)) return value;
  throw invalidParameter(`${name} Reason: must be between 0 and 100`);
}

function readDelivery(value: string): string {
  return canonicalTopicPolicy(value, invalidParameter);
}
