import { KIB } from "../../../kernel/units.ts";
import { readRule, type Refuse, type Rule } from "./filter-rule.ts";
import { isObject, parseObject, type JsonObject } from "./json-object.ts";

/** Of what in a message a policy speaks. */
export type FilterScope = "MessageAttributes" | "MessageBody";

/** A rule, and where the value is that it is about: the name of an attribute, or the keys of a body joined by dots. */
export interface Condition {
  readonly path: string;
  readonly rule: Rule;
}

/** Conditions that must all hold. */
export type Combination = readonly Condition[];

const POLICY_BYTES_MAX = 256 * KIB;
const KEYS_MAX = 5;
/** Source: "Filter policy constraints in Amazon SNS". What it counts is at least the number of combinations. */
const COMPLEXITY_MAX = 150;
/**
 * What AWS leaves open, and what bounds the work for a message: conditions in one combination and in all, steps of a path, and
 * points of wildcards, where a pattern counts 1, or 3 if it has several stars, and as often as there are patterns at its key.
 */
const CONDITIONS_MAX = 32;
const ALL_CONDITIONS_MAX = 750;
const STEPS_MAX = 150;
const WILDCARD_POINTS_MAX = 100;
/** Characters between two stars: a step for each is kept with the policy, in a tree that has room for fewer than 65,536. */
const WILDCARD_PIECE_MAX = 200;

const TOO_COMPLEX = "Filter policy is too complex";

/** What cannot be a key beside `$or`: in such a list the objects are rules. */
const OPERATORS = new Set(["exists", "prefix", "suffix", "anything-but", "numeric", "cidr", "equals-ignore-case", "wildcard"]);

/**
 * A policy as the combinations of which one must hold; none: it holds of every message.
 * @throws {ServiceError} what `refuse` makes of AWS's words for what is wrong.
 */
export function readCombinations(text: string, scope: FilterScope, refuse: Refuse): readonly Combination[] {
  const told: Refuse = (reason) => refuse(`FilterPolicy: ${reason}`);
  const policy = parse(text, told);
  const keys = Object.keys(policy);
  if (keys.length === 0) return [];
  if (keys.length > KEYS_MAX) throw told(`Filter policy can not have more than ${KEYS_MAX} keys`);
  if (scope === "MessageAttributes" && isNested(policy))
    throw refuse("Filter policy scope MessageAttributes does not support nested filter policy");
  if (complexityOf(policy, { depth: 1, sofar: 1, told }) > COMPLEXITY_MAX) throw told(TOO_COMPLEX);
  const combinations = combine(policy, { path: "", sofar: [[]], told });
  if (!isBounded(combinations)) throw told(TOO_COMPLEX);
  return combinations;
}

function parse(text: string, told: Refuse): JsonObject {
  if (Buffer.byteLength(text) > POLICY_BYTES_MAX) throw told(`Filter policy can not be larger than ${POLICY_BYTES_MAX} bytes`);
  return parseObject(text, { told, notAnObject: "failed to parse JSON. A filter policy is a JSON object." });
}

/** The branches of `$or`; undefined: the key is an ordinary one. */
function branchesOf(key: string, value: unknown): readonly JsonObject[] | undefined {
  if (key !== "$or" || !Array.isArray(value) || value.length < 2 || !value.every(isObject)) return undefined;
  return value.some((branch) => Object.keys(branch).some((name) => OPERATORS.has(name))) ? undefined : value;
}

/** Whether an object stands at a key, or at one in a branch. */
function isNested(policy: JsonObject): boolean {
  return Object.entries(policy).some(([key, value]) => branchesOf(key, value)?.some(isNested) ?? isObject(value));
}

/** AWS's measure: rules at each key times its depth, multiplied; the branches of an `$or` are added, each with what stands beside. */
function complexityOf(policy: JsonObject, at: { depth: number; sofar: number; told: Refuse }): number {
  const { depth, told } = at;
  if (depth > COMPLEXITY_MAX) return Infinity;
  let complexity = at.sofar;
  const entries = Object.entries(policy);
  if (entries.length === 0) throw told("Empty objects are not allowed");
  for (const [key, value] of entries) {
    const branches = branchesOf(key, value);
    const sofar = complexity;
    if (branches !== undefined) complexity = branches.reduce((sum, branch) => sum + complexityOf(branch, { depth, sofar, told }), 0);
    else if (isObject(value)) complexity = complexityOf(value, { depth: depth + 1, sofar, told });
    else complexity *= rulesOf(key, value, told).length * depth;
  }
  return complexity;
}

function rulesOf(key: string, value: unknown, told: Refuse): readonly unknown[] {
  if (!Array.isArray(value)) throw told(`"${key}" must be an object or an array`);
  if (value.length === 0) throw told("Empty arrays are not allowed");
  return value as readonly unknown[];
}

/** Each of those so far with each way to satisfy the policy. */
function combine(policy: JsonObject, at: { path: string; sofar: readonly Combination[]; told: Refuse }): readonly Combination[] {
  const { told } = at;
  let combinations = at.sofar;
  for (const [key, value] of Object.entries(policy)) {
    const path = at.path === "" ? key : `${at.path}.${key}`;
    const branches = branchesOf(key, value);
    const sofar = combinations;
    if (branches !== undefined) combinations = branches.flatMap((branch) => combine(branch, { path: at.path, sofar, told }));
    else if (isObject(value)) combinations = combine(value, { path, sofar, told });
    else {
      const conditions = rulesOf(key, value, told).map((rule): Condition => ({ path, rule: readRule(rule, told) }));
      combinations = sofar.flatMap((combination) => conditions.map((condition) => [...combination, condition]));
    }
  }
  return combinations;
}

function isBounded(combinations: readonly Combination[]): boolean {
  const sizes = combinations.map(({ length }) => length);
  if (Math.max(...sizes) > CONDITIONS_MAX || sizes.reduce((sum, size) => sum + size, 0) > ALL_CONDITIONS_MAX) return false;
  const conditions = [...new Set(combinations.flat())];
  if (conditions.some(({ path }) => path.split(".").length > STEPS_MAX)) return false;
  const byPath = [...Map.groupBy(conditions, ({ path }) => path).values()];
  return byPath.reduce((points, atPath) => points + wildcardPoints(atPath.map(({ rule }) => rule)), 0) <= WILDCARD_POINTS_MAX;
}

function wildcardPoints(rules: readonly Rule[]): number {
  const patterns = rules
    .flatMap((rule) => (rule.kind === "some" ? [rule.test] : rule.kind === "none" ? rule.tests : []))
    .flatMap((test) => (test.kind === "wildcard" ? [test.pattern.pieces] : []));
  if (patterns.some((pieces) => pieces.slice(1, -1).some(({ length }) => length > WILDCARD_PIECE_MAX))) return Infinity;
  return patterns.reduce((sum, pieces) => sum + (pieces.length > 2 ? 3 : 1), 0) * patterns.length;
}
