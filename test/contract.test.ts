import assert from "node:assert/strict";
import { join } from "node:path";
import { describe, test } from "node:test";
import { citationsOf, readCitations, type Citation } from "./contract/citations.ts";
import { readChoices, type Choice } from "./contract/choices.ts";
import { NOT_YET } from "./contract/not-yet.ts";
import { ROWS, SECTIONS } from "./contract/rows.ts";
import { treeOf } from "./tidy/source.ts";

const ROOT = join(import.meta.dirname, "..");
const { found, problems } = readCitations(ROOT);
const ids: readonly string[] = ROWS.map(({ id }) => id);

describe("every behaviour of the contract has a test that cites it", () => {
  test("citations can be read, and name rows that there are", () => {
    assert.deepEqual([...problems, ...unknownRows(found, ids)], []);
  });

  test("a row without a test stands in the list of what is not yet, with its reason", () => {
    assert.deepEqual(uncovered(ids, found, NOT_YET), []);
  });

  test("a row that a test cites has left that list", () => {
    assert.deepEqual(stale(ids, found, NOT_YET), []);
  });

  test("every open point stands in the service's README with its choice", () => {
    assert.deepEqual(unchosen(ids, readChoices(ROOT)), []);
  });

  test("sections have rows, and rows say something", (t) => {
    for (const [contract, sections] of Object.entries(SECTIONS))
      for (const section of sections.keys())
        assert.ok(
          ROWS.some((row) => row.contract === contract && row.section === section),
          `section ${section} of ${contract} has no row`,
        );
    for (const { id, statement } of ROWS) assert.ok(statement.length > 10, id);
    const cited = new Set(found.map(({ row }) => row));
    t.diagnostic(`${ids.length} rows, ${ids.filter((id) => cited.has(id)).length} with a test, ${Object.keys(NOT_YET).length} not yet`);
  });
});

function unknownRows(found: readonly Citation[], ids: readonly string[]): string[] {
  return found.filter(({ row }) => !ids.includes(row)).map(({ row, path, line }) => `${path}:${line} cites ${row}, which is no row`);
}

function uncovered(ids: readonly string[], found: readonly Citation[], notYet: Readonly<Record<string, string>>): string[] {
  const cited = new Set(found.map(({ row }) => row));
  return ids
    .filter((id) => !cited.has(id) && !(id in notYet))
    .map((id) => `${id} has no test; cite it with covers("${id}"), or say in test/contract/not-yet.ts why it has none`);
}

function stale(ids: readonly string[], found: readonly Citation[], notYet: Readonly<Record<string, string>>): string[] {
  const cited = new Map(found.map((citation) => [citation.row, citation]));
  return Object.keys(notYet).flatMap((id) => {
    if (!ids.includes(id)) return [`test/contract/not-yet.ts names ${id}, which is no row`];
    const citation = cited.get(id);
    return citation === undefined ? [] : [`${id} is tested in ${citation.path}:${citation.line}; take it out of test/contract/not-yet.ts`];
  });
}

function unchosen(ids: readonly string[], choices: readonly Choice[]): string[] {
  const chosen = new Set(choices.flatMap(({ rows }) => rows));
  const open = ids.filter((id) => id.startsWith("sqs/11-") && !chosen.has(id) && !(id in NOT_YET));
  return [
    ...open.map((id) => `${id} is an open point without a choice in src/services/queues/README.md`),
    ...[...chosen].filter((id) => !ids.includes(id)).map((id) => `src/services/queues/README.md names ${id}, which is no row`),
  ];
}

describe("each of these checks can fail", () => {
  const read = (text: string) => citationsOf(treeOf({ "src/a.test.ts": text }).get("src/a.test.ts")!);

  test("a citation belongs to the test around it", () => {
    const text = `
      import { covers } from "../test/contract/covers.ts";
      test("one (and more)", () => { covers("sqs/1-a"); });
      onBothProtocols("two", async ({ call }) => {
        covers("sqs/1-b", "sqs/1-c");
      });
      // covers("sqs/1-d")
    `;
    assert.deepEqual(
      read(text).found.map(({ row, test, line }) => [row, test, line]),
      [
        ["sqs/1-a", "one (and more)", 3],
        ["sqs/1-b", "two", 5],
        ["sqs/1-c", "two", 5],
      ],
    );
    assert.deepEqual(read(text).problems, []);
  });

  test("a case of a table cites by its rows", () => {
    const text = `const CASES = [{ name: "one", rows: ["sqs/1-a", "sqs/1-b"] }, { name: "two", rows: ["sqs/1-c"] }];`;
    assert.deepEqual(
      read(text).found.map(({ row, test }) => `${test} ${row}`),
      ["one sqs/1-a", "one sqs/1-b", "two sqs/1-c"],
    );
  });

  test("a citation outside of a test, in a skipped one, or without an id is none", () => {
    const problem = (text: string) => read(text).problems.join();
    assert.match(problem(`test("one", () => {}); covers("sqs/1-a");`), /stands in no test/);
    assert.match(problem(`test("one", { skip: true }, () => { covers("sqs/1-a"); });`), /is skipped/);
    assert.match(problem(`test("one", () => { covers(...rows); });`), /cannot be read/);
    assert.equal(problem(`test("one", { skip: false }, () => { covers("sqs/1-a"); });`), "");
  });

  test("an open point without a choice, and a choice of no row", () => {
    const choice: Choice = { question: "q", choice: "c", rows: ["sqs/11-a"] };
    assert.deepEqual(unchosen(["sqs/11-a", "sqs/5.1-a"], [choice]), []);
    assert.match(unchosen(["sqs/11-a", "sqs/11-b"], [choice]).join(), /^sqs\/11-b is an open point/);
    assert.match(unchosen([], [choice]).join(), /no row/);
  });

  test("unknown rows, rows without a test, and a list that is out of date", () => {
    const one: Citation = { row: "sqs/1-a", path: "p", line: 1, test: "t" };
    assert.deepEqual(unknownRows([one], ["sqs/1-a"]), []);
    assert.match(unknownRows([one], ["sqs/1-b"]).join(), /p:1 cites sqs\/1-a/);
    assert.deepEqual(uncovered(["sqs/1-a", "sqs/1-b"], [one], { "sqs/1-b": "later" }), []);
    assert.match(uncovered(["sqs/1-a", "sqs/1-b"], [one], {}).join(), /^sqs\/1-b has no test/);
    assert.deepEqual(stale(["sqs/1-a", "sqs/1-b"], [one], { "sqs/1-b": "later" }), []);
    assert.match(stale(["sqs/1-a"], [one], { "sqs/1-a": "later" }).join(), /is tested in p:1/);
    assert.match(stale(["sqs/1-a"], [one], { "sqs/1-c": "later" }).join(), /no row/);
  });
});
