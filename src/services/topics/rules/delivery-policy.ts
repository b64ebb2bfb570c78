import { SECOND_MS } from "../../../kernel/units.ts";
import type { Refuse } from "./filter-rule.ts";
import { isObject, parseObject, type JsonObject } from "./json-object.ts";

/** How delays between retries grow. */
export type BackoffFunction = "linear" | "arithmetic" | "geometric" | "exponential";

/** After a first try that failed: retries at once, then at the least delay, then growing ones, then at the greatest. Seconds. */
export interface RetryPolicy {
  readonly minDelayTarget: number;
  readonly maxDelayTarget: number;
  /** In all. */
  readonly numRetries: number;
  readonly numMaxDelayRetries: number;
  readonly numNoDelayRetries: number;
  readonly numMinDelayRetries: number;
  readonly backoffFunction: BackoffFunction;
}

/** How messages are delivered to an HTTP endpoint. */
export interface DeliveryPolicy {
  readonly retry: RetryPolicy;
  /** Undefined: as many as come. */
  readonly maxReceivesPerSecond: number | undefined;
  /** Of notifications. */
  readonly contentType: string;
}

const DEFAULT_RETRY: RetryPolicy = {
  minDelayTarget: 20,
  maxDelayTarget: 20,
  numRetries: 3,
  numMaxDelayRetries: 0,
  numNoDelayRetries: 0,
  numMinDelayRetries: 0,
  backoffFunction: "linear",
};
const DEFAULT_CONTENT_TYPE = "text/plain; charset=UTF-8";

const RETRIES_MAX = 100;
const DELAY_SECONDS_MAX = 3600;
const TOTAL_SECONDS_MAX = 3600;
const FUNCTIONS: readonly string[] = ["linear", "arithmetic", "geometric", "exponential"];
/** Of what a subscriber may be told that it gets. */
const MEDIA_TYPES: readonly string[] = [
  "application/atom+xml",
  "application/json",
  "application/octet-stream",
  "application/soap+xml",
  "application/x-www-form-urlencoded",
  "application/xhtml+xml",
  "application/xml",
  "text/css",
  "text/csv",
  "text/html",
  "text/plain",
  "text/xml",
];

type Part = "healthyRetryPolicy" | "throttlePolicy" | "requestPolicy";
const PARTS: readonly Part[] = ["healthyRetryPolicy", "throttlePolicy", "requestPolicy"];

/**
 * The DeliveryPolicy of a subscription, checked. An empty text removes it.
 * Source: "Amazon SNS message delivery retries" in the developer guide. @throws {ServiceError}
 */
export function checkSubscriptionPolicy(text: string, refuse: Refuse): void {
  const told: Refuse = (reason) => refuse(`DeliveryPolicy: ${reason}`);
  checkParts(parseObject(text, { told, notAnObject: "must be a JSON object" }), (part) => part, told);
}

/** The DeliveryPolicy of a topic, checked, in the form that is stored and shown. @throws {ServiceError} */
export function canonicalTopicPolicy(text: string, refuse: Refuse): string {
  const told: Refuse = (reason) => refuse(`DeliveryPolicy: ${reason}`);
  const { http = {}, ...others } = parseObject(text, { told, notAnObject: "must be a JSON object" });
  const [other] = Object.keys(others);
  if (other !== undefined) throw told(`unknown member ${other}`);
  if (!isObject(http)) throw told("http must be a JSON object");
  const { disableSubscriptionOverrides: disabled = null, ...parts } = http;
  if (disabled !== null && typeof disabled !== "boolean") throw told("http.disableSubscriptionOverrides must be true or false");
  checkParts(parts, defaultName, told);
  return JSON.stringify({ http: { ...parts, disableSubscriptionOverrides: disabled ?? false } });
}

/** What holds for the subscriptions of a topic that say nothing themselves, as EffectiveDeliveryPolicy shows it. */
export function shownTopicPolicy(text: string | undefined): string {
  const { retry, maxReceivesPerSecond, contentType } = effectivePolicy(undefined, text);
  const http = text === undefined ? {} : ((JSON.parse(text) as JsonObject)["http"] as JsonObject);
  return JSON.stringify({
    http: {
      defaultHealthyRetryPolicy: retry,
      disableSubscriptionOverrides: http["disableSubscriptionOverrides"] === true,
      ...(maxReceivesPerSecond === undefined ? {} : { defaultThrottlePolicy: { maxReceivesPerSecond } }),
      defaultRequestPolicy: { headerContentType: contentType },
    },
  });
}

