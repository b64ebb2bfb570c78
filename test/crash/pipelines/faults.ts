import { campaign } from "./campaign.ts";
import { FAULTS, type FaultOfWorker } from "./planted.ts";

/**
 * `node test/crash/pipelines/faults.ts`: for each mistake that can be planted in the worker, one worker dies and others
 * finish. Exit code 1 where what they leave does not show it.
 */
const AT_ONCE = 2;

async function find({ name, at, shows }: FaultOfWorker): Promise<void> {
  const { violations, notReached } = await campaign({ kills: 1, jobs: 10, seed: 1, target: at, fault: name });
  const isFound = notReached.length === 0 && violations.some((violation) => violation.includes(shows));
  if (!isFound) process.exitCode = 1;
  process.stdout.write(`${isFound ? "found" : "NOT FOUND"}: ${name}\n`);
  for (const line of isFound ? [] : [...notReached.map((what) => `not reached: ${what}`), ...violations])
    process.stdout.write(`  ${line}\n`);
}

const waiting = [...FAULTS];
await Promise.all(
  Array.from({ length: AT_ONCE }, async () => {
    for (let fault = waiting.shift(); fault !== undefined; fault = waiting.shift()) await find(fault);
  }),
);
