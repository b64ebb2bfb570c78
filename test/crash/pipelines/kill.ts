import { parseArgs } from "node:util";
import { campaign } from "./campaign.ts";
import type { Shape } from "./shapes.ts";

/**
 * `node test/crash/pipelines/kill.ts --kills 200 --jobs 5000 [--seed N] [--shapes join,exec-fifo] [--fault "the name of one"]`: kills workers of pipelines
 * so often, at every step in every shape in turn, while so many jobs are worked on. Exit code 1 where anything is missing,
 * there twice, stuck or out of order, or a step was not reached.
 */
const { values } = parseArgs({
  options: {
    kills: { type: "string", default: "72" },
    jobs: { type: "string", default: "1000" },
    seed: { type: "string", default: String(process.pid) },
    fault: { type: "string" },
    shapes: { type: "string" },
  },
});
const startedMs = Date.now();
const seconds = () => ((Date.now() - startedMs) / 1000).toFixed(1);
process.stdout.write(`seed ${values.seed}\n`);
const report = await campaign({
  kills: Number(values.kills),
  jobs: Number(values.jobs),
  seed: Number(values.seed),
  fault: values.fault,
  shapes: values.shapes?.split(",") as readonly Shape[] | undefined,
  onLeft: (messages) => process.stdout.write(`${seconds()} s, ${messages} messages are left\n`),
  onKill: (kill, what) => process.stdout.write(`${seconds()} s, kill ${kill}: ${what}\n`),
});
const { kills, places, jobs, effects, copies, notReached, violations } = report;
for (const line of notReached) process.stdout.write(`not reached: ${line}\n`);
for (const line of violations.slice(0, 40)) process.stdout.write(`violation: ${line}\n`);
process.stdout.write(
  `${kills} kills at ${places} places, ${jobs} jobs, ${effects} effects, ${copies} second copies with the same ids, ${violations.length} violations, ${seconds()} s\n`,
);
process.exitCode = violations.length + notReached.length > 0 ? 1 : 0;
