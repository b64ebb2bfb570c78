import type { FilteredMessage, FilterScope } from "./filter-policy.ts";

/** A policy and a message that is as much work for it as we know. */
export interface Hostile {
  readonly name: string;
  readonly scope: FilterScope;
  readonly policy: unknown;
  readonly message: FilteredMessage;
}

/** No policy is less work than this one. */
export const ONE_RULE: unknown = { k: ["x"] };

/**
 * As many values as fit, and as many rules as are accepted, that nearly match: each kind of rule by itself, all kinds at one
 * key, and conditions that one element of an array must satisfy together, over every kind of item that is short to write.
 * @param bytes of the messages, nearly.
 */
export function hostileCases(bytes: number): Hostile[] {
  const inBodies = Object.entries(POLICIES).flatMap(([name, { policy, items }]) =>
    items.map((item): Hostile => {
      return { name: `${name}, ${item}`, scope: "MessageBody", policy, message: { body: ITEMS[item](bytes), attributes: [] } };
    }),
  );
  return [...inBodies, ...onAttributes(bytes)];
}

/** The same on attributes: arrays, one long text, and as many attributes as there is room for. */
function onAttributes(bytes: number): Hostile[] {
  const array = (item: Item) => [{ name: "k", dataType: "String.Array", value: ITEMS[item](bytes).slice(5, -1) }];
  const cases = {
    "texts, array of texts": ["texts", array("texts")],
    "ranges, array of two digits": ["ranges", array("two digits")],
    "anything but, array of digits": ["anything but", array("digits")],
    "long wildcards, one text": ["long wildcards", [{ name: "k", dataType: "String", value: "a".repeat(bytes) }]],
    "five keys, many attributes": ["five keys", many(bytes / 12, (n) => ({ name: `q${base36(n, 4)}`, dataType: "String", value: "x" }))],
  } as const;
  return Object.entries(cases).map(([name, [policy, attributes]]) => {
    const all = policy === "five keys" ? fiveKeys(0) : POLICIES[policy]?.policy;
    return { name: `attributes: ${name}`, scope: "MessageAttributes", policy: all, message: { body: "", attributes } };
  });
}

type Item = keyof typeof ITEMS;

/** An array at the key of most policies, or a whole object, full of such items. */
const ITEMS = {
  digits: (bytes: number) => full(bytes, (n) => `${n % 10}`),
  "two digits": (bytes: number) => full(bytes, (n) => `${10 + (n % 90)}`),
  "many digits": (bytes: number) => full(bytes, (n) => `${1e16 + n}`),
  exponents: (bytes: number) => full(bytes, (n) => `${n % 10}e${23 + (n % 77)}`),
  "nearly nothing": (bytes: number) => full(bytes, (n) => `${1 + (n % 9)}e-${310 + (n % 10)}`),
  numbers: (bytes: number) => full(bytes, (n) => `${n % 1000}.5`),
  texts: (bytes: number) => full(bytes, (n) => `"${base36(n, 3)}"`),
  capitals: (bytes: number) => full(bytes, (n) => `"${base36(n, 3).toUpperCase()}"`),
  "letters with a case": (bytes: number) => full(bytes, (n) => `"${String.fromCharCode(0x410 + (n % 32))}"`),
  "near misses": (bytes: number) => full(bytes, (n) => `"a${n % 10}${n % 7}x"`),
  "beginnings and ends": (bytes: number) => full(bytes, (n) => `"${base36(n % 36, 1)}${base36(Math.floor(n / 36), 2)}"`),
  "two letters by turns": (bytes: number) => `{"k":"${"ab".repeat(bytes / 2 - 4)}"}`,
  "other letters": (bytes: number) => full(bytes, (n) => `"${String.fromCharCode(0x4e00 + (n % 20_000))}"`),
  escapes: (bytes: number) => full(bytes, () => '"\\u0061\\n"'),
  "long texts": (bytes: number) => full(bytes, () => `"${"a".repeat(150)}"`),
  "one text": (bytes: number) => `{"k":"${"a".repeat(bytes - 8)}"}`,
  "IPv4 addresses": (bytes: number) => full(bytes, (n) => `"1.1.${n % 256}.1"`),
  "IPv6 addresses": (bytes: number) => full(bytes, (n) => `"::${(n % 65_536).toString(16)}"`),
  objects: (bytes: number) => full(bytes, (n) => `{"a":1,"b":100,"c":${n % 10}}`),
  "small objects": (bytes: number) => full(bytes, (n) => `{"a":${n % 10}}`),
  "objects in arrays": (bytes: number) => full(bytes, (n) => `[{"a":1},{"c":${n % 10}}]`),
  arrays: (bytes: number) => full(bytes, () => "[1]"),
  depths: (bytes: number) => full(bytes, () => "[".repeat(900) + "]".repeat(900)),
  keys: (bytes: number) => `{${full(bytes, (n) => `"q${base36(n, 3)}":1`).slice(6, -2)}}`,
  "dotted keys": (bytes: number) => `{${full(bytes, () => `"${".".repeat(149)}":1`).slice(6, -2)}}`,
};

