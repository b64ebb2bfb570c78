import { test } from "node:test";
import fc from "fast-check";
import { ServiceError } from "../../../kernel/service-error.ts";
import { parseFilterPolicy } from "./filter-policy.ts";
import { FilterReaders } from "./filter-readers.ts";

const refuse = (message: string) => new ServiceError({ code: "InvalidParameter", httpStatus: 400, fault: "client", message });

/**
 * The same semantics by trying everything: a message is a list of values with their paths and the elements of arrays in which
 * they stand, and a policy holds if values can be chosen for all its keys that stand in no two elements of the same array.
 */
interface Leaf {
  readonly path: string;
  readonly value: unknown;
  readonly elements: ReadonlyMap<number, number>;
}

type Json = null | boolean | number | string | Json[] | { [key: string]: Json };

function leavesOf(message: Json): Leaf[] {
  const leaves: Leaf[] = [];
  let arrays = 0;
  const walk = (value: Json, path: string[], elements: ReadonlyMap<number, number>): void => {
    if (Array.isArray(value)) {
      const array = (arrays += 1);
      value.forEach((element, at) => walk(element, path, new Map([...elements, [array, at]])));
    } else if (typeof value === "object" && value !== null) {
      for (const [key, inner] of Object.entries(value)) walk(inner, [...path, key], elements);
    } else leaves.push({ path: path.join("."), value, elements });
  };
  walk(message, [], new Map());
  return leaves;
}

type Policy = { [key: string]: unknown[] | Policy };

function naive(policy: Policy, message: Json): boolean {
  const leaves = leavesOf(message);
  return combinations(policy, "").some((conditions) => {
    const absent = conditions.filter(({ rule }) => isAbsence(rule));
    if (absent.some(({ path }) => leaves.some((leaf) => leaf.path === path))) return false;
    return choose(
      leaves,
      conditions.filter(({ rule }) => !isAbsence(rule)),
      [],
    );
  });
}

function choose(leaves: readonly Leaf[], conditions: readonly { path: string; rule: unknown }[], chosen: readonly Leaf[]): boolean {
  const [condition, ...others] = conditions;
  if (condition === undefined) return true;
  return leaves.some(
    (leaf) =>
      leaf.path === condition.path &&
      holds(condition.rule, leaf.value) &&
      chosen.every((other) => [...other.elements].every(([array, at]) => (leaf.elements.get(array) ?? at) === at)) &&
      choose(leaves, others, [...chosen, leaf]),
  );
}

function combinations(policy: Policy, prefix: string): { path: string; rule: unknown }[][] {
  let all: { path: string; rule: unknown }[][] = [[]];
  for (const [key, value] of Object.entries(policy)) {
    const path = prefix === "" ? key : `${prefix}.${key}`;
    const ways = Array.isArray(value)
      ? key === "$or"
        ? (value as Policy[]).flatMap((branch) => combinations(branch, prefix))
        : value.map((rule) => [{ path, rule }])
      : combinations(value, path);
    all = all.flatMap((so) => ways.map((way) => [...so, ...way]));
  }
  return all;
}

function isAbsence(rule: unknown): boolean {
  return typeof rule === "object" && rule !== null && (rule as Record<string, unknown>)["exists"] === false;
}

function holds(rule: unknown, value: unknown): boolean {
  if (typeof rule !== "object" || rule === null) return rule === value;
  const [[operator, operand] = ["", undefined]] = Object.entries(rule) as [string, unknown][];
  const text = typeof value === "string" ? value : undefined;
  switch (operator) {
    case "exists":
      return true;
    case "prefix":
      return text?.startsWith(operand as string) ?? false;
    case "suffix":
      return text?.endsWith(operand as string) ?? false;
    case "equals-ignore-case":
      return text?.toLowerCase() === (operand as string).toLowerCase();
    case "wildcard":
      return text !== undefined && fits(operand as string, text);
    case "numeric":
      return typeof value === "number" && inRange(operand as (string | number)[], value);
    default: {
      const none = Array.isArray(operand) ? operand : [operand];
      return !none.some((one) => holds(one, value));
    }
  }
}

function fits(pattern: string, text: string): boolean {
  if (pattern === "") return text === "";
  if (pattern.startsWith("*")) return fits(pattern.slice(1), text) || (text !== "" && fits(pattern, text.slice(1)));
  return text[0] === pattern[0] && fits(pattern.slice(1), text.slice(1));
}

function inRange(terms: readonly (string | number)[], value: number): boolean {
  const [operator, bound, ...others] = terms;
  const compared = Math.sign(value - Number(bound));
  const held =
    { "<": compared < 0, "<=": compared <= 0, "=": compared === 0, ">": compared > 0, ">=": compared >= 0 }[String(operator)] ?? false;
  return held && (others.length === 0 || inRange(others, value));
}

