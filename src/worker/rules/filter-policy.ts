import { assert } from "../../kernel/assert.ts";
import { LANE_ATTRIBUTE, type MessageAttributes } from "./outgoing.ts";

/** Characters of a text that a filter can look at. It travels beside the body, with which it shares the size of a message. */
const FILTERED_TEXT_MAX = 1024;

/** The values of one field that a filter lets through, as SNS names them. */
export type FilterOperator<Value> =
  | Value
  | { readonly "anything-but": Value | readonly Value[] }
  | { readonly exists: boolean }
  | (Value extends string ? { readonly prefix: string } | { readonly suffix: string } | { readonly "equals-ignore-case": string } : never)
  | (Value extends number ? { readonly numeric: readonly (string | number)[] } : never);

/** Fields and what each must be; a message passes if all of them pass, a field if one of its values does. */
export type FilterPolicy = Readonly<Record<string, readonly unknown[]>>;

/**
 * The policy as SNS takes it for message attributes. What a filter looks at travels as attributes beside the body, so that
 * it also works for bodies that lie in the object store. Attributes are texts or numbers: `true` is the text `"true"`.
 */
export function attributePolicy(policy: FilterPolicy): FilterPolicy {
  return Object.fromEntries(Object.entries(policy).map(([field, values]) => [field, values.map(asText)]));
}

/** What lets through, beside a policy, the messages of one lane of a stage. @param lane `undefined` of the stage's own queue, which also gets what others call lanes. */
export function lanePolicy(lanes: readonly string[], lane: string | undefined): FilterPolicy {
  return { [LANE_ATTRIBUTE]: lane === undefined ? [{ exists: false }, { "anything-but": lanes }] : [lane] };
}

function asText(value: unknown): unknown {
  if (typeof value === "boolean") return String(value);
  if (typeof value !== "object" || value === null || !("anything-but" in value)) return value;
  const excluded = value["anything-but"];
  return { "anything-but": Array.isArray(excluded) ? excluded.map(asText) : asText(excluded) };
}

/** The attributes that filters on these fields look at. A field that is absent or null has none, so that `exists` is false of it. @throws {Error} a text is too long. */
export function filterAttributes(body: unknown, fields: readonly string[]): MessageAttributes {
  const attributes: Record<string, { type: string; value: string }> = {};
  if (typeof body !== "object" || body === null) return attributes;
  for (const field of fields) {
    const value: unknown = (body as Readonly<Record<string, unknown>>)[field];
    const length = typeof value === "string" ? value.length : 0;
    assert(length <= FILTERED_TEXT_MAX, `the field ${field} has ${length} characters; filters can look at ${FILTERED_TEXT_MAX} at most`);
    if (typeof value === "number") attributes[field] = { type: "Number", value: String(value) };
    else if ((typeof value === "string" && value !== "") || typeof value === "boolean")
      attributes[field] = { type: "String", value: String(value) };
  }
  return attributes;
}
