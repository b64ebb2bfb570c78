import { execFile } from "node:child_process";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { beginningOf, FIRST, note, noteBeginnings, type Beginning } from "../../planted/catalogue.ts";
import { FAULTS } from "./planted.ts";

/**
 * Looks for every planted fault, two at a time, from the run that showed it last: `node test/model/faults/find.ts [a part of a
 * fault's name]`. With `--write` each is looked for from the first run of the first seed; what that took is noted for the
 * table in RELIABILITY.md, and where it was found for the next time.
 */

const ROOT = join(import.meta.dirname, "../../..");
/** A fault that this many commands do not show is one that the model misses. */
const COMMANDS_MAX = 100_000;

interface Found {
  readonly commands: number;
  readonly what: string | undefined;
  readonly seed?: number;
  readonly run?: string;
}

const { values, positionals } = parseArgs({ allowPositionals: true, options: { write: { type: "boolean", default: false } } });

function look(name: string): Promise<Found> {
  const program = ["--conditions=millrace-source", "--import", join(import.meta.dirname, "plant.fixture.ts"), "test/model/campaign.ts"];
  const { seed, run = 0 } = values.write ? FIRST : beginningOf("model", name);
  const options = ["--seed", String(seed), "--run", String(run), "--commands", String(COMMANDS_MAX), "--brief"];
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
  for (const { name } of left) {
    const { commands, what, seed, run } = await look(name);
    if (what === undefined || seed === undefined) missed.push(name);
    else {
      counts.set(name, commands);
      shownBy.set(name, { seed, run: Number(run) });
    }
    console.log(
      `${what === undefined ? "MISSED" : "found "} after ${String(commands).padStart(6)} commands: ${name}${what === undefined ? "" : ` — ${what}`}`,
    );
  }
}
await Promise.all([lookForSome(), lookForSome()]);
if (values.write) {
  note("model", counts);
  noteBeginnings("model", shownBy);
}
console.log(`${wanted.length - missed.length} of ${wanted.length} planted faults found`);
process.exitCode = missed.length > 0 ? 1 : 0;