const letters = fc.string({ unit: fc.constantFrom("a", "A", "b"), maxLength: 4 });
const scalar = fc.oneof(letters, fc.integer({ min: -2, max: 3 }), fc.constantFrom(true, null));
const textRule = fc.oneof(
  letters.map((prefix) => ({ prefix })),
  letters.map((suffix) => ({ suffix })),
  letters.map((text) => ({ "equals-ignore-case": text })),
  fc
    .array(letters, { minLength: 2, maxLength: 4 })
    .map((pieces) => ({ wildcard: pieces.filter((piece, at) => piece !== "" || at === 0).join("*") })),
);
const bound = fc.integer({ min: -2, max: 2 });
const rule = fc.oneof(
  { arbitrary: scalar, weight: 3 },
  textRule,
  fc.tuple(fc.constantFrom("<", "<=", "=", ">", ">="), bound).map((numeric) => ({ numeric })),
  bound.map((low) => ({ numeric: [">", low, "<=", low + 2] })),
  fc.boolean().map((exists) => ({ exists })),
  fc.oneof(scalar, fc.array(scalar, { minLength: 1, maxLength: 3 }), textRule).map((none) => ({ "anything-but": none })),
);
const rules = fc.array(rule, { minLength: 1, maxLength: 2 });
const key = fc.constantFrom("a", "b", "c");
const policy: fc.Arbitrary<Policy> = fc.letrec<{ policy: Policy; flat: Policy }>((tie) => ({
  flat: fc.dictionary(key, rules, { minKeys: 1, maxKeys: 2 }),
  policy: fc
    .tuple(
      fc.dictionary(key, fc.oneof({ depthSize: "small" }, rules, tie("policy")), { minKeys: 1, maxKeys: 2 }),
      fc.option(fc.array(tie("flat"), { minLength: 2, maxLength: 3 }), { nil: undefined, freq: 2 }),
    )
    .map(([keys, branches]) => (branches === undefined ? keys : { ...keys, $or: branches })),
})).policy;
const message = fc.dictionary(
  key,
  fc.letrec<{ value: Json }>((tie) => ({
    value: fc.oneof(
      { depthSize: "small" },
      { arbitrary: scalar, weight: 3 },
      fc.dictionary(key, tie("value"), { maxKeys: 3 }) as fc.Arbitrary<Json>,
      fc.array(tie("value"), { maxLength: 4 }) as fc.Arbitrary<Json>,
    ),
  })).value,
  { maxKeys: 3 },
);

/** A message as JSON.parse would read it, written otherwise: spaces, escapes, and before a member others of the same key. */
function written(message: Json, noise: () => number): string {
  const space = () => ["", "", " ", "\n\t", "\r"][noise() % 5] ?? "";
  if (Array.isArray(message)) return `[${space()}${message.map((one) => written(one, noise) + space()).join(`,${space()}`)}]`;
  if (typeof message === "string") return text(message, noise);
  if (typeof message !== "object" || message === null) return JSON.stringify(message);
  const members = Object.entries(message).flatMap(([key, value]) => {
    const before = noise() % 4 === 0 ? [[key, OVERRIDDEN[noise() % OVERRIDDEN.length] ?? null] as const] : [];
    return [...before, [key, value] as const];
  });
  return `{${space()}${members.map(([key, value]) => `${text(key, noise)}${space()}:${space()}${written(value, noise)}${space()}`).join(",")}}`;
}

const OVERRIDDEN: readonly Json[] = ["a", 1, true, [0, "b"], { a: 1, b: ["a"] }, [{ a: "a", b: 2 }], []];

function text(value: string, noise: () => number): string {
  if (noise() % 3 > 0) return JSON.stringify(value);
  return `"${Array.from(value, (one) => `\\u${one.charCodeAt(0).toString(16).padStart(4, "0")}`).join("")}"`;
}

/** Of a text as JSON.parse takes it; a body that is no JSON object matches nothing. */
function holdsOfText(policy: Policy, body: string): boolean {
  try {
    const message = JSON.parse(body) as Json;
    return typeof message === "object" && message !== null && !Array.isArray(message) && naive(policy, message);
  } catch {
    return false;
  }
}

const SPOILERS = [
  "",
  '"',
  ",",
  "}",
  "]",
  "{",
  "[",
  "\\",
  "\\u00",
  "1",
  "-",
  ".",
  "e5",
  "tru",
  "\u0001",
  ' ,"a":[{"b":"a"}]',
  '{"__proto__":1}',
];

/** With something put in or taken away: most is no JSON then. */
function spoilt(text: string, noise: () => number): string {
  const at = (noise() * 1000 + noise()) % (text.length + 1);
  return text.slice(0, at) + (SPOILERS[noise() % SPOILERS.length] ?? "") + text.slice(at + (noise() % 3));
}

const readers = new FilterReaders();

test("a policy holds of a body exactly if values can be chosen for all its keys, one element of each array", () => {
  fc.assert(
    fc.property(policy, message, fc.infiniteStream(fc.nat(999)), (policy, message, stream) => {
      let compiled;
      try {
        compiled = parseFilterPolicy(JSON.stringify(policy), { scope: "MessageBody", refuse });
      } catch (error) {
        fc.pre(!(error instanceof ServiceError)); // Too complex, or two stars in a row.
        throw error;
      }
      const body = written(message, () => Number(stream.next().value));
      // Twice, so that nothing is left from the first time, and then with something that may spoil it.
      for (const text of [body, body, spoilt(body, () => Number(stream.next().value))]) {
        const expected = holdsOfText(policy, text);
        if (compiled.matches({ body: text, attributes: [], readers }) !== expected) throw new Error(`expected ${expected} of ${text}`);
      }
    }),
    { numRuns: 1500 },
  );
});
