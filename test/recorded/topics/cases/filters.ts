import { createTopic, invalid, NEWS, setSubscription, subscribe, type RecordedCase } from "../case.ts";

const subscribed = [createTopic("news"), subscribe(NEWS, "inbox", { FilterPolicyScope: "MessageBody" })];
/** A policy, and what is said of it. */
const policy = (value: unknown, reason: string) => ({
  given: subscribed,
  ask: setSubscription("FilterPolicy", JSON.stringify(value)),
  refused: invalid(`FilterPolicy: ${reason}`),
});
const rule = (value: unknown, reason: string) => policy({ k: [value] }, reason);
const values = (count: number) => Array.from({ length: count }, (_, number) => `v${number}`);
const COMPLEX = "Filter policy is too complex";

/** What is no filter policy. */
export const FILTERS: readonly RecordedCase[] = [
  { name: "a policy without rules for a key", rows: ["sns/10.2-messages"], ...policy({ k: [] }, "Empty arrays are not allowed") },
  { name: "a policy with a text for rules", rows: ["sns/10.2-messages"], ...policy({ k: "x" }, '"k" must be an object or an array') },
  {
    name: "a rule that is an array",
    rows: ["sns/10.2-messages"],
    ...rule(["x"], "Match value must be String, number, true, false, or null"),
  },
  { name: "a rule that does not exist", rows: ["sns/10.2-messages"], ...rule({ like: "x" }, "Unrecognized match type like") },
  {
    name: "two rules in one",
    rows: ["sns/10.2-messages"],
    ...rule({ prefix: "a", suffix: "b" }, "Only one key allowed in match expression"),
  },
  { name: "a suffix that is no text", rows: ["sns/10.2-messages"], ...rule({ suffix: 1 }, "suffix match pattern must be a string") },
  {
    name: "an existence that is a text",
    rows: ["sns/10.2-messages"],
    ...rule({ exists: "no" }, "exists match pattern must be either true or false."),
  },
  { name: "a network that is no text", rows: ["sns/10.2-messages"], ...rule({ cidr: 1 }, "prefix match pattern must be a string") },
  { name: "a network without a slash", rows: ["sns/10.2-messages"], ...rule({ cidr: "10.0.0.0" }, "Malformed CIDR, one '/' required") },
  {
    name: "a network whose bits are no number",
    rows: ["sns/10.2-messages"],
    ...rule({ cidr: "10.0.0.0/x" }, "Malformed CIDR, mask bits must be an integer"),
  },
  { name: "a network of no address", rows: ["sns/10.2-messages"], ...rule({ cidr: "xx/8" }, "Nonstandard IP address: xx") },
  { name: "an empty comparison", rows: ["sns/10.2-messages"], ...rule({ numeric: [] }, "Invalid member in numeric match: ]") },
  { name: "a comparison without an operator", rows: ["sns/10.2-messages"], ...rule({ numeric: [1] }, "Invalid member in numeric match: 1") },
  {
    name: "an operator that does not exist",
    rows: ["sns/10.2-messages"],
    ...rule({ numeric: ["<>", 1] }, "Unrecognized numeric range operator: <>"),
  },
  { name: "an equality with a text", rows: ["sns/10.2-messages"], ...rule({ numeric: ["=", "1"] }, "Value of equals must be numeric") },
  { name: "a comparison without a value", rows: ["sns/10.2-messages"], ...rule({ numeric: [">="] }, "Value of >= must be numeric") },
  {
    name: "a range from its end",
    rows: ["sns/10.2-messages"],
    ...rule({ numeric: ["<", 100, ">", 10] }, "Too many elements in numeric expression"),
  },
  {
    name: "a range with a value for its second operator",
    rows: ["sns/10.2-messages"],
    ...rule({ numeric: [">", 10, 30] }, "Bad value in numeric range: 30"),
  },
  {
    name: "a range with the same operator twice",
    rows: ["sns/10.2-messages"],
    ...rule({ numeric: [">", 10, ">", 30] }, "Bad numeric range operator: >"),
  },
  {
    name: "a range that ends before it begins",
    rows: ["sns/10.2-messages"],
    ...rule({ numeric: [">", 30, "<", 10] }, "Bottom must be less than top"),
  },
  {
    name: "a range of three ends",
    rows: ["sns/10.2-messages"],
    ...rule({ numeric: [">", 1, "<", 5, "<", 6] }, "Too many terms in numeric range expression"),
  },
  {
    name: "a policy of six keys",
    rows: ["sns/10.2-keys"],
    ...policy({ a: ["x"], b: ["x"], c: ["x"], d: ["x"], e: ["x"], f: ["x"] }, "Filter policy can not have more than 5 keys"),
  },
  { name: "a policy of 151 values", rows: ["sns/10.2-complexity"], ...policy({ k: values(151) }, COMPLEX) },
  {
    name: "a policy of 216 combinations",
    rows: ["sns/10.2-complexity"],
    ...policy({ a: { b: { c: values(4) } }, d: { e: values(3) }, f: values(3) }, COMPLEX),
  },
];
