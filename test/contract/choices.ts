import { readFileSync } from "node:fs";
import { join } from "node:path";

/** What Millrace does where AWS is silent or its sources disagree. */
export interface Choice {
  readonly question: string;
  readonly choice: string;
  /** Ids of the rows that it is about; none where the README names none. */
  readonly rows: readonly string[];
}

const README = "src/services/queues/README.md";
const HEADING = "## Where AWS is silent or its sources disagree";

/** The choices of the queue service, from the table in its README. */
export function readChoices(root: string): Choice[] {
  const text = readFileSync(join(root, README), "utf8");
  const section = text.slice(text.indexOf(HEADING) + HEADING.length).split(/^## /m)[0] ?? "";
  const lines = section.split("\n").filter((line) => line.startsWith("| ") && !line.startsWith("| Question "));
  return lines.map((line) => {
    const [, question = "", choice = "", rows = ""] = line.split("|").map((cell) => cell.trim());
    return { question, choice, rows: rows === "" ? [] : rows.split(/,\s*/).map((row) => `sqs/${row}`) };
  });
}
