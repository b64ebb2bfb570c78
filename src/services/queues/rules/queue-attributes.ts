import { parsePolicy } from "../../../access/document.ts";
import { SECOND_MS } from "../../../kernel/units.ts";
import { invalidAttributeName, invalidAttributeValue, invalidAttributeValueBecause, invalidParameter, unknownAttribute } from "./errors.ts";
import {
  DELAY_SECONDS_MAX,
  MESSAGE_BYTES_MAX,
  MESSAGE_BYTES_MIN,
  RETENTION_SECONDS_MAX,
  RETENTION_SECONDS_MIN,
  VISIBILITY_SECONDS_MAX,
  WAIT_SECONDS_MAX,
} from "./limits.ts";
import { QUEUE_POLICIES } from "./policy.ts";
import { canonicalRedriveAllowPolicy } from "./redrive-allow-policy.ts";
import { canonicalRedrivePolicy, readRedrivePolicy, type RedrivePolicy } from "./redrive-policy.ts";

/** Attributes as strings, by their AWS names: those that were set; defaults are not filled in. */
type Attributes = Readonly<Record<string, string>>;

/** A function brings a value of its own form into canonical form, or refuses it. */
type Kind =
  | { readonly min: number; readonly max: number; readonly initial: string }
  | { readonly values: readonly string[]; readonly initial: string }
  | ((given: string) => string)
  | "boolean"
  | "text"
  | "policy"
  | "type";

/** What can be set on every queue. */
const SETTABLE: ReadonlyMap<string, Kind> = new Map<string, Kind>([
  ["DelaySeconds", { min: 0, max: DELAY_SECONDS_MAX, initial: "0" }],
  ["MaximumMessageSize", { min: MESSAGE_BYTES_MIN, max: MESSAGE_BYTES_MAX, initial: String(MESSAGE_BYTES_MAX) }],
  ["MessageRetentionPeriod", { min: RETENTION_SECONDS_MIN, max: RETENTION_SECONDS_MAX, initial: "345600" }],
  ["ReceiveMessageWaitTimeSeconds", { min: 0, max: WAIT_SECONDS_MAX, initial: "0" }],
  ["VisibilityTimeout", { min: 0, max: VISIBILITY_SECONDS_MAX, initial: "30" }],
  ["KmsMasterKeyId", "text"],
  ["KmsDataKeyReusePeriodSeconds", { min: 60, max: 86_400, initial: "300" }],
  ["SqsManagedSseEnabled", "boolean"],
  ["Policy", "policy"],
  ["RedrivePolicy", canonicalRedrivePolicy],
  ["RedriveAllowPolicy", canonicalRedriveAllowPolicy],
]);

/** What can be set on FIFO queues alone. */
const SETTABLE_ON_FIFO: ReadonlyMap<string, Kind> = new Map<string, Kind>([
  ["FifoQueue", "type"],
  ["ContentBasedDeduplication", "boolean"],
  ["DeduplicationScope", { values: ["queue", "messageGroup"], initial: "queue" }],
  ["FifoThroughputLimit", { values: ["perQueue", "perMessageGroupId"], initial: "perQueue" }],
]);

/** What stands in for an attribute that was never set. Those that are missing here are empty. */
const DEFAULTS: Attributes = { SqsManagedSseEnabled: "true", ...initialValues(SETTABLE) };
const FIFO_DEFAULTS: Attributes = { ...DEFAULTS, ContentBasedDeduplication: "false", ...initialValues(SETTABLE_ON_FIFO) };

function initialValues(settable: ReadonlyMap<string, Kind>): Attributes {
  return Object.fromEntries([...settable].flatMap(([name, kind]) => (typeof kind === "object" ? [[name, kind.initial]] : [])));
}

/** What the service itself knows of a queue, and nobody can set. */
const READ_ONLY: readonly string[] = [
  "QueueArn",
  "CreatedTimestamp",
  "LastModifiedTimestamp",
  "ApproximateNumberOfMessages",
  "ApproximateNumberOfMessagesNotVisible",
  "ApproximateNumberOfMessagesDelayed",
];

/** Every name that the model of AWS has. */
const KNOWN: ReadonlySet<string> = new Set([...SETTABLE.keys(), ...SETTABLE_ON_FIFO.keys(), ...READ_ONLY]);

