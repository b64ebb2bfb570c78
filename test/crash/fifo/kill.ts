import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { toJsonLines } from "../../checkers/history.ts";
import { fifoCampaign, fifoSummary } from "./campaign.ts";

/**
 * `node test/crash/fifo/kill.ts --kills 50 [--seed N] [--groups 1000] [--history FILE]`: kills the server so often under 16
 * writers and 16 readers of a FIFO queue. Exit code 1 on any violation, with the smallest history of the first of each rule.
 */
const { values } = parseArgs({
  options: {
    kills: { type: "string", default: "50" },
    seed: { type: "string", default: String(process.pid) },
    groups: { type: "string", default: "1000" },
    history: { type: "string" },
  },
});

const SHOWN_ENTRIES_MAX = 40;

const data = mkdtempSync(join(tmpdir(), "millrace-crash-"));
const seed = Number(values.seed);
process.stdout.write(`FIFO, seed ${seed}, data in ${data}\n`);
let failed = true;
try {
  const report = await fifoCampaign({ kills: Number(values.kills), seed, data, groups: Number(values.groups) });
  for (const [rule, found] of Map.groupBy(report.violations, ({ rule: name }) => name)) {
    const [first] = found;
    process.stdout.write(`\n${rule} (${found.length}): ${first?.what}\n${toJsonLines(first?.history.slice(0, SHOWN_ENTRIES_MAX) ?? [])}`);
  }
  process.stdout.write(`\n${fifoSummary(report)}\n`);
  if (values.history !== undefined) writeFileSync(values.history, toJsonLines(report.history));
  failed = report.violations.length > 0;
} finally {
  if (failed)
    process.stdout.write(
      `Again: node test/crash/fifo/kill.ts --kills ${values.kills} --seed ${seed}. The data directory was kept: ${data}\n`,
    );
  else rmSync(data, { recursive: true });
}
process.exitCode = failed ? 1 : 0;
