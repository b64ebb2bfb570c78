import { execFile } from "node:child_process";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { beginningOf, FIRST, note, noteBeginnings, type Beginning } from "../../planted/catalogue.ts";
import { FAULTS, type BreakingFault } from "./planted.ts";

/**
 * Looks for every planted fault, two at a time, from the seed that showed it last: `node test/simulation/faults/find.ts [a
 * part of a fault's name]`. With `--write` each is looked for from the first seed; what that took is noted for the table in
 * RELIABILITY.md, and the seed for the next time.
 */

const ROOT = join(import.meta.dirname, "../../..");
/** A fault that so many seeds do not show is one that the simulation misses. */
const SEEDS_MAX = 400;

interface Found {
  readonly seeds: number;
  readonly rules: readonly string[];
  readonly seed?: number;
}

const { values, positionals } = parseArgs({ allowPositionals: true, options: { write: { type: "boolean", default: false } } });

function look({ name, breaks }: BreakingFault): Promise<Found> {
  const program = [
    "--conditions=millrace-source",
    "--import",
    join(import.meta.dirname, "plant.fixture.ts"),
    "test/simulation/campaign.ts",
  ];
  const { seed } = values.write ? FIRST : beginningOf("simulation", name);
  const options = ["--first", String(seed), "--seeds", String(SEEDS_MAX), "--until", breaks, "--brief"];
  return new Promise((resolve, reject) => {
    const env = { ...process.env, MILLRACE_PLANTED_FAULT: name };
    execFile(process.execPath, [...program, ...options], { cwd: ROOT, env }, (_, stdout, stderr) => {
      const line = stdout.split("\n").find((line) => line.startsWith("{"));
      if (line === undefined) reject(new Error(`${name}: ${stdout}${stderr}`));
      else resolve(JSON.parse(line) as Found);
    });
  });
}

const wanted = FAULTS.filter(({ name }) => name.includes(positionals[0] ?? ""));
const missed: string[] = [];
const counts = new Map<string, number>();
const shownBy = new Map<string, Beginning>();
const left = wanted.values();
async function lookForSome(): Promise<void> {
  for (const fault of left) {
    const { seeds, rules, seed } = await look(fault);
    const isFound = rules.includes(fault.breaks);
    if (isFound && seed !== undefined) {
      counts.set(fault.name, seeds);
      shownBy.set(fault.name, { seed });
    } else missed.push(fault.name);
    console.log(`${isFound ? "found " : "MISSED"} after ${String(seeds).padStart(3)} seeds: ${fault.name}: ${rules.join(", ")}`);
  }
}
await Promise.all([lookForSome(), lookForSome()]);
if (values.write) {
  note("simulation", counts);
  noteBeginnings("simulation", shownBy);
}
console.log(`${wanted.length - missed.length} of ${wanted.length} planted faults found`);
process.exitCode = missed.length > 0 ? 1 : 0;