export function isQueueAttribute(name: string): boolean {
  return KNOWN.has(name);
}

/** Refused in words of their own on standard queues. */
const HIGH_THROUGHPUT: ReadonlySet<string> = new Set(["DeduplicationScope", "FifoThroughputLimit"]);

/** What a queue does by its attributes, defaults filled in. */
export interface EffectiveAttributes {
  readonly delayMs: number;
  readonly visibilityTimeoutMs: number;
  readonly retentionMs: number;
  readonly receiveWaitMs: number;
  readonly maximumMessageBytes: number;
  /** By SQS itself or by a KMS key: one of the two at most is on. */
  readonly encrypted: boolean;
  readonly fifo: boolean;
  readonly contentBasedDeduplication: boolean;
  /** Undefined: messages are delivered again and again until their retention ends. */
  readonly redrive: RedrivePolicy | undefined;
}

export function effective(attributes: Attributes): EffectiveAttributes {
  const number = (name: string) => Number(valueOf(attributes, name));
  return {
    delayMs: number("DelaySeconds") * SECOND_MS,
    visibilityTimeoutMs: number("VisibilityTimeout") * SECOND_MS,
    retentionMs: number("MessageRetentionPeriod") * SECOND_MS,
    receiveWaitMs: number("ReceiveMessageWaitTimeSeconds") * SECOND_MS,
    maximumMessageBytes: number("MaximumMessageSize"),
    encrypted: valueOf(attributes, "SqsManagedSseEnabled") === "true" || attributes["KmsMasterKeyId"] !== undefined,
    fifo: isFifo(attributes),
    contentBasedDeduplication: attributes["ContentBasedDeduplication"] === "true",
    redrive: readRedrivePolicy(attributes["RedrivePolicy"]),
  };
}

function isFifo(attributes: Attributes): boolean {
  return attributes["FifoQueue"] === "true";
}

/** Whether a queue that is created with these attributes deduplicates within each group; what is set later does not change it. */
export function deduplicatesPerGroup(attributes: Attributes): boolean {
  return attributes["DeduplicationScope"] === "messageGroup";
}

/** The value in force, as a string: that set, else the default; empty where there is neither. */
function valueOf(attributes: Attributes, name: string): string {
  return attributes[name] ?? (isFifo(attributes) ? FIFO_DEFAULTS : DEFAULTS)[name] ?? "";
}

/**
 * Why CreateQueue may not take an existing queue for the one that is asked for: the name of the first attribute that
 * is requested and differs from what is in force. What is not requested does not matter.
 */
export function differingAttribute(existing: Attributes, requested: Attributes): string | undefined {
  return Object.keys(requested).find((name) => requested[name] !== valueOf(existing, name));
}

/**
 * Attributes as a caller gives them, checked and in canonical form: `"True"` becomes `"true"`, `"007"` becomes `"7"`.
 * An empty string stays where it removes an attribute.
 * @param fifo whether they are those of a FIFO queue.
 * @throws {ServiceError} InvalidAttributeName, InvalidAttributeValue.
 */
export function canonicalAttributes(given: Attributes, fifo: boolean): Attributes {
  const canonical: Record<string, string> = {};
  for (const [name, value] of Object.entries(given)) canonical[name] = canonicalValue(name, value, fifo);
  return canonical;
}

function canonicalValue(name: string, value: string, fifo: boolean): string {
  const kind = SETTABLE.get(name) ?? (fifo ? SETTABLE_ON_FIFO.get(name) : undefined);
  if (kind === undefined) throw refusedName(name);
  if (kind === "text") return value;
  if (typeof kind === "function") return value === "" ? "" : kind(value);
  if (kind === "policy") {
    if (value !== "") parsePolicy(value, QUEUE_POLICIES); // Refuses what is not understood; the text itself is kept.
    return value;
  }
  if (kind === "boolean") {
    const lower = value.toLowerCase();
    if (lower !== "true" && lower !== "false") throw invalidAttributeValue(name);
    return lower;
  }
  if (kind === "type") return canonicalType(name, value);
  if ("values" in kind) {
    if (!kind.values.includes(value)) throw invalidAttributeValue(name);
    return value;
  }
  if (!/^\d{1,10}$/.test(value)) throw invalidAttributeValue(name);
  const number = Number(value);
  if (number < kind.min || number > kind.max) throw invalidAttributeValue(name);
  return String(number);
}

