/**
 * One process of the exploration: `node test/power/explore.ts --recordings DIRECTORY --seed N --part 0/2 --states 20000`
 * prints a line of JSON for each recording. With `--state PASS/CHANGE/KIND` and one `--recording`: that state again.
 */
import "./check/quick-opening.ts";
import { existsSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import type { Violation } from "./check/verdict.ts";
import { KINDS } from "./disk/crash-states.ts";
import { Explorer, type Found } from "./explorer.ts";
import { load } from "./record/record.ts";
import type { StateNumber } from "./replay.ts";

/** What a process tells about one recording. */
export interface Explored {
  readonly name: string;
  readonly states: number;
  readonly found: readonly Found[];
}

const { values } = parseArgs({
  options: {
    recordings: { type: "string", default: "" },
    recording: { type: "string" },
    seed: { type: "string", default: "1" },
    part: { type: "string", default: "0/1" },
    states: { type: "string", default: "1000" },
    state: { type: "string" },
    // Ends with the first violation of this kind.
    until: { type: "string" },
  },
});
const until = values.until as Violation["kind"] | undefined;

const scratch = mkdtempSync(join(existsSync("/dev/shm") ? "/dev/shm" : tmpdir(), "millrace-power-"));
process.once("exit", () => rmSync(scratch, { recursive: true, force: true }));
const seed = Number(values.seed);
const [number = 0, of = 1] = values.part.split("/").map(Number);

if (values.state !== undefined && values.recording !== undefined) await again(values.recording, values.state);
else if (values.recording !== undefined) await explore([values.recording]);
else
  await explore(
    readdirSync(values.recordings)
      .sort()
      .map((name) => join(values.recordings, name)),
  );

async function explore(directories: readonly string[]): Promise<void> {
  // Those first in which the least was asked: they have fewer states than their share, and leave it to those that come after them.
  const inOrder = directories
    .map((directory) => ({ directory, units: load(directory).journal.states.length }))
    .sort((a, b) => a.units - b.units);
  let wanted = Number(values.states);
  for (const [index, { directory }] of inOrder.entries()) {
    const recording = load(directory);
    const distinct = Math.ceil(wanted / (inOrder.length - index));
    const explorer = new Explorer(recording, { seed, scratch: join(scratch, "state"), part: { number, of }, distinct, until });
    const { states, found, distinct: keys } = await explorer.explore();
    wanted -= keys.size;
    writeFileSync(join(directory, `distinct-${number}`), [...keys].join("\n"));
    const explored: Explored = { name: recording.name, states, found };
    process.stdout.write(`${JSON.stringify(explored)}\n`);
  }
}

async function again(directory: string, state: string): Promise<void> {
  const [pass = 0, change = 0, kind = 0] = state.split("/").map(Number);
  const stateNumber: StateNumber = { pass, change, kind };
  const made = join(tmpdir(), "millrace-power-state");
  const explorer = new Explorer(load(directory), { seed, scratch: made, part: { number: 0, of: 1 }, distinct: 1 });
  const found = await explorer.again(stateNumber);
  process.stdout.write(`${JSON.stringify(KINDS[kind])} after change ${change}; the state was in ${made} before the engine opened it\n`);
  process.stdout.write(found === undefined ? "It is as it may be.\n" : `${found.kind}: ${found.what}\n`);
  process.exitCode = found === undefined ? 0 : 1;
}
