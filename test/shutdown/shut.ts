import { existsSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { shown } from "../checkers/shown.ts";
import { loadSummary } from "../crash/campaign.ts";
import { warmUp } from "../crash/server-process.ts";
import { FAULTS } from "../power/faults/planted.ts";
import { shutdownCampaign } from "./campaign.ts";
import { CannotMount, type Kind } from "./file-system.ts";

/**
 * `node test/shutdown/shut.ts [--on ext4|xfs] [--cycles 25] [--seed N] [--fault "a commit does not wait for the disk"]`: shuts the file
 * system down under the server so often. Exit code 1 on any violation, or with a planted fault where it is not found; 77
 * where such a file system cannot be mounted, with the reason as last line.
 */
const { values } = parseArgs({
  options: {
    on: { type: "string", default: "ext4" },
    cycles: { type: "string", default: "25" },
    seed: { type: "string", default: String(process.pid) },
    fault: { type: "string" },
  },
});
const NOT_RUN = 77;
const PLANT = join(import.meta.dirname, "../power/faults/plant.fixture.ts");

const kind = kindOf(values.on);
const { fault } = values;
if (fault !== undefined && !FAULTS.some(({ name }) => name === fault)) throw new TypeError(`there is no such fault: ${fault}`);
// Inline, so that the fault is where it was planted.
const planted = fault === undefined ? {} : { preload: PLANT, env: { MILLRACE_PLANTED_FAULT: fault, MILLRACE_STORAGE_THREAD: "off" } };
const options = {
  ...planted,
  kind,
  cycles: Number(values.cycles),
  seed: Number(values.seed),
  within: existsSync("/dev/shm") ? "/dev/shm" : tmpdir(),
};
try {
  await warmUp();
  const report = await shutdownCampaign(options);
  const { violations, ends } = report;
  if (fault === undefined) process.stdout.write(shown(violations));
  else process.stdout.write(`${violations.length > 0 ? "found " : "MISSED"} on ${kind}: ${fault}: ${violations[0]?.what ?? ""}\n`);
  const ended = `${ends.failedStop} servers ended by themselves with exit code 1, ${ends.bus} by SIGBUS, ${ends.killed} were killed`;
  process.stdout.write(`${options.cycles} shutdowns of ${kind}, seed ${options.seed}: ${ended}; ${loadSummary(report)}\n`);
  process.exitCode = violations.length > 0 === (fault !== undefined) ? 0 : 1;
} catch (error) {
  if (!(error instanceof CannotMount)) throw error;
  process.stdout.write(`${error.message.split("\n")[0]}\n`);
  process.exitCode = NOT_RUN;
}

function kindOf(name: string): Kind {
  if (name === "ext4" || name === "xfs") return name;
  throw new TypeError(`a file system is ext4 or xfs, not ${name}`);
}
