import type { MessageAttribute } from "./message-attributes.ts";

const EVERYTHING: ReadonlySet<string> = new Set(["All", "*", ".*"]);
const PREFIX_END = ".*";

/**
 * The attributes that MessageAttributeNames of a receive asks for. `All`, `*` and `.*` ask for every one, `Hel.*` for
 * all whose name starts with `Hel`, anything else for the one of that name. What no name can match selects nothing.
 */
export function selectAttributes(attributes: readonly MessageAttribute[], filters: readonly string[]): readonly MessageAttribute[] {
  if (filters.some((filter) => EVERYTHING.has(filter))) return attributes;
  return attributes.filter(({ name }) => filters.some((filter) => matches(filter, name)));
}

function matches(filter: string, name: string): boolean {
  return filter.endsWith(PREFIX_END) ? name.startsWith(filter.slice(0, -PREFIX_END.length)) : name === filter;
}