/** A FIFO queue stays one; saying so again changes nothing. */
function canonicalType(name: string, value: string): string {
  const lower = value.toLowerCase();
  if (lower === "false") throw invalidAttributeValueBecause(name, "Modifying queue type is not supported.");
  if (lower !== "true") throw invalidAttributeValue(name);
  return lower;
}

function refusedName(name: string): Error {
  if (!HIGH_THROUGHPUT.has(name)) return unknownAttribute(name);
  return invalidAttributeName(`You can specify the ${name} only when FifoQueue is set to true.`);
}

/**
 * The attributes of a queue after a change; also those of a new queue, as a change of none.
 * Both arguments are canonical. An empty string removes an attribute. A KMS key switches the encryption by SQS itself
 * off, and it stays off when the key is removed, as AWS has it.
 * @throws {ServiceError} InvalidAttributeName where both kinds of encryption are asked for; InvalidParameterValue for a
 * throughput limit that the scope of deduplication does not allow.
 */
export function mergeAttributes(existing: Attributes, changes: Attributes): Attributes {
  const merged: Record<string, string> = { ...existing };
  for (const [name, value] of Object.entries(changes)) {
    if (value === "") delete merged[name];
    else merged[name] = value;
  }
  if (merged["KmsMasterKeyId"] !== undefined) {
    if (changes["SqsManagedSseEnabled"] === "true") {
      throw invalidAttributeName(
        "You can use one type of server-side encryption (SSE) at one time. You can either enable KMS SSE or SQS SSE.",
      );
    }
    merged["SqsManagedSseEnabled"] = "false";
  } else if (changes["KmsMasterKeyId"] === "") {
    delete merged["KmsDataKeyReusePeriodSeconds"];
  }
  if (merged["FifoThroughputLimit"] === "perMessageGroupId" && merged["DeduplicationScope"] !== "messageGroup") {
    throw invalidParameter("The perMessageGroupId value is allowed only when the value for DeduplicationScope is messageGroup");
  }
  return merged;
}

/** What GetQueueAttributes shows beside what was set. Times in epoch milliseconds, numbers of messages. */
export interface QueueFacts {
  readonly arn: string;
  readonly attributes: Attributes;
  readonly createdMs: number;
  readonly modifiedMs: number;
  readonly visible: number;
  readonly inFlight: number;
  readonly delayed: number;
}

/** @throws {ServiceError} InvalidAttributeName */
export function checkAttributeNames(names: readonly string[]): void {
  const unknown = names.find((name) => name !== "All" && !isQueueAttribute(name));
  if (unknown !== undefined) throw unknownAttribute(unknown);
}

/** The attributes of a queue as GetQueueAttributes gives them: those asked for that apply. `All` asks for every one. */
export function shownAttributes(queue: QueueFacts, names: readonly string[]): Record<string, string> {
  const all = allAttributes(queue);
  const wanted = names.includes("All") ? Object.keys(all) : names;
  const shown: Record<string, string> = {};
  for (const name of wanted) if (all[name] !== undefined) shown[name] = all[name];
  return shown;
}

function allAttributes(queue: QueueFacts): Record<string, string> {
  const all: Record<string, string> = {
    QueueArn: queue.arn,
    CreatedTimestamp: epochSeconds(queue.createdMs),
    LastModifiedTimestamp: epochSeconds(queue.modifiedMs),
    ApproximateNumberOfMessages: String(queue.visible),
    ApproximateNumberOfMessagesNotVisible: String(queue.inFlight),
    ApproximateNumberOfMessagesDelayed: String(queue.delayed),
    ...(isFifo(queue.attributes) ? FIFO_DEFAULTS : DEFAULTS),
    ...queue.attributes,
  };
  // How long a data key is used again means nothing where there is no KMS key.
  if (all["KmsMasterKeyId"] === undefined) delete all["KmsDataKeyReusePeriodSeconds"];
  return all;
}

function epochSeconds(epochMs: number): string {
  return String(Math.floor(epochMs / SECOND_MS));
}