/** `healthyRetryPolicy` of a subscription is `defaultHealthyRetryPolicy` of a topic. */
function defaultName(part: Part): string {
  return `default${part[0]?.toUpperCase() ?? ""}${part.slice(1)}`;
}

function checkParts(policy: JsonObject, nameOf: (part: Part) => string, told: Refuse): void {
  const known = new Map(PARTS.map((part) => [nameOf(part), part]));
  for (const [name, value] of Object.entries(policy)) {
    if (name === "sicklyRetryPolicy" || name === "guaranteed" || value === null) continue; // What AWS shows and nothing comes of.
    const part = known.get(name);
    if (part === undefined) throw told(`unknown member ${name}`);
    if (!isObject(value)) throw told(`${name} must be a JSON object`);
    if (part === "healthyRetryPolicy") checkRetry(value, told);
    else if (part === "throttlePolicy") checkNumber("maxReceivesPerSecond", value, { from: 1, to: Infinity, told });
    else checkContentType(value["headerContentType"], told);
  }
}

function checkRetry(given: JsonObject, told: Refuse): void {
  for (const name of ["minDelayTarget", "maxDelayTarget"]) checkNumber(name, given, { from: 1, to: DELAY_SECONDS_MAX, told });
  for (const name of ["numRetries", "numNoDelayRetries", "numMinDelayRetries", "numMaxDelayRetries"])
    checkNumber(name, given, { from: 0, to: RETRIES_MAX, told });
  const { backoffFunction } = given;
  if (backoffFunction !== undefined && backoffFunction !== null && !FUNCTIONS.some((known) => known === backoffFunction))
    throw told(`backoffFunction must be one of ${FUNCTIONS.join(", ")}`);
  const policy = filled(given);
  if (policy.minDelayTarget > policy.maxDelayTarget) throw told("minDelayTarget must be less than or equal to maxDelayTarget");
  const named = policy.numNoDelayRetries + policy.numMinDelayRetries + policy.numMaxDelayRetries;
  if (named > policy.numRetries) throw told("numRetries must be at least the sum of the retries of each phase");
  const totalMs = Array.from({ length: policy.numRetries }, (_, at) => retryDelayMs(policy, at + 1) ?? 0).reduce((sum, ms) => sum + ms, 0);
  if (totalMs > TOTAL_SECONDS_MAX * SECOND_MS) throw told(`all retries together must take no longer than ${TOTAL_SECONDS_MAX} seconds`);
}

function checkNumber(name: string, given: JsonObject, { from, to, told }: { from: number; to: number; told: Refuse }): void {
  const value = given[name];
  if (value === undefined || value === null) return;
  if (typeof value === "number" && Number.isInteger(value) && value >= from && value <= to) return;
  throw told(`${name} must be a whole number ${to === Infinity ? `of at least ${from}` : `from ${from} to ${to}`}`);
}

function checkContentType(value: unknown, told: Refuse): void {
  if (value === undefined || value === null) return;
  const [type = "", ...parameters] = typeof value === "string" ? value.split(";") : [];
  const plain = parameters.every((parameter) => /^\s*[\w-]+=[\w./-]+\s*$/.test(parameter));
  if (MEDIA_TYPES.includes(type.trim().toLowerCase()) && plain) return;
  throw told(`headerContentType must be one of ${MEDIA_TYPES.join(", ")}`);
}

/** A policy with what it leaves out. */
function filled(given: JsonObject): RetryPolicy {
  const named = Object.entries(given).filter(([name, value]) => name in DEFAULT_RETRY && value !== null);
  const policy: RetryPolicy = { ...DEFAULT_RETRY, ...Object.fromEntries(named) };
  // A policy that names one of the two means no range that is turned round.
  if (given["maxDelayTarget"] === undefined && policy.minDelayTarget > policy.maxDelayTarget)
    return { ...policy, maxDelayTarget: policy.minDelayTarget };
  if (given["minDelayTarget"] === undefined && policy.minDelayTarget > policy.maxDelayTarget)
    return { ...policy, minDelayTarget: policy.maxDelayTarget };
  return policy;
}

