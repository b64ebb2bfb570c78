import { execFile } from "node:child_process";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { note } from "../../planted/catalogue.ts";
import { FAULTS } from "./planted.ts";

/**
 * Looks for every planted fault, two at a time: `node test/model/faults/find.ts [a part of a fault's name]`; with `--write`
 * what it took is noted for the table in RELIABILITY.md.
 */

const ROOT = join(import.meta.dirname, "../../..");
/** A fault that this many commands do not show is one that the model misses. */
const COMMANDS_MAX = 100_000;

interface Found {
  readonly commands: number;
  readonly what: string | undefined;
}

function look(name: string): Promise<Found> {
  const program = ["--conditions=millrace-source", "--import", join(import.meta.dirname, "plant.fixture.ts"), "test/model/campaign.ts"];
  const options = ["--seed", "1", "--commands", String(COMMANDS_MAX), "--brief"];
  return new Promise((resolve, reject) => {
    const env = { ...process.env, MILLRACE_PLANTED_FAULT: name };
    execFile(process.execPath, [...program, ...options], { cwd: ROOT, env }, (_, stdout, stderr) => {
      const line = stdout.split("\n").find((line) => line.startsWith("{"));
      if (line === undefined) reject(new Error(`${name}: ${stdout}${stderr}`));
      else resolve(JSON.parse(line) as Found);
    });
  });
}

const { values, positionals } = parseArgs({ allowPositionals: true, options: { write: { type: "boolean", default: false } } });
const wanted = FAULTS.filter(({ name }) => name.includes(positionals[0] ?? ""));
const missed: string[] = [];
const counts = new Map<string, number>();
const left = wanted.values();
async function lookForSome(): Promise<void> {
  for (const { name } of left) {
    const { commands, what } = await look(name);
    if (what === undefined) missed.push(name);
    else counts.set(name, commands);
    console.log(
      `${what === undefined ? "MISSED" : "found "} after ${String(commands).padStart(6)} commands: ${name}${what === undefined ? "" : ` — ${what}`}`,
    );
  }
}
await Promise.all([lookForSome(), lookForSome()]);
if (values.write) note("model", counts);
console.log(`${wanted.length - missed.length} of ${wanted.length} planted faults found`);
process.exitCode = missed.length > 0 ? 1 : 0;
