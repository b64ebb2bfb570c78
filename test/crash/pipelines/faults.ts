import { campaign } from "./campaign.ts";
import { FAULTS, type FaultOfWorker } from "./planted.ts";

/**
 * `node test/crash/pipelines/faults.ts`: for each mistake that can be planted in the worker, one worker dies and others
 * finish, up to three times: on a busy machine a death may come where the mistake has done no harm yet, or not at all. Exit
 * code 1 where what they leave never shows it.
 */
const AT_ONCE = 2;

const TRIES_MAX = 3;

async function find({ name, at, shows }: FaultOfWorker): Promise<void> {
  const seen: string[] = [];
  for (let seed = 1; seed <= TRIES_MAX; seed += 1) {
    const { violations, notReached } = await campaign({ kills: 1, jobs: 10, seed, target: at, fault: name });
    if (violations.some((violation) => violation.includes(shows))) {
      process.stdout.write(`found${seed === 1 ? "" : `, the ${seed}. time`}: ${name}\n`);
      return;
    }
    seen.push(...notReached.map((what) => `not reached: ${what}`), ...violations);
  }
  process.exitCode = 1;
  process.stdout.write(`NOT FOUND: ${name}\n`);
  for (const line of seen) process.stdout.write(`  ${line}\n`);
}

const waiting = [...FAULTS];
await Promise.all(
  Array.from({ length: AT_ONCE }, async () => {
    for (let fault = waiting.shift(); fault !== undefined; fault = waiting.shift()) await find(fault);
  }),
);
