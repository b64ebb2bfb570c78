import type { ServiceError } from "../../../kernel/service-error.ts";
import { addressBlock, type AddressBlock } from "./filter-addresses.ts";
import type { Range } from "./filter-ranges.ts";
import { readWildcard, type WildcardPattern } from "./filter-wildcard.ts";

/** What a message may hold that a rule is compared with. */
export type Scalar = string | number | boolean | null;

/** A question to one value. */
export type Test =
  | { readonly kind: "equals"; readonly value: Scalar }
  | { readonly kind: "equals-ignore-case" | "prefix" | "suffix"; readonly text: string }
  | { readonly kind: "wildcard"; readonly pattern: WildcardPattern }
  | { readonly kind: "numeric"; readonly range: Range }
  | { readonly kind: "cidr"; readonly block: AddressBlock }
  | { readonly kind: "exists" };

/** One entry of the list that stands at a key. */
export type Rule =
  | { readonly kind: "some"; readonly test: Test }
  /** anything-but: there is a value, and none of these holds of it. */
  | { readonly kind: "none"; readonly tests: readonly Test[] }
  /** `exists: false`. */
  | { readonly kind: "absent" };

/** Makes what is thrown of the reason, which begins with the name of the attribute that was refused. */
export type Refuse = (reason: string) => ServiceError;

const STARS_MAX = 3;

/**
 * A rule as it stands in a policy.
 * @param refuse words a refusal; its reasons are AWS's, without the name of the attribute. @throws {ServiceError}
 */
export function readRule(rule: unknown, refuse: Refuse): Rule {
  if (isScalar(rule)) return { kind: "some", test: { kind: "equals", value: rule } };
  if (typeof rule !== "object" || Array.isArray(rule)) throw refuse("Match value must be String, number, true, false, or null");
  const [operator, operand] = onlyEntry(rule, refuse);
  switch (operator) {
    case "anything-but":
      return { kind: "none", tests: readAnythingBut(operand, refuse) };
    case "exists":
      if (typeof operand !== "boolean") throw refuse("exists match pattern must be either true or false.");
      return operand ? { kind: "some", test: { kind: "exists" } } : { kind: "absent" };
    case "numeric":
      return { kind: "some", test: { kind: "numeric", range: readNumeric(operand, refuse) } };
    case "cidr":
      return { kind: "some", test: { kind: "cidr", block: readCidr(operand, refuse) } };
    default: {
      const test = readTextTest(operator, operand, refuse);
      if (test === undefined) throw refuse(`Unrecognized match type ${operator}`);
      return { kind: "some", test };
    }
  }
}

function isScalar(value: unknown): value is Scalar {
  return value === null || ["string", "number", "boolean"].includes(typeof value);
}

function onlyEntry(expression: object, refuse: Refuse): [string, unknown] {
  const [entry, ...others] = Object.entries(expression) as [string, unknown][];
  if (entry === undefined || others.length > 0) throw refuse("Only one key allowed in match expression");
  return entry;
}

/** Undefined: there is no such question to a text. */
function readTextTest(operator: string, operand: unknown, refuse: Refuse): Test | undefined {
  if (operator !== "prefix" && operator !== "suffix" && operator !== "equals-ignore-case" && operator !== "wildcard") return undefined;
  if (typeof operand !== "string") throw refuse(`${operator} match pattern must be a string`);
  if (operator !== "wildcard") return { kind: operator, text: operand };
  const pattern = readWildcard(operand);
  if ("problem" in pattern) throw refuse(`${pattern.problem} at pos ${pattern.at}`);
  if (pattern.pieces.length - 1 > STARS_MAX) throw refuse(`wildcard match pattern can not have more than ${STARS_MAX} wildcards`);
  return { kind: "wildcard", pattern };
}

/** A value, several, or one question to texts with one text or several. */
function readAnythingBut(operand: unknown, refuse: Refuse): Test[] {
  if (typeof operand !== "object" || operand === null || Array.isArray(operand)) {
    return listOf(operand, refuse).map((value) => {
      if (!isScalar(value)) throw refuse("Match value must be String, number, true, false, or null");
      return { kind: "equals", value };
    });
  }
  const [operator, inner] = onlyEntry(operand, refuse);
  return listOf(inner, refuse).map((text) => {
    const test = readTextTest(operator, text, refuse);
    if (test === undefined) throw refuse(`Unsupported anything-but pattern: ${operator}`);
    return test;
  });
}

function listOf(value: unknown, refuse: Refuse): readonly unknown[] {
  if (!Array.isArray(value)) return [value];
  if (value.length === 0) throw refuse("Empty arrays are not allowed");
  return value as readonly unknown[];
}

const OPERATORS = new Set(["<", "<=", "=", ">", ">="]);

function readNumeric(operand: unknown, refuse: Refuse): Range {
  const terms: unknown[] = Array.isArray(operand) ? operand : [operand];
  const [operator] = terms;
  if (terms.length === 0) throw refuse("Invalid member in numeric match: ]");
  if (typeof operator !== "string") throw refuse(`Invalid member in numeric match: ${shown(operator)}`);
  if (!OPERATORS.has(operator)) throw refuse(`Unrecognized numeric range operator: ${operator}`);
  const first = readTerm(operator, terms[1], refuse);
  if (terms.length === 2) return first;
  if (first.low === undefined || first.high !== undefined) throw refuse("Too many elements in numeric expression");
  const second = terms[2];
  if (typeof second !== "string") throw refuse(`Bad value in numeric range: ${shown(second)}`);
  if (second !== "<" && second !== "<=") throw refuse(`Bad numeric range operator: ${second}`);
  const { high } = readTerm(second, terms[3], refuse);
  if (high !== undefined && high.at <= first.low.at) throw refuse("Bottom must be less than top");
  if (terms.length > 4) throw refuse("Too many terms in numeric range expression");
  return { low: first.low, high };
}

function readTerm(operator: string, value: unknown, refuse: Refuse): Range {
  if (typeof value !== "number") throw refuse(`Value of ${operator === "=" ? "equals" : operator} must be numeric`);
  const bound = { at: value, within: operator.includes("=") };
  return { low: operator.startsWith("<") ? undefined : bound, high: operator.startsWith(">") ? undefined : bound };
}

function shown(value: unknown): string {
  return typeof value === "string" ? value : JSON.stringify(value);
}

function readCidr(operand: unknown, refuse: Refuse): AddressBlock {
  if (typeof operand !== "string") throw refuse("prefix match pattern must be a string");
  const [address = "", mask = "", ...rest] = operand.split("/");
  if (mask === "" || rest.length > 0) throw refuse("Malformed CIDR, one '/' required");
  if (!/^[+-]?\d{1,9}$/.test(mask)) throw refuse("Malformed CIDR, mask bits must be an integer");
  if (mask.startsWith("-") && Number(mask) !== 0) throw refuse("Malformed CIDR, mask bits must not be negative");
  const bits = Math.abs(Number(mask));
  const [version, bitsMax] = address.includes(":") ? (["IPv6", 128] as const) : (["IPv4", 32] as const);
  if (addressBlock(address, 0) === undefined) throw refuse(`Nonstandard IP address: ${address}`);
  const block = bits < bitsMax ? addressBlock(address, bits) : undefined;
  if (block === undefined) throw refuse(`${version} mask bits must be < ${bitsMax}`);
  return block;
}
