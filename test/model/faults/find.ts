import { execFile } from "node:child_process";
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { FAULTS } from "./planted.ts";

/**
 * Looks for every planted fault, two at a time: `node test/model/faults/find.ts [a part of a fault's name]`; with `--write`
 * the README's table says what was found.
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

/** Puts the number of commands into the README's row of a fault, or such a row behind the last one. */
function write(name: string, commands: number): void {
  const path = join(import.meta.dirname, "../README.md");
  const text = readFileSync(path, "utf8");
  const row = `| ${name} | the model | ${commands} |`;
  const at = text.split("\n").findIndex((line) => line.startsWith(`| ${name} |`));
  writeFileSync(path, at === -1 ? `${text.trimEnd()}\n${row}\n` : text.split("\n").with(at, row).join("\n"));
}

const { values, positionals } = parseArgs({ allowPositionals: true, options: { write: { type: "boolean", default: false } } });
const wanted = FAULTS.filter(({ name }) => name.includes(positionals[0] ?? ""));
const missed: string[] = [];
const left = wanted.values();
async function lookForSome(): Promise<void> {
  for (const { name } of left) {
    const { commands, what } = await look(name);
    if (what === undefined) missed.push(name);
    else if (values.write) write(name, commands);
    console.log(
      `${what === undefined ? "MISSED" : "found "} after ${String(commands).padStart(6)} commands: ${name}${what === undefined ? "" : ` — ${what}`}`,
    );
  }
}
await Promise.all([lookForSome(), lookForSome()]);
console.log(`${wanted.length - missed.length} of ${wanted.length} planted faults found`);
process.exitCode = missed.length > 0 ? 1 : 0;
