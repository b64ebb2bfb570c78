import { SECOND_MS } from "../kernel/units.ts";
import { holdsAddress, parseAddressRange } from "./address.ts";
import type { KeyKind } from "./condition-keys.ts";
import { arnParts, fitsArn, fitsWildcard } from "./wildcard.ts";

/** Whether the value that a request has is what one value of a condition asks for. */
export type ValueTest = (actual: string) => boolean;

/** How a condition compares: what stands in the policy on the one hand, what the request has on the other. */
export interface Operator {
  /** The kinds of keys that it can look at; all where absent. */
  readonly on?: readonly KeyKind[];
  /** True where the values must not fit; then a request that has no value passes. */
  readonly negated: boolean;
  /** Undefined where the policy's value is not of the operator's kind. */
  readonly read: (value: string) => ValueTest | undefined;
}

const equals = (value: string): ValueTest => {
  return (actual) => actual === value;
};

const equalsIgnoringCase = (value: string): ValueTest => {
  const lower = value.toLowerCase();
  return (actual) => actual.toLowerCase() === lower;
};

const like = (value: string): ValueTest => {
  return (actual) => fitsWildcard(value, actual);
};

const arn = (value: string): ValueTest | undefined => {
  const pattern = arnParts(value);
  return pattern === undefined || pattern[0] !== "arn" ? undefined : (actual) => fitsArn(pattern, actual);
};

const address = (value: string): ValueTest | undefined => {
  const range = parseAddressRange(value);
  return range === undefined ? undefined : (actual) => holdsAddress(range, actual);
};

const boolean = (value: string): ValueTest | undefined => {
  const lower = value.toLowerCase();
  return lower === "true" || lower === "false" ? equals(lower) : undefined;
};

type Comparison = (actual: number, value: number) => boolean;

const numeric = (compare: Comparison) => (value: string) => {
  const number = parseNumber(value);
  return number === undefined ? undefined : (actual: string) => compare(parseNumber(actual) ?? Number.NaN, number);
};

/** Both sides in whole seconds, which is as finely as a request's time is told. */
const date = (compare: Comparison) => (value: string) => {
  const seconds = parseSeconds(value);
  return seconds === undefined ? undefined : (actual: string) => compare(parseSeconds(actual) ?? Number.NaN, seconds);
};

function parseNumber(text: string): number | undefined {
  return /^-?\d{1,15}(?:\.\d{1,15})?$/.test(text) ? Number(text) : undefined;
}

const ISO_8601 = /^\d{4}(?:-\d\d(?:-\d\d(?:T\d\d:\d\d(?::\d\d(?:\.\d{1,9})?)?(?:Z|[+-]\d\d:\d\d))?)?)?$/;

/** A moment as ISO 8601 or as seconds since 1970; a year alone is a moment, too. */
function parseSeconds(text: string): number | undefined {
  if (/^\d{5,12}(?:\.\d{1,9})?$/.test(text)) return Number(text);
  const epochMs = ISO_8601.test(text) ? Date.parse(text) : Number.NaN;
  return Number.isNaN(epochMs) ? undefined : epochMs / SECOND_MS;
}

const COMPARISONS: Readonly<Record<string, Comparison>> = {
  LessThan: (actual, value) => actual < value,
  LessThanEquals: (actual, value) => actual <= value,
  GreaterThan: (actual, value) => actual > value,
  GreaterThanEquals: (actual, value) => actual >= value,
};
const same: Comparison = (actual, value) => actual === value;

function ordered(family: "Numeric" | "Date", on: readonly KeyKind[]): [name: string, operator: Operator][] {
  const read = family === "Numeric" ? numeric : date;
  return [
    [`${family}Equals`, { on, negated: false, read: read(same) }],
    [`${family}NotEquals`, { on, negated: true, read: read(same) }],
    ...Object.entries(COMPARISONS).map(([name, compare]): [string, Operator] => [
      `${family}${name}`,
      { on, negated: false, read: read(compare) },
    ]),
  ];
}

/**
 * The operators of AWS, but for Null, which looks at no value, and BinaryEquals, for which there is no key. ArnEquals
 * takes stars like ArnLike. Source: "IAM JSON policy elements: Condition operators" in the IAM user guide.
 */
export const OPERATORS: ReadonlyMap<string, Operator> = new Map<string, Operator>([
  ["StringEquals", { negated: false, read: equals }],
  ["StringNotEquals", { negated: true, read: equals }],
  ["StringEqualsIgnoreCase", { negated: false, read: equalsIgnoringCase }],
  ["StringNotEqualsIgnoreCase", { negated: true, read: equalsIgnoringCase }],
  ["StringLike", { negated: false, read: like }],
  ["StringNotLike", { negated: true, read: like }],
  ["ArnEquals", { on: ["arn"], negated: false, read: arn }],
  ["ArnNotEquals", { on: ["arn"], negated: true, read: arn }],
  ["ArnLike", { on: ["arn"], negated: false, read: arn }],
  ["ArnNotLike", { on: ["arn"], negated: true, read: arn }],
  ["IpAddress", { on: ["address"], negated: false, read: address }],
  ["NotIpAddress", { on: ["address"], negated: true, read: address }],
  ["Bool", { on: ["boolean"], negated: false, read: boolean }],
  ...ordered("Numeric", ["epoch"]),
  ...ordered("Date", ["date", "epoch"]),
]);
