import { join } from "node:path";
import { readChoices } from "../../test/contract/choices.ts";
import { readCitations, type Citation } from "../../test/contract/citations.ts";
import { NOT_YET } from "../../test/contract/not-yet.ts";
import type { Row } from "../../test/contract/row.ts";
import { ROWS, SECTIONS, type Contract } from "../../test/contract/rows.ts";
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

/** How behaviours are known. */
export function evidenceTable(): string {
  return table(
    ["Known", "means"],
    Object.entries(EVIDENCE).map(([word, meaning]) => [word, meaning]),
  );
}

/** What is known of a service, behaviour by behaviour: how it is known, what Millrace chose, and which tests show it. */
export function behaviours({ contract, name, actions }: { contract: Contract; name: string; actions: readonly string[] }): string[] {
  const shown = new Shown(readCitations(ROOT).found);
  const rows = ROWS.filter((row) => row.contract === contract);
  const general = [...SECTIONS[contract]].filter(([section]) => rows.some((row) => row.section === section && row.actions.length === 0));
  const both = contract === "sqs" ? " Those that can be asked for are asked on both protocols." : "";
  return [
    `### Behaviours of ${name}`,
    `${rows.length} behaviours of ${name} are written down in \`test/contract/${contract}/\`, each with how it is known and with the tests that show it here.${both}`,
    `### ${name}: for every action`,
    ...general.flatMap(([section, { title }]) => [
      `#### ${title}`,
      shown.table(rows.filter((row) => row.section === section && row.actions.length === 0)),
    ]),
    `### ${name}: action by action`,
    ...actions.flatMap((action) => [`#### ${action}`, shown.table(rows.filter((row) => row.actions.includes(action)))]),
    ...notYet(contract),
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

function notYet(contract: Contract): string[] {
  const own = Object.entries(NOT_YET).filter(([id]) => id.startsWith(`${contract}/`));
  const reasons = [...new Set(own.map(([, reason]) => reason))];
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
