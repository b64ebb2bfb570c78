import { conditionKey, type AccessRequest, type ConditionKey } from "./condition-keys.ts";
import type { Reading } from "./language.ts";
import { OPERATORS, type ValueTest } from "./operators.ts";

/** Whether a request meets one line of an element `Condition`. */
export type Condition = (request: AccessRequest) => boolean;

/** The name of an operator, taken apart. */
const OPERATOR_NAME = /^(?:(ForAllValues|ForAnyValue):)?([A-Za-z]+?)(IfExists)?$/;

/**
 * The element `Condition`: `{"ArnLike": {"aws:SourceArn": "arn:aws:s3:::photos"}}`. All of its lines must be met; of
 * several values of one line, any (of a negated operator: none) is enough.
 * @throws {ServiceError} where an operator, a key or a value is not known here: what cannot be checked is not accepted.
 */
export function parseConditions(value: unknown, reading: Reading): Condition[] {
  const { language, where, literally } = reading;
  return membersOf(value, "Condition", reading).flatMap(([operator, keys]) =>
    membersOf(keys, operator, reading).map(([name, values]) => {
      const key = conditionKey(name, language);
      if (key === undefined) throw language.invalid(`${where}: the condition key "${name}" is not known here.`);
      const texts = valuesOf(values, `${operator} ${name}`, reading);
      if (!literally && texts.some((text) => text.includes("${"))) throw noVariables(reading);
      return conditionOf({ operator, key, values: texts }, reading);
    }),
  );
}

/** What `${aws:username}` would stand for depends on the caller; no such text is ever taken for what it is not. */
export function noVariables({ language, where }: Reading): Error {
  return language.invalid(`${where}: policy variables, \${…}, are not supported here.`);
}

function membersOf(value: unknown, what: string, { language, where }: Reading): [string, unknown][] {
  const members = typeof value === "object" && value !== null && !Array.isArray(value) ? Object.entries(value) : [];
  if (members.length === 0) throw language.invalid(`${where}: ${what} must be an object that is not empty.`);
  return members;
}

function valuesOf(value: unknown, what: string, { language, where }: Reading): string[] {
  const values: unknown[] = Array.isArray(value) ? value : [value];
  if (values.length === 0 || !values.every((one) => ["string", "number", "boolean"].includes(typeof one))) {
    throw language.invalid(`${where}: ${what} must have a value or a list of values.`);
  }
  return values.map(String);
}

interface Line {
  readonly operator: string;
  readonly key: ConditionKey;
  readonly values: readonly string[];
}

function conditionOf({ operator, key, values }: Line, reading: Reading): Condition {
  if (operator === "Null") return nullCondition(key, values, reading);
  const { where, language } = reading;
  const { invalid } = language;
  const [, quantifier, name = "", ifExists] = OPERATOR_NAME.exec(operator) ?? [];
  const known = OPERATORS.get(name);
  if (known === undefined) throw invalid(`${where}: the condition operator "${operator}" is not known here.`);
  const { on, negated, read } = known;
  if (on?.includes(key.kind) === false) throw invalid(`${where}: ${operator} cannot look at ${key.name}.`);
  const tests = values.map((value): ValueTest => {
    const test = read(value);
    if (test === undefined) throw invalid(`${where}: "${value}" is no value for ${operator}.`);
    return test;
  });
  const withoutValue = passesWithoutValue({ negated, quantifier, ifExists: ifExists !== undefined });
  return (request) => {
    const actual = key.valueOf(request);
    return actual === undefined ? withoutValue : tests.some((test) => test(actual)) !== negated;
  };
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
function nullCondition(key: ConditionKey, values: readonly string[], { language, where }: Reading): Condition {
  if (values.some((value) => value !== "true" && value !== "false")) throw language.invalid(`${where}: Null takes true or false.`);
  return (request) => values.includes(String(key.valueOf(request) === undefined));
}
