import { addBits } from "./filter-bits.ts";
import { BodyFilter } from "./filter-body.ts";
import { readCombinations, type FilterScope } from "./filter-combinations.ts";
import { FilterIndex } from "./filter-index.ts";
import type { Refuse } from "./filter-rule.ts";

export type { FilterScope } from "./filter-combinations.ts";

/** What a policy looks at in a message. */
export interface FilteredMessage {
  /** As the protocol of the subscription gets it. */
  readonly body: string;
  readonly attributes: readonly FilteredAttribute[];
}

export interface FilteredAttribute {
  readonly name: string;
  /** `String`, `String.Array`, `Number`, `Binary`, each but the second with a label of the publisher's. */
  readonly dataType: string;
  readonly value: string;
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
  const holds = scope === "MessageBody" ? bodyHolds : attributesHold;
  return {
    matches(message) {
      const matches = holds(index, message);
      index.forget();
      return matches;
    },
  };
}

function bodyHolds(index: FilterIndex, { body }: FilteredMessage): boolean {
  const scope = index.newScope();
  return new BodyFilter(index, body, scope).noteObject() && index.holds(scope);
}

/** Binary attributes are as if they were not there. A message without attributes matches no policy, not even one that asks for absence. */
function attributesHold(index: FilterIndex, { attributes }: FilteredMessage): boolean {
  const compared = attributes.filter(({ dataType }) => !dataType.startsWith("Binary"));
  if (compared.length === 0) return false;
  const scope = index.newScope();
  for (const attribute of compared) noteAttribute(index, attribute, scope);
  return index.holds(scope);
}

function noteAttribute(index: FilterIndex, { name, dataType, value }: FilteredAttribute, scope: Int32Array): void {
  const place = index.root.children.get(name);
  if (place === undefined) return;
  if (dataType === "String.Array") {
    new BodyFilter(index, value, scope).noteArray(place);
    return;
  }
  addBits(place.excluded, scope);
  const { values } = place;
  if (values === undefined) return;
  const scalar = dataType.startsWith("Number") ? Number(value) : { text: value, start: 0, end: value.length };
  if (!values.isNew(scalar, 0)) return;
  values.note(scope);
  values.settle(scope);
}
