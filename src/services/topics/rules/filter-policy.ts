import { BodyFilter, type FilteredAttribute } from "./filter-body.ts";
import { readCombinations, type FilterScope } from "./filter-combinations.ts";
import { FilterIndex } from "./filter-index.ts";
import type { Refuse } from "./filter-rule.ts";
import { FilterReaders } from "./filter-readers.ts";

export type { FilteredAttribute } from "./filter-body.ts";
export type { FilterScope } from "./filter-combinations.ts";

/** What a policy looks at in a message. */
export interface FilteredMessage {
  /** As the protocol of the subscription gets it. */
  readonly body: string;
  readonly attributes: readonly FilteredAttribute[];
  /** By whom it is read; the same for all policies that look at one message, so that its texts are read once. */
  readonly readers?: FilterReaders;
}

/** A subscription's filter policy, made ready for many messages. */
export interface FilterPolicy {
  /** Whether the subscription is to get the message. At most some milliseconds for the largest of messages. */
  matches(message: FilteredMessage): boolean;
}

/**
 * Reads a filter policy.
 * @param refuse makes what is thrown of AWS's words: `FilterPolicy: Empty arrays are not allowed`.
 * Source: "Amazon SNS subscription filter policies" in the developer guide, and recorded answers.
 */
export function parseFilterPolicy(text: string, { scope, refuse }: { scope: FilterScope; refuse: Refuse }): FilterPolicy {
  const combinations = readCombinations(text, scope, refuse);
  if (combinations.length === 0) return { matches: () => true };
  const index = new FilterIndex(combinations, scope);
  const filter = new BodyFilter(index);
  const holds = scope === "MessageBody" ? bodyHolds : attributesHold;
  return { matches: (message) => holds(index, filter, message) };
}

function bodyHolds(index: FilterIndex, filter: BodyFilter, { body, readers = new FilterReaders() }: FilteredMessage): boolean {
  const json = readers.read(body);
  if (json === undefined) return false;
  const scope = filter.begin();
  return filter.noteObject(json) && index.holds(scope);
}

/** Binary attributes are as if they were not there. A message without attributes matches no policy, not even one that asks for absence. */
function attributesHold(index: FilterIndex, filter: BodyFilter, { attributes, readers = new FilterReaders() }: FilteredMessage): boolean {
  const compared = attributes.filter(({ dataType }) => !dataType.startsWith("Binary"));
  if (compared.length === 0) return false;
  const scope = filter.begin();
  for (const attribute of compared) {
    const place = index.root.children.get(attribute.name);
    if (place !== undefined) filter.noteAttribute(attribute, place, readers);
  }
  return index.holds(scope);
}
