import { parseArgs } from "node:util";
import { campaign } from "./campaign.ts";
import type { Step } from "./steps.ts";

/**
 * `node test/crash/pipelines/kill.ts --kills 48 --jobs 10 [--seed N] [--step "after the delete" --plant deletes-first.fixture.ts]`: kills workers of pipelines so often,
 * at every step in turn, with so many jobs sent before each kill. Exit code 1 where anything is missing, twice or stuck.
 */
const { values } = parseArgs({
  options: {
    kills: { type: "string", default: "48" },
    jobs: { type: "string", default: "10" },
    seed: { type: "string", default: String(process.pid) },
    step: { type: "string" },
    plant: { type: "string" },
  },
});
const { plant, step } = values;
process.stdout.write(`seed ${values.seed}\n`);
const report = await campaign({
  kills: Number(values.kills),
  jobs: Number(values.jobs),
  seed: Number(values.seed),
  ...(step === undefined ? {} : { step: step as Step }),
  ...(plant === undefined ? {} : { plant }),
  onKill: (kill, what) => process.stdout.write(`kill ${kill}: ${what}\n`),
});
const { kills, jobs, effects, copies, notReached, violations } = report;
for (const line of notReached) process.stdout.write(`not reached: ${line}\n`);
for (const line of violations.slice(0, 40)) process.stdout.write(`violation: ${line}\n`);
process.stdout.write(
  `${kills} kills, ${jobs} jobs, ${effects} effects, ${copies} second copies with the same ids, ${violations.length} violations\n`,
);
process.exitCode = violations.length + notReached.length > 0 ? 1 : 0;