const POLICIES: Readonly<Record<string, { readonly policy: unknown; readonly items: readonly Item[] }>> = {
  texts: { policy: { k: many(150, (n) => base36(n, 3)) }, items: ["texts", "escapes", "other letters", "depths"] },
  folded: {
    policy: { k: many(150, (n) => ({ "equals-ignore-case": base36(n, 3) })) },
    items: ["capitals", "letters with a case", "other letters"],
  },
  prefixes: { policy: { k: many(150, (n) => ({ prefix: "a".repeat(n + 1) })), z: [1] }, items: ["long texts", "texts"] },
  suffixes: { policy: { k: many(150, (n) => ({ suffix: `x${"a".repeat(n)}` })), z: [1] }, items: ["long texts", "texts"] },
  "anything but": { policy: { k: many(150, (n) => ({ "anything-but": base36(n, 3) })), z: [1] }, items: ["texts", "digits"] },
  "anything but many": { policy: { k: [{ "anything-but": many(5000, (n) => base36(n, 3)) }], z: [1] }, items: ["texts"] },
  ranges: {
    policy: { k: many(150, (n) => ({ numeric: [">", n, "<", n + 0.5] })) },
    items: ["numbers", "digits", "two digits", "many digits", "exponents", "nearly nothing", "arrays"],
  },
  "wide ranges": { policy: { k: many(150, (n) => ({ numeric: [">", -n - 1, "<", 1e6] })), z: [1] }, items: ["numbers", "digits"] },
  blocks: { policy: { k: many(150, (n) => ({ cidr: `1.1.${n}.0/30` })), z: [1] }, items: ["IPv4 addresses"] },
  "wide blocks": { policy: { k: many(150, (n) => ({ cidr: `::${n}/120` })), z: [1] }, items: ["IPv6 addresses"] },
  wildcards: { policy: { k: many(5, (n) => ({ wildcard: `*${"a".repeat(n + 1)}*x*` })) }, items: ["texts", "long texts"] },
  "wildcards with ends": { policy: { k: many(10, (n) => ({ wildcard: `a*${n}x` })), z: [1] }, items: ["texts", "near misses"] },
  "wildcards in the middle": { policy: { k: many(5, (n) => ({ wildcard: `*${n}*a*` })) }, items: ["near misses", "long texts"] },
  "long wildcards": { policy: { k: many(5, (n) => ({ wildcard: `*${"a".repeat(199 - n)}x*y*` })) }, items: ["one text"] },
  "wildcards of many letters": {
    policy: { k: many(5, (n) => ({ wildcard: `*a${base36(n + 12, 1)}*b${base36(n + 12, 1)}*` })) },
    items: ["two letters by turns"],
  },
  "beginnings and ends": {
    policy: { k: many(72, (n) => (n < 36 ? { prefix: base36(n, 1) } : { suffix: base36(n - 36, 1) })), $or: [{ y: [1] }, { z: [1] }] },
    items: ["beginnings and ends", "texts"],
  },
  "none of these": {
    policy: {
      $or: many(75, (n) => ({
        k: [{ "anything-but": { prefix: many(36, (code) => base36(code, 1)) } }, { suffix: base36(n, 2) }],
        z: [n],
      })),
    },
    items: ["beginnings and ends"],
  },
  "all kinds": {
    policy: {
      k: [
        ...many(10, (n) => ({ wildcard: `1*${n}x` })),
        ...many(30, (n) => ({ cidr: `1.1.${n}.0/24` })),
        ...many(30, (n) => ({ prefix: `1.1.1${base36(n, 1)}` })),
        ...many(30, (n) => ({ suffix: `${base36(n, 1)}1.1` })),
        ...many(20, (n) => ({ "equals-ignore-case": base36(n, 3) })),
        ...many(20, (n) => ({ "anything-but": { prefix: base36(n, 3) } })),
      ],
      z: [1],
    },
    items: ["texts", "IPv4 addresses", "IPv6 addresses"],
  },
  "the same key twice": { policy: { $or: many(75, (n) => twice(n)) }, items: ["digits", "numbers"] },
  "the same key in every branch": { policy: nested(30), items: ["digits", "numbers"] },
  "below an array": {
    policy: { $or: many(150, (n) => ({ "k.a": [1], "k.b": [100 + n], "k.c": [n] })) },
    items: ["objects", "small objects", "objects in arrays"],
  },
  "alone below an array": {
    policy: { $or: [...many(75, (n) => ({ "k.a": [1], "k.b": [100 + n] })), ...many(75, (n) => ({ "k.a": [n], z: [1] }))] },
    items: ["small objects", "objects"],
  },
  "many keys": { policy: { $or: many(150, (n) => fiveKeys(n * 5)) }, items: ["keys"] },
  "a path of dots": { policy: { [".".repeat(149)]: [1] }, items: ["dotted keys"] },
};

function twice(n: number): unknown {
  const below = (most: number) => ({ k: [{ numeric: ["<", most] }] });
  return { k: [{ numeric: [">", n] }], $or: [below(n + 2), below(n + 1)] };
}

function nested(depth: number): unknown {
  const above = { k: [{ numeric: [">", depth] }] };
  return depth === 0 ? above : { ...above, $or: [nested(depth - 1), { k: [{ numeric: ["<", depth] }] }] };
}

function fiveKeys(from: number): unknown {
  return Object.fromEntries(many(5, (n) => [`q${base36(from + n, 3)}`, [1]]));
}

function full(bytes: number, make: (number: number) => string): string {
  const items: string[] = [];
  for (let length = 8; length < bytes; length += (items.at(-1)?.length ?? 0) + 1) items.push(make(items.length));
  return `{"k":[${items.slice(0, -1).join(",")}]}`;
}

function many<T>(count: number, make: (number: number) => T): T[] {
  return Array.from({ length: count }, (_, number) => make(number));
}

function base36(number: number, digits: number): string {
  return number.toString(36).padStart(digits, "a").slice(-digits);
}
