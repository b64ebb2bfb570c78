import { invalidPolicy } from "./errors.ts";
import { conditionKey, type AccessRequest, type ConditionKey } from "./policy-keys.ts";
import { OPERATORS, type ValueTest } from "./policy-operators.ts";

/** Whether a request meets one line of an element `Condition`. */
export type Condition = (request: AccessRequest) => boolean;

/** The name of an operator, taken apart. */
const OPERATOR_NAME = /^(?:(ForAllValues|ForAnyValue):)?([A-Za-z]+?)(IfExists)?$/;

/**
 * The element `Condition`: `{"ArnLike": {"aws:SourceArn": "arn:aws:s3:::photos"}}`. All of its lines must be met; of
 * several values of one line, any (of a negated operator: none) is enough.
 * @param literally whether `${…}` is text, as in documents of version 2008-10-17.
 * @throws {ServiceError} where an operator, a key or a value is not known here: what cannot be checked is not accepted.
 */
export function parseConditions(value: unknown, where: string, literally: boolean): Condition[] {
  return membersOf(value, `${where}: Condition`).flatMap(([operator, keys]) =>
    membersOf(keys, `${where}: ${operator}`).map(([name, values]) => {
      const key = conditionKey(name);
      if (key === undefined) throw invalidPolicy(`${where}: the condition key "${name}" is not known here.`);
      const texts = valuesOf(values, `${where}: ${operator} ${name}`);
      if (!literally && texts.some((text) => text.includes("${"))) throw noVariables(where);
      return conditionOf({ operator, key, values: texts, where });
    }),
  );
}

/** What `${aws:username}` would stand for depends on the caller; no such text is ever taken for what it is not. */
export function noVariables(where: string): Error {
  return invalidPolicy(`${where}: policy variables, \${…}, are not supported here.`);
}

function membersOf(value: unknown, what: string): [string, unknown][] {
  const members = typeof value === "object" && value !== null && !Array.isArray(value) ? Object.entries(value) : [];
  if (members.length === 0) throw invalidPolicy(`${what} must be an object that is not empty.`);
  return members;
}

function valuesOf(value: unknown, what: string): string[] {
  const values: unknown[] = Array.isArray(value) ? value : [value];
  if (values.length === 0 || !values.every((one) => ["string", "number", "boolean"].includes(typeof one))) {
    throw invalidPolicy(`${what} must have a value or a list of values.`);
  }
  return values.map(String);
}

function conditionOf({ operator, key, values, where }: { operator: string; key: ConditionKey; values: readonly string[]; where: string }) {
  if (operator === "Null") return nullCondition(key, values, where);
  const [, quantifier, name = "", ifExists] = OPERATOR_NAME.exec(operator) ?? [];
  const known = OPERATORS.get(name);
  if (known === undefined) throw invalidPolicy(`${where}: the condition operator "${operator}" is not known here.`);
  const { on, negated, read } = known;
  if (on?.includes(key.kind) === false) throw invalidPolicy(`${where}: ${operator} cannot look at ${key.name}.`);
  const tests = values.map((value): ValueTest => {
    const test = read(value);
    if (test === undefined) throw invalidPolicy(`${where}: "${value}" is no value for ${operator}.`);
    return test;
  });
  const withoutValue = passesWithoutValue({ negated, quantifier, ifExists: ifExists !== undefined });
  return ((request) => {
    const actual = key.valueOf(request);
    return actual === undefined ? withoutValue : tests.some((test) => test(actual)) !== negated;
  }) satisfies Condition;
}

/**
 * Whether a request without the key passes. Every key here has one value or none, so that the quantifiers differ only
 * where it has none: all of no values fit, and none of them does.
 */
function passesWithoutValue(of: { negated: boolean; quantifier: string | undefined; ifExists: boolean }): boolean {
  if (of.ifExists || of.quantifier === "ForAllValues") return true;
  return of.quantifier === undefined && of.negated;
}

/** `{"Null": {"aws:SourceArn": "true"}}`: there must be no such value. */
function nullCondition(key: ConditionKey, values: readonly string[], where: string): Condition {
  if (values.some((value) => value !== "true" && value !== "false")) throw invalidPolicy(`${where}: Null takes true or false.`);
  return (request) => values.includes(String(key.valueOf(request) === undefined));
}
