import { isDeepStrictEqual } from "node:util";
import type { ServiceError } from "../../../kernel/service-error.ts";
import { checkSubscriptionPolicy, effectivePolicy, shownEffectivePolicy, shownSubscriptionPolicy } from "./delivery-policy.ts";
import type { Protocol } from "./endpoint.ts";
import { invalidParameter } from "./errors.ts";
import { parseFilterPolicy, type FilterPolicy } from "./filter-policy.ts";
import { isFifoQueueArn, isQueueArn } from "./queue-arn.ts";
import type { StoredAttributes } from "./topic-attributes.ts";

/** What a subscription is, for what its attributes may be. */
export interface SubscriptionKind {
  readonly fifo: boolean;
  readonly protocol: Protocol;
  readonly endpoint: string;
}

/** Words a refusal: Subscribe says of attributes that they are attributes, SetSubscriptionAttributes does not. */
export type Told = (reason: string) => ServiceError;

export const toldBySubscribe: Told = (reason) => invalidParameter(`Attributes Reason: ${reason}`);
export const toldBySet: Told = (reason) => invalidParameter(reason);

type Reader = (value: string, of: { kind: SubscriptionKind; told: Told }) => string;

const ATTRIBUTES: ReadonlyMap<string, Reader> = new Map<string, Reader>([
  ["RawMessageDelivery", readRaw],
  ["FilterPolicy", (value) => value],
  ["FilterPolicyScope", readScope],
  ["RedrivePolicy", readRedrive],
  ["DeliveryPolicy", readDelivery],
]);

/**
 * An attribute as a caller sets it, in the form that is stored; an empty text removes it.
 * @throws {ServiceError} InvalidParameter
 */
export function canonicalAttribute(name: string, value: string, of: { kind: SubscriptionKind; told: Told }): string {
  const read = ATTRIBUTES.get(name);
  if (read === undefined) throw of.told("AttributeName");
  return value === "" ? "" : read(value, of);
}

/** @throws {ServiceError} InvalidParameter */
export function canonicalAttributes(given: StoredAttributes, of: { kind: SubscriptionKind; told: Told }): StoredAttributes {
  return Object.fromEntries(Object.entries(given).map(([name, value]) => [name, canonicalAttribute(name, value, of)]));
}

/**
 * Whether a subscription can have these together: a filter policy is read by its scope, whichever of the two was set last.
 * @throws {ServiceError} InvalidParameter
 */
export function checkFilter(attributes: StoredAttributes, told: Told): void {
  readFilter(attributes, told);
}

function readFilter({ FilterPolicy: policy = "", FilterPolicyScope: scope }: StoredAttributes, told: Told): FilterPolicy | undefined {
  if (policy === "") return undefined;
  return parseFilterPolicy(policy, { scope: scope === "MessageBody" ? scope : "MessageAttributes", refuse: told });
}

const DEFAULTS: StoredAttributes = { RawMessageDelivery: "false", FilterPolicyScope: "MessageAttributes" };

/** Whether a subscription that is there already has all that a Subscribe asks for. */
export function hasAll(existing: StoredAttributes, given: StoredAttributes): boolean {
  const shown: StoredAttributes = { ...DEFAULTS, ...existing };
  return Object.entries(given).every(([name, value]) => isSame(shown[name] ?? "", value));
}

/** JSON is the same whatever its spaces are. */
function isSame(one: string, other: string): boolean {
  if (one === other) return true;
  return one.startsWith("{") && other.startsWith("{") && isDeepStrictEqual(JSON.parse(one), JSON.parse(other));
}

/** What a subscription does by its attributes. */
export interface EffectiveAttributes {
  readonly raw: boolean;
  /** ARN of the queue where goes what cannot be delivered. */
  readonly deadLetterQueue: string | undefined;
  /** Which messages it gets; none: all. */
  readonly filter: FilterPolicy | undefined;
}

export function effective(attributes: StoredAttributes): EffectiveAttributes {
  const redrive = attributes["RedrivePolicy"];
  return {
    raw: attributes["RawMessageDelivery"] === "true",
    deadLetterQueue: redrive === undefined ? undefined : (JSON.parse(redrive) as { deadLetterTargetArn: string }).deadLetterTargetArn,
    filter: readFilter(attributes, toldBySet),
  };
}

/** What GetSubscriptionAttributes shows of them: the scope stands beside a policy alone. */
export function shownAttributes(attributes: StoredAttributes, topicDeliveryPolicy: string | null): Record<string, string> {
  const { FilterPolicyScope: scope = "MessageAttributes", DeliveryPolicy: delivery, ...others } = attributes;
  const filtered = others["FilterPolicy"] === undefined ? {} : { FilterPolicyScope: scope };
  return { RawMessageDelivery: "false", ...others, ...filtered, ...shownDelivery(delivery, topicDeliveryPolicy) };
}

function shownDelivery(policy: string | undefined, ofTopic: string | null): Record<string, string> {
  if (policy === undefined) return {};
  const effective = effectivePolicy(policy, ofTopic ?? undefined);
  return { DeliveryPolicy: shownSubscriptionPolicy(policy), EffectiveDeliveryPolicy: shownEffectivePolicy(effective) };
}

function readDelivery(value: string, { kind, told }: { kind: SubscriptionKind; told: Told }): string {
  if (kind.protocol === "sqs") throw told("DeliveryPolicy: only subscriptions of HTTP endpoints have one");
  checkSubscriptionPolicy(value, told);
  return value;
}

function readRaw(value: string, { told }: { told: Told }): string {
  const lower = value.toLowerCase();
  if (lower !== "true" && lower !== "false") throw told(`RawMessageDelivery: Invalid value [${value}]. Must be true or false.`);
  return lower;
}

function readScope(value: string, { told }: { told: Told }): string {
  if (value === "MessageAttributes" || value === "MessageBody") return value;
  throw told(`FilterPolicyScope: Invalid value [${value}]. Please use either MessageBody or MessageAttributes`);
}

function readRedrive(value: string, { kind, told }: { kind: SubscriptionKind; told: Told }): string {
  const target = deadLetterTarget(value, told);
  if (typeof target !== "string" || !isQueueArn(target)) throw told("RedrivePolicy: deadLetterTargetArn is an invalid arn");
  const needsFifo = kind.fifo && isFifoQueueArn(kind.endpoint);
  if (needsFifo && !isFifoQueueArn(target)) {
    throw told("RedrivePolicy: must use a FIFO queue as DLQ for a FIFO Subscription to a FIFO Topic.");
  }
  if (!needsFifo && isFifoQueueArn(target)) {
    throw told("RedrivePolicy: must use a standard queue as DLQ for a subscription whose messages have no order.");
  }
  return value;
}

function deadLetterTarget(value: string, told: Told): unknown {
  let policy: unknown;
  try {
    policy = JSON.parse(value);
  } catch {
    throw told("RedrivePolicy: failed to parse JSON.");
  }
  return typeof policy === "object" && policy !== null ? (policy as Record<string, unknown>)["deadLetterTargetArn"] : undefined;
}
