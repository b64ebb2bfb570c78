import { join } from "node:path";
import { readChoices } from "../../test/contract/choices.ts";
import { readCitations, type Citation } from "../../test/contract/citations.ts";
import { NOT_YET } from "../../test/contract/not-yet.ts";
import type { Row } from "../../test/contract/row.ts";
import { ROWS, SECTIONS } from "../../test/contract/rows.ts";
import { table } from "./markdown.ts";

const ROOT = join(import.meta.dirname, "../..");

const EVIDENCE: Readonly<Record<Row["evidence"], string>> = {
  recorded: "an answer of the real service, or a test that was run against it",
  "recorded by another": "another project says that its own recordings show it",
  reported: "AWS's own text, quoted in somebody's bug report",
  emulators: "in the sources of emulators only, which seem to have copied AWS's wording",
  model: "the published model of the service, or what its SDKs do",
  documented: "AWS's documentation",
  guess: "AWS leaves it open; the choice is ours",
};

/** What is known of Amazon SQS, behaviour by behaviour: how it is known, what Millrace chose, and which tests show it. */
export function queueBehaviours(actions: readonly string[]): string[] {
  const shown = new Shown(readCitations(ROOT).found);
  const general = [...SECTIONS].filter(([section]) => ROWS.some((row) => row.section === section && row.actions.length === 0));
  return [
    "### Behaviour by behaviour",
    `${ROWS.length} behaviours of Amazon SQS are written down in \`test/contract/\`, each with how it is known and with the tests that show it here. Those that can be asked for are asked on both protocols.`,
    table(
      ["Known", "means"],
      Object.entries(EVIDENCE).map(([word, meaning]) => [word, meaning]),
    ),
    "### For every action",
    ...general.flatMap(([section, { title }]) => [
      `#### ${title}`,
      shown.table(ROWS.filter((row) => row.section === section && row.actions.length === 0)),
    ]),
    "### Action by action",
    ...actions.flatMap((action) => [`#### ${action}`, shown.table(ROWS.filter((row) => row.actions.includes(action)))]),
    ...notYet(),
  ];
}

/** Rows as they are shown: with the choice and the tests. */
class Shown {
  readonly #tests = new Map<string, string[]>();
  readonly #choices = new Map<string, string>();

  constructor(citations: readonly Citation[]) {
    for (const { row, path } of citations) this.#tests.set(row, [...new Set([...this.tests(row), path])].toSorted());
    for (const { choice, rows } of readChoices(ROOT)) for (const row of rows) this.#choices.set(row, choice);
  }

  tests(id: string): readonly string[] {
    return this.#tests.get(id) ?? [];
  }

  table(rows: readonly Row[]): string {
    if (rows.length === 0) return "Nothing beyond what holds for every action.";
    return table(
      ["Behaviour", "Known", "Shown by"],
      rows.map(({ id, statement, evidence }) => {
        const choice = this.#choices.get(id);
        const tests = this.tests(id).map((path) => `[${nameOf(path)}](../../${path})`);
        return [
          inText(statement) + (choice === undefined ? "" : ` *Millrace: ${choice}.*`),
          evidence,
          tests.length === 0 ? "*not yet*" : tests.join(", "),
        ];
      }),
    );
  }
}

function notYet(): string[] {
  const reasons = [...new Set(Object.values(NOT_YET))];
  return reasons.length === 0 ? [] : ["### Not yet shown by a test", reasons.map((reason) => `- ${reason}`).join("\n")];
}

/** `test/sdk/queues/send-message.test.ts` is `send-message`. */
function nameOf(path: string): string {
  return path.replace(/^.*\//, "").replace(/\..*$/, "");
}

/** Text of ours in Markdown: nothing in it is markup. */
function inText(text: string): string {
  return text.replace(/([*_<])/g, "\\$1");
}