/** What holds for a subscription: its own policy over its topic's over the default, part by part; texts that were checked. */
export function effectivePolicy(subscription: string | undefined, topic: string | undefined): DeliveryPolicy {
  const http = topic === undefined ? {} : ((JSON.parse(topic) as JsonObject)["http"] ?? {});
  const defaults = isObject(http) ? http : {};
  const own =
    subscription === undefined || defaults["disableSubscriptionOverrides"] === true ? {} : (JSON.parse(subscription) as JsonObject);
  const part = (name: Part): JsonObject => {
    const value = own[name] ?? defaults[defaultName(name)];
    return isObject(value) ? value : {};
  };
  const rate = part("throttlePolicy")["maxReceivesPerSecond"];
  const contentType = part("requestPolicy")["headerContentType"];
  return {
    retry: filled(part("healthyRetryPolicy")),
    maxReceivesPerSecond: typeof rate === "number" ? rate : undefined,
    contentType: typeof contentType === "string" ? contentType : DEFAULT_CONTENT_TYPE,
  };
}

/**
 * How long to wait before a retry. AWS draws its curves without saying their formulas; ours go from the least delay to the
 * greatest: linear by equal steps, arithmetic by steps that grow by the same, geometric by equal factors, exponential by
 * steps that double.
 * @param retry the first is 1. @returns undefined: there is none any more.
 */
export function retryDelayMs(policy: RetryPolicy, retry: number): number | undefined {
  const { numRetries, numNoDelayRetries, numMinDelayRetries, numMaxDelayRetries } = policy;
  if (retry > numRetries) return undefined;
  if (retry <= numNoDelayRetries) return 0;
  const growing = numRetries - numNoDelayRetries - numMinDelayRetries - numMaxDelayRetries;
  const step = retry - numNoDelayRetries - numMinDelayRetries;
  if (step <= 0) return policy.minDelayTarget * SECOND_MS;
  if (step > growing) return policy.maxDelayTarget * SECOND_MS;
  return Math.round(backoff(policy, growing === 1 ? 0 : (step - 1) / (growing - 1), growing - 1) * SECOND_MS);
}

/** @param part of the way from the first to the last, 0 to 1. @param steps between them. */
function backoff({ backoffFunction, minDelayTarget: min, maxDelayTarget: max }: RetryPolicy, part: number, steps: number): number {
  switch (backoffFunction) {
    case "linear":
      return min + (max - min) * part;
    case "arithmetic":
      return min + ((max - min) * (part * steps * (part * steps + 1))) / Math.max(1, steps * (steps + 1));
    case "geometric":
      return min * (max / min) ** part;
    case "exponential":
      return min + ((max - min) * (2 ** (part * steps) - 1)) / Math.max(1, 2 ** steps - 1);
  }
}

/** The policy as GetSubscriptionAttributes shows it: with every member, those that were not given as null. */
export function shownSubscriptionPolicy(text: string): string {
  const given = JSON.parse(text) as JsonObject;
  const retry = given["healthyRetryPolicy"];
  return JSON.stringify({
    healthyRetryPolicy: isObject(retry) ? withNulls(retry) : null,
    sicklyRetryPolicy: null,
    throttlePolicy: given["throttlePolicy"] ?? null,
    requestPolicy: given["requestPolicy"] ?? null,
    guaranteed: false,
  });
}

function withNulls(retry: JsonObject): JsonObject {
  return { ...Object.fromEntries(Object.keys(DEFAULT_RETRY).map((name) => [name, null])), ...retry };
}

/** What holds for a subscription, as EffectiveDeliveryPolicy shows it. */
export function shownEffectivePolicy({ retry, maxReceivesPerSecond, contentType }: DeliveryPolicy): string {
  return JSON.stringify({
    healthyRetryPolicy: retry,
    sicklyRetryPolicy: null,
    throttlePolicy: maxReceivesPerSecond === undefined ? null : { maxReceivesPerSecond },
    requestPolicy: { headerContentType: contentType },
    guaranteed: false,
  });
}
