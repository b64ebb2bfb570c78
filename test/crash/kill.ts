import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { campaign, summary, type Report } from "./campaign.ts";
import { faultyProxy } from "./faulty-proxy.ts";
import { entriesOf, toJsonLines } from "../checkers/history.ts";

/**
 * `node test/crash/kill.ts --kills 100 [--seed N] [--fault "a send makes two messages"] [--history FILE]`: kills the server so often under 16
 * writers and 16 readers. Exit code 1 on any violation, with the smallest history of the first of each rule.
 */
const { values } = parseArgs({
  options: {
    kills: { type: "string", default: "100" },
    seed: { type: "string", default: String(process.pid) },
    fault: { type: "string" },
    history: { type: "string" },
  },
});

const SHOWN_ENTRIES_MAX = 40;

function print({ history, violations }: Report): void {
  for (const [rule, found] of Map.groupBy(violations, ({ rule }) => rule)) {
    const [first] = found;
    process.stdout.write(`\n${rule} (${found.length}): ${first?.what}\n${toJsonLines(first?.history.slice(0, SHOWN_ENTRIES_MAX) ?? [])}`);
  }
  process.stdout.write(`\n${summary({ history, violations })}\n`);
}

const data = mkdtempSync(join(tmpdir(), "millrace-crash-"));
const { fault } = values;
const seed = Number(values.seed);
process.stdout.write(`seed ${seed}, data in ${data}\n`);
let failed = true;
try {
  const report = await campaign({
    kills: Number(values.kills),
    seed,
    data,
    ...(fault === undefined ? {} : { between: faultyProxy(fault).between }),
    onKill: (kill, history) => {
      if (kill % 10 === 0) process.stdout.write(`${kill} kills, ${entriesOf(history, "send").length} sends\n`);
    },
  });
  print(report);
  if (values.history !== undefined) writeFileSync(values.history, toJsonLines(report.history));
  failed = report.violations.length > 0;
} finally {
  if (failed)
    process.stdout.write(`Again: node test/crash/kill.ts --kills ${values.kills} --seed ${seed}. The data directory was kept: ${data}\n`);
  else rmSync(data, { recursive: true });
}
process.exitCode = failed ? 1 : 0;
