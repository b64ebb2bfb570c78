import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { toJsonLines } from "../../checkers/history.ts";
import { shown } from "../../checkers/shown.ts";
import { warmUp } from "../server-process.ts";
import { fifoCampaign, fifoSummary } from "./campaign.ts";

/**
 * `node test/crash/fifo/kill.ts --kills 50 [--seed N] [--groups 1000] [--operations 10-200] [--history FILE]`: kills the server so
 * often under 16 writers and 16 readers of a FIFO queue. Exit code 1 on any violation, with the smallest history of the first of each rule.
 */
const { values } = parseArgs({
  options: {
    kills: { type: "string", default: "50" },
    seed: { type: "string", default: String(process.pid) },
    groups: { type: "string", default: "1000" },
    history: { type: "string" },
    // Done by all clients before a kill, in place of a time under load.
    operations: { type: "string" },
  },
});
const [from = 0, to = from] = values.operations?.split("-").map(Number) ?? [];

const data = mkdtempSync(join(tmpdir(), "millrace-crash-"));
const seed = Number(values.seed);
process.stdout.write(`FIFO, seed ${seed}, data in ${data}\n`);
let failed = true;
try {
  await warmUp();
  const report = await fifoCampaign({
    kills: Number(values.kills),
    seed,
    data,
    groups: Number(values.groups),
    operations: values.operations === undefined ? undefined : [from, to],
  });
  process.stdout.write(`\n${shown(report.violations)}\n${fifoSummary(report)}\n`);
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
