/** Steps from a JSON document to a value in it: names of members and indexes of lists. */
export type JsonPath = readonly (string | number)[];

/** A path, and what must stand there; `value` undefined asks only that something does. */
export interface JsonCondition {
  readonly path: JsonPath;
  readonly value: string | undefined;
}

/** A name behind a dot (the first one without), an index, or a quoted name for what has dots or brackets in it. */
const STEP = /\.?(?<name>[^.[\]"=]+)|\[(?<index>\d+)\]|\[(?<quoted>"(?:[^"\\]|\\.)*")\]/y;

/**
 * Reads `order.items[0].sku=A-17`: a path, and behind the first equals sign outside quotes the value. A `$` or `$.` in
 * front is allowed. Undefined where it is no path.
 */
export function parseJsonCondition(text: string): JsonCondition | undefined {
  const path: (string | number)[] = [];
  let at = /^\$\.?/.exec(text)?.[0].length ?? 0;
  while (at < text.length && text[at] !== "=") {
    STEP.lastIndex = at;
    const { name, index, quoted } = STEP.exec(text)?.groups ?? {};
    const step = index !== undefined ? Number(index) : (name ?? unquoted(quoted));
    if (step === undefined) return undefined;
    path.push(step);
    at = STEP.lastIndex;
  }
  if (path.length === 0 && !text.startsWith("$")) return undefined;
  return { path, value: at < text.length ? text.slice(at + 1) : undefined };
}

function unquoted(text: string | undefined): string | undefined {
  const parsed = text === undefined ? undefined : parsedJson(text);
  return typeof parsed === "string" ? parsed : undefined;
}

/**
 * Whether a body is JSON in which the condition holds. A string is compared by its characters, everything else by its
 * JSON text, so that `17` finds both the number and the string; whole numbers of any length are compared exactly.
 */
export function jsonHolds(body: string, { path, value }: JsonCondition): boolean {
  const found = valueAt(parsedJson(body), path);
  if (found === undefined || value === undefined) return found !== undefined;
  if (typeof found === "string") return found === value;
  if (typeof found === "number" && Math.abs(found) > Number.MAX_SAFE_INTEGER) return valueAt(numbersAsText(body), path) === value;
  return JSON.stringify(found) === value;
}

/** Undefined for what is no JSON; JSON itself has no such value. */
function parsedJson(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return undefined;
  }
}

/** The document with each number as it is written: beyond 2^53 two that differ would be read as the same. */
function numbersAsText(body: string): unknown {
  return JSON.parse(body, (_key, value: unknown, ...[context]: { readonly source?: string }[]) =>
    typeof value === "number" ? context?.source : value,
  ) as unknown;
}

function valueAt(document: unknown, path: JsonPath): unknown {
  let value = document;
  for (const step of path) {
    if (typeof value !== "object" || value === null || !Object.hasOwn(value, step)) return undefined;
    if (Array.isArray(value) && typeof step !== "number") return undefined; // The platform's own members of a list.
    value = (value as Record<string | number, unknown>)[step];
  }
  return value;
}
