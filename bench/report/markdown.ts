import type { Table, Verdict } from "../answer.ts";
import { CONNECTIONS } from "../plan.ts";
import { type Answered, othersShare, type Results, shortcomings } from "./results.ts";

/** `bench/RESULTS.md`: ratios first, then absolute figures. */
export function asMarkdown(results: Results): string {
  const { answered } = results;
  const verdicts = answered.flatMap(({ answer }) => answer?.verdicts ?? []);
  return [
    "# Results",
    "Written by `npm run bench`; what is measured and how to read it stands in [README.md](README.md).",
    ...warning(shortcomings(results)),
    "## Targets",
    "What a release has to hold:",
    verdictTable(verdicts.filter(({ required }) => required)),
    "Where the design wants to get to:",
    verdictTable(verdicts.filter(({ required }) => !required)),
    "## Ratios",
    "Millrace to each of the others by messages a second, both measured one after the other; the median of the rounds, and the range.",
    ratioTable(answered),
    "## Figures",
    "Medians of the rounds. They belong to this machine.",
    ...answered.flatMap(section),
    "## How it was measured",
    conditions(results),
    "",
  ]
    .join("\n\n")
    .replace(/\n+$/, "\n");
}

function warning(reasons: readonly string[]): string[] {
  if (reasons.length === 0) return [];
  const list = reasons.map((reason) => `> - ${reason}`).join("\n");
  return [
    `> **Do not quote these figures.** They come from\n>\n${list}\n>\n> and stand here until \`npm run bench\` has replaced them on a quiet machine.`,
  ];
}

function verdictTable(verdicts: readonly Verdict[]): string {
  const outcome = (met: boolean | undefined): string => (met === undefined ? "not judged" : met ? "met" : "**not met**");
  return table({
    head: ["What", "Target", "Measured", ""],
    rows: verdicts.map(({ what, target, measured, met }) => [what, target, measured, outcome(met)]),
  });
}

function ratioTable(answered: readonly Answered[]): string {
  const rows = answered.flatMap(({ question, answer }) =>
    (answer?.ratios ?? []).map(({ against, text }) => [question.name, against, text]),
  );
  return table({ head: ["Question", "Against", "Ratio"], rows });
}

function section({ question, answer, failure }: Answered): string[] {
  const heading = `### ${question.asks}`;
  if (answer === undefined) return [heading, `Could not be measured: ${failure}`];
  const notes = answer.notes.map((note) => `- ${note}`).join("\n");
  return [heading, table(answer.table), ...(notes === "" ? [] : [notes])];
}

function conditions({ date, machine, plan, fauxqs, answered }: Results): string {
  const others = othersShare(answered);
  const facts: [string, string][] = [
    ["date", date],
    ["machine", `${machine.processors}, ${machine.memoryGb} GiB, ${machine.system}`],
    ["disk", `${machine.fileSystem}; an append of 4 KiB with fdatasync takes ${machine.syncMs.toFixed(2)} ms (median)`],
    ["Node.js, SQLite", `${machine.node}, ${machine.sqlite}`],
    ["Millrace", machine.millrace],
    ["its durability", "WAL, `synchronous=FULL`: every answer waits for the fsync of the group commit that holds it"],
    [
      "fauxqs",
      `${fauxqs}; its durable mode, where it has one: SQLite in WAL mode, one transaction for each message, on the thread that serves`,
    ],
    [
      "load",
      `${CONNECTIONS} connections, closed loop, in a process of its own on the same processors; ${plan.seconds} s and ${plan.rounds} round${plan.rounds === 1 ? "" : "s"} each`,
    ],
    [
      "others on the machine",
      `load average ${machine.loadBefore.toFixed(1)} before; ${Number.isNaN(others) ? "?" : Math.round(others * 100)} % of the processors during the measurements`,
    ],
  ];
  return table({ head: ["", ""], rows: facts });
}

function table({ head, rows }: Table): string {
  const line = (cells: readonly string[]): string => `| ${cells.map((cell) => cell.replaceAll("|", "\\|")).join(" | ")} |`;
  if (rows.length === 0) return "None here.";
  return [line(head), `|${head.map(() => "---|").join("")}`, ...rows.map(line)].join("\n");
}
