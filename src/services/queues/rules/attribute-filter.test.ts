import assert from "node:assert/strict";
import { test } from "node:test";
import { selectAttributes } from "./attribute-filter.ts";
import { covers } from "../../../../test/contract/covers.ts";

const attributes = ["General", "Hello", "Help.Me"].map((name) => ({ name, dataType: "String", value: "x" }));

test("MessageAttributeNames selects everything, by prefix or by name", () => {
  covers("sqs/5.1-filter-all", "sqs/5.1-filter-prefix", "sqs/5.1-filter-illegal", "sqs/5.1-filter-none");
  const table: [filters: string[], selected: string[]][] = [
    [[], []],
    [["All"], ["General", "Hello", "Help.Me"]],
    [[".*"], ["General", "Hello", "Help.Me"]],
    [["*"], ["General", "Hello", "Help.Me"]],
    [["Hello"], ["Hello"]],
    [["Hel.*"], ["Hello", "Help.Me"]],
    [["Help.*"], ["Help.Me"]],
    [["Help"], []],
    [["hello"], []],
    [
      ["Hello", "General"],
      ["General", "Hello"],
    ],
    [
      ["Hello", "Hello", "Hel.*"],
      ["Hello", "Help.Me"],
    ],
    [
      ["Hello", "All"],
      ["General", "Hello", "Help.Me"],
    ],
    [["Hel*"], []],
    [["AWS."], []],
    [["..foo"], []],
    [[""], []],
  ];
  for (const [filters, selected] of table) {
    assert.deepEqual(
      selectAttributes(attributes, filters).map(({ name }) => name),
      selected,
      JSON.stringify(filters),
    );
  }
});
