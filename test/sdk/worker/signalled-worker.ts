/**
 * A worker as a program of its own, with everything from the environment. Says `begun` when a handler runs, which ends
 * after that many milliseconds and ignores its signal; and each stage of its stop.
 *
 *     node signalled-worker.ts <milliseconds>
 */
import { silentLogger } from "../../../src/kernel/logger.ts";
import { consume } from "../../../src/worker/index.ts";

function tell(stage: unknown): void {
  if (typeof stage === "string") process.stdout.write(`${stage}\n`);
}

consume("jobs", {
  logger: { ...silentLogger, info: (_event, fields) => tell(fields?.["stage"]) },
  run: async () => {
    process.stdout.write("begun\n");
    await new Promise((resolve) => setTimeout(resolve, Number(process.argv[2])));
  },
});
process.stdout.write("started\n");
