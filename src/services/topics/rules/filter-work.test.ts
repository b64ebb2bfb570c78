import assert from "node:assert/strict";
import { test } from "node:test";
import { systemClock } from "../../../kernel/clock.ts";
import { ServiceError } from "../../../kernel/service-error.ts";
import { parseFilterPolicy } from "./filter-policy.ts";

const refuse = (message: string) => new ServiceError({ code: "InvalidParameter", httpStatus: 400, fault: "client", message });

const BYTES = 256 * 1024;
const clock = systemClock();

function many<T>(count: number, make: (number: number) => T): T[] {
  return Array.from({ length: count }, (_, number) => make(number));
}

/** A message full of such items. */
function full(make: (number: number) => string): string {
  const items: string[] = [];
  for (let length = 8; length < BYTES - 2000; length += (items.at(-1)?.length ?? 0) + 1) items.push(make(items.length));
  return `{"k":[${items.join(",")}]}`;
}

const base36 = (number: number) => number.toString(36).padStart(4, "a");

const letters = (count: number) => "a".repeat(count);

/** The worst that we know: as many values as fit, and as many rules as are accepted, that nearly match. */
const WORST: readonly { readonly name: string; readonly policy: unknown; readonly message: string }[] = [
  { name: "digits, ranges", policy: { k: many(150, (n) => ({ numeric: [">", -n - 1, "<", 0] })) }, message: full(() => "1") },
  {
    name: "numbers, ranges",
    policy: { k: many(150, (n) => ({ numeric: [">", n, "<", n + 0.5] })) },
    message: full((n) => `${n % 1000}.5`),
  },
  { name: "texts, texts", policy: { k: many(150, base36) }, message: full((n) => `"${base36(n)}"`) },
  {
    name: "texts, prefixes",
    policy: { k: many(150, (n) => ({ prefix: letters(n + 1) })), z: [1] },
    message: full((n) => `"${base36(n)}"`),
  },
  { name: "texts, suffixes", policy: { k: many(150, (n) => ({ suffix: `x${letters(n)}` })) }, message: full(() => `"${letters(150)}"`) },
  {
    name: "texts, anything-but",
    policy: { k: many(150, (n) => ({ "anything-but": base36(n) })), z: [1] },
    message: full((n) => `"${base36(n)}"`),
  },
  {
    name: "texts, wildcards",
    policy: { k: many(5, (n) => ({ wildcard: `*${letters(n + 1)}*x*` })) },
    message: full((n) => `"${base36(n)}"`),
  },
  {
    name: "one text, wildcards",
    policy: { k: many(5, (n) => ({ wildcard: `*${letters(199 - n)}x*y*` })) },
    message: `{"k":"${letters(BYTES)}"}`,
  },
  { name: "escapes, texts", policy: { k: many(150, base36) }, message: full(() => '"\\u0061\\n"') },
  {
    name: "addresses, blocks",
    policy: { k: many(150, (n) => ({ cidr: `::${n}/120` })) },
    message: full((n) => `"::${(n % 65_536).toString(16)}"`),
  },
  {
    name: "objects, keys below an array",
    policy: { $or: many(150, (n) => ({ "k.a": [1], "k.b": [100 + n], "k.c": [n] })) },
    message: full((n) => `{"a":1,"b":${n % 10}}`),
  },
  { name: "arrays in arrays, texts", policy: { k: many(150, base36) }, message: full(() => "[".repeat(900) + "]".repeat(900)) },
  { name: "keys, texts", policy: { k: many(150, base36) }, message: `{${full((n) => `"${base36(n)}":1`).slice(6, -2)}}` },
];

/** The least time that each takes, by turns: what the machine's other work has disturbed least, and both alike. */
function shortestMs(...works: (() => void)[]): number[] {
  const shortest = works.map(() => Infinity);
  for (let time = 0; time < 5; time += 1)
    works.forEach((work, at) => {
      const startMs = clock.monotonicMs();
      work();
      shortest[at] = Math.min(shortest[at]!, clock.monotonicMs() - startMs);
    });
  return shortest;
}

/** A policy of 150 rules that were asked one by one would take a hundred times as long as one of a single rule. */
const TIMES_MAX = 20;

test("150 rules take a few times as long as one, whatever the message of 256 KiB", () => {
  const compile = (policy: unknown) => parseFilterPolicy(JSON.stringify(policy), { scope: "MessageBody", refuse });
  const single = compile({ k: ["x"] });
  for (const { name, policy, message } of WORST) {
    const [many, of] = [compile(policy), { body: message, attributes: [] }];
    const [manyMs = 0, oneMs = 0] = shortestMs(
      () => void many.matches(of),
      () => void single.matches(of),
    );
    assert.ok(manyMs <= TIMES_MAX * oneMs, `${name}: ${manyMs} ms, ${oneMs} ms with one rule`);
    if (process.env["FILTER_FIGURES"] !== undefined) process.stdout.write(`${name}: ${manyMs.toFixed(2)} ms\n`);
  }
});
