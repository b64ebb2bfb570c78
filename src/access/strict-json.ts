import type { PolicyLanguage } from "./language.ts";

/**
 * Reads JSON in which no object has a name twice. A reader that takes the last of two would drop a condition that the
 * writer relies on.
 * @throws {ServiceError} what `invalid` makes.
 */
export function parseJsonStrictly(text: string, invalid: PolicyLanguage["invalid"]): unknown {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    throw invalid();
  }
  const repeated = repeatedName(text);
  if (repeated !== undefined) throw invalid(`the name "${repeated}" stands twice in one object.`);
  return value;
}

/** @param json well-formed. */
function repeatedName(json: string): string | undefined {
  const open: Set<string>[] = [];
  for (let at = 0; at < json.length; at += 1) {
    const character = json[at];
    if (character === "{" || character === "[") open.push(new Set());
    else if (character === "}" || character === "]") open.pop();
    else if (character === '"') {
      const end = endOfString(json, at);
      const names = open.at(-1);
      if (names !== undefined && isName(json, end)) {
        const name = JSON.parse(json.slice(at, end)) as string;
        if (names.has(name)) return name;
        names.add(name);
      }
      at = end - 1;
    }
  }
  return undefined;
}

/** Behind the closing quote. */
function endOfString(json: string, start: number): number {
  let at = start + 1;
  while (json[at] !== '"') at += json[at] === "\\" ? 2 : 1;
  return at + 1;
}

/** In well-formed JSON a text is a member's name exactly where a colon follows. */
function isName(json: string, end: number): boolean {
  let at = end;
  while (json[at] === " " || json[at] === "\n" || json[at] === "\r" || json[at] === "\t") at += 1;
  return json[at] === ":";
}
