import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { campaign, summary } from "./campaign.ts";
import { faultyProxy } from "./faulty-proxy.ts";
import { warmUp } from "./server-process.ts";
import { entriesOf, toJsonLines } from "../checkers/history.ts";
import { shown } from "../checkers/shown.ts";

/**
 * `node test/crash/kill.ts --kills 100 [--seed N] [--operations 10-200] [--fault "a send makes two messages"] [--history FILE]`: kills the server
 * so often under 16 writers and 16 readers. Exit code 1 on any violation, with the smallest history of the first of each rule.
 */
const { values } = parseArgs({
  options: {
    kills: { type: "string", default: "100" },
    seed: { type: "string", default: String(process.pid) },
    fault: { type: "string" },
    history: { type: "string" },
    // Done by all clients before a kill, in place of a time under load.
    operations: { type: "string" },
  },
});
const [from = 0, to = from] = values.operations?.split("-").map(Number) ?? [];

const data = mkdtempSync(join(tmpdir(), "millrace-crash-"));
const { fault } = values;
const seed = Number(values.seed);
process.stdout.write(`seed ${seed}, data in ${data}\n`);
let failed = true;
try {
  await warmUp();
  const report = await campaign({
    kills: Number(values.kills),
    seed,
    data,
    operations: values.operations === undefined ? undefined : [from, to],
    ...(fault === undefined ? {} : { between: faultyProxy(fault).between }),
    onKill: (kill, history) => {
      if (kill % 10 === 0) process.stdout.write(`${kill} kills, ${entriesOf(history, "send").length} sends\n`);
    },
  });
  process.stdout.write(`\n${shown(report.violations)}\n${summary(report)}\n`);
  if (values.history !== undefined) writeFileSync(values.history, toJsonLines(report.history));
  failed = report.violations.length > 0;
} finally {
  if (failed)
    process.stdout.write(`Again: node test/crash/kill.ts --kills ${values.kills} --seed ${seed}. The data directory was kept: ${data}\n`);
  else rmSync(data, { recursive: true });
}
process.exitCode = failed ? 1 : 0;
