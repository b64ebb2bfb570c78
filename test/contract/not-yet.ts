import type { RowId } from "./rows.ts";

/**
 * Rows that no test cites yet, by the reason. `test/contract.test.ts` fails on a row that stands neither here nor in a
 * test, and on one that stands in both: whoever lands a feature cites its rows and takes them out of here.
 */
const WAITING: readonly { readonly reason: string; readonly rows: readonly RowId[] }[] = [
  {
    reason: "A test of it is to be written.",
    rows: ["sns/11-topics", "sns/5.4-fields", "sns/5.4-attributes", "sns/5.4-timestamp", "sns/5.4-unsubscribe"],
  },
  {
    reason: "HTTP endpoints are not offered yet.",
    rows: [
      "sns/3.4-delivery-policy",
      "sns/3.4-effective-policy",
      "sns/3.5-pending",
      "sns/4.1-scheme",
      "sns/4.1-http-on-fifo",
      "sns/4.1-pending",
      "sns/4.1-pending-again",
      "sns/5.6-http",
      "sns/6.1-handshake",
      "sns/6.1-headers",
      "sns/6.1-content-type",
      "sns/6.1-other-topic",
      "sns/6.1-nothing-before",
      "sns/6.1-unsubscribed",
      "sns/6.2-success",
      "sns/6.2-retried",
      "sns/6.2-permanent",
      "sns/6.2-redirect",
      "sns/6.3-forms",
      "sns/6.3-effective",
      "sns/6.3-phases",
      "sns/6.3-ranges",
      "sns/6.3-content-type",
    ],
  },
  {
    reason: "Filter policies are not asked yet.",
    rows: [
      "sns/4.2-filter-policy",
      "sns/4.2-empty-filter",
      "sns/4.2-scope-shown",
      "sns/4.2-nested",
      "sns/4.2-scope-of-nested",
      "sns/10.1-keys",
      "sns/10.1-or",
      "sns/10.1-exact",
      "sns/10.1-affixes",
      "sns/10.1-anything-but",
      "sns/10.1-anything-but-other",
      "sns/10.1-numeric",
      "sns/10.1-exists",
      "sns/10.1-cidr",
      "sns/10.2-messages",
      "sns/10.2-keys",
      "sns/10.2-complexity",
      "sns/10.2-quota",
      "sns/10.2-at-once",
      "sns/10.3-types",
      "sns/10.3-array",
      "sns/10.3-number",
      "sns/10.3-text-is-no-number",
      "sns/10.3-absent",
      "sns/10.3-without-attributes",
      "sns/10.3-anything-but-array",
      "sns/10.4-object",
      "sns/10.4-arrays",
      "sns/10.4-points",
      "sns/10.4-leaves",
      "sns/10.4-empty",
      "sns/10.4-structure",
      "sns/10.4-same-element",
    ],
  },
  {
    reason: "Messages are not signed yet.",
    rows: ["sns/5.5-canonical", "sns/5.5-confirmation", "sns/5.5-versions", "sns/5.5-certificate", "sns/5.5-validator"],
  },
];

export const NOT_YET: Readonly<Record<string, string>> = Object.fromEntries(
  WAITING.flatMap(({ reason, rows }) => rows.map((row) => [row, reason])),
);
