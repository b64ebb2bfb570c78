/**
 * `node test/power/campaign.ts [--states 40000] [--seed N] [--no-faults]`: records every scenario, proves that planted
 * faults are found, and explores what power cuts may have left of each recording, in two processes. Exit code 1 on any violation.
 */
import { execFile } from "node:child_process";
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parseArgs, promisify } from "node:util";
import type { Explored } from "./explore.ts";
import { FAULTS, type Fault } from "./faults/planted.ts";
import { SCENARIOS } from "./load/scenarios.ts";
import { note } from "../planted/catalogue.ts";
import { load, record } from "./record/record.ts";
import { recordRecovery } from "./record/recovery.ts";

const { values } = parseArgs({
  allowNegative: true,
  options: {
    states: { type: "string", default: "40000" },
    seed: { type: "string", default: "1" },
    // Whether planted faults are looked for, too.
    faults: { type: "boolean", default: true },
    // After how many states each planted fault was found is noted for the table in RELIABILITY.md.
    write: { type: "boolean", default: false },
  },
});
const seed = Number(values.seed);
const PROCESSES = 2;
/** Distinct ones, at most: it ends with the first that shows the fault. */
const STATES_OF_FAULT = 1000;
/** Recoveries that are recorded, too, and the recordings from whose crash states. */
const RECOVERIES = 4;
const RECOVERED = ["queues", "objects"];
const EXPLORE = join(import.meta.dirname, "explore.ts");
const PLANT = join(import.meta.dirname, "faults/plant.fixture.ts");

const work = mkdtempSync(join(tmpdir(), "millrace-power-"));
const recordings = join(work, "recordings");
mkdirSync(recordings);
const run = promisify(execFile);

function directoryOf(name: string): string {
  return join(recordings, name.replaceAll(" ", "-"));
}

/** Some at a time. */
async function each<T>(all: readonly T[], work: (one: T) => Promise<void>): Promise<void> {
  const left = all.values();
  const some = async () => {
    for (const one of left) await work(one);
  };
  await Promise.all(Array.from({ length: PROCESSES }, some));
}

async function explored(args: readonly string[]): Promise<Explored[]> {
  const program = ["--max-semi-space-size=64", "--conditions=millrace-source", EXPLORE, "--seed", String(seed), ...args];
  const { stdout } = await run(process.execPath, program, { maxBuffer: 2 ** 26 });
  return stdout
    .trim()
    .split("\n")
    .map((line) => JSON.parse(line) as Explored);
}

const startedMs = performance.now();
const seconds = () => `${((performance.now() - startedMs) / 1000).toFixed(1)} s`;

await each(SCENARIOS, async (scenario) => {
  const { name } = scenario;
  const { changes, journal } = await record(scenario, { work: directoryOf(name), seed });
  console.log(`recorded: ${name}, ${changes.length} changes of the disk, ${journal.states.length - 1} units`);
});
console.log(`${seconds()}: ${SCENARIOS.length} recordings, seed ${seed}`);

const depth: string[] = [];
await each(
  Array.from({ length: RECOVERIES }, (_, number) => number),
  async (number) => {
    const of = RECOVERED[number % RECOVERED.length] ?? "";
    const { name } = await recordRecovery(load(directoryOf(of)), { number, seed, work: directoryOf(`recovery-${number}`) });
    depth.push(name);
  },
);
console.log(`${seconds()}: ${depth.length} recoveries recorded`);

const missed: string[] = [];
const counts = new Map<string, number>();
await each(values.faults ? FAULTS : [], async (fault: Fault) => {
  const at = join(work, "faults", fault.name.replaceAll(" ", "-"));
  const scenario = SCENARIOS.find(({ name }) => name === fault.scenario);
  if (scenario === undefined) throw new TypeError(`there is no scenario "${fault.scenario}"`);
  await record(scenario, { work: at, seed, preload: [PLANT], environment: { MILLRACE_PLANTED_FAULT: fault.name } });
  const [result] = await explored(["--recording", at, "--states", String(STATES_OF_FAULT), "--until", fault.shows]);
  const found = result?.found.filter(({ kind }) => kind === fault.shows) ?? [];
  if (found.length === 0) missed.push(fault.name);
  else counts.set(fault.name, found[0]?.after ?? 0);
  console.log(
    `${found.length === 0 ? "MISSED" : "found "} after ${String(result?.states).padStart(4)} states: ${fault.name}: ${found[0]?.what.split("\n")[0]?.slice(0, 100) ?? ""}`,
  );
});
if (values.write) note("power", counts);
if (values.faults) console.log(`${seconds()}: ${FAULTS.length - missed.length} of ${FAULTS.length} planted faults found`);

const share = String(Math.ceil(Number(values.states) / PROCESSES));
const parts = await Promise.all(
  Array.from({ length: PROCESSES }, (_, number) =>
    explored(["--recordings", recordings, "--part", `${number}/${PROCESSES}`, "--states", share]),
  ),
);
let states = 0;
let distinct = 0;
const found: Explored["found"][number][] = [];
for (const directory of readdirSync(recordings)
  .sort()
  .map((name) => join(recordings, name))) {
  const { name } = load(directory);
  const keys = new Set(parts.flatMap((_, number) => readFileSync(join(directory, `distinct-${number}`), "utf8").split("\n")));
  const ofScenario = parts.flat().filter((part) => part.name === name);
  const tried = ofScenario.reduce((sum, part) => sum + part.states, 0);
  console.log(`${name.padEnd(30)} ${String(tried).padStart(8)} states, ${String(keys.size).padStart(8)} distinct`);
  states += tried;
  distinct += keys.size;
  for (const violation of ofScenario.flatMap((part) => part.found)) {
    found.push(violation);
    const { pass, change, kind } = violation.state;
    const state = `${pass}/${change}/${kind}`;
    console.log(
      `${violation.kind}: ${violation.what}\nAgain: node --conditions=millrace-source test/power/explore.ts --recording ${directory} --seed ${seed} --state ${state}\n`,
    );
  }
}
const count = (kind: string) => found.filter((one) => one.kind === kind).length;
console.log(
  `${seconds()}: ${states} crash states, ${distinct} distinct, losses ${count("lost") + count("never so")}, corrupt ${count("corrupt")}`,
);
if (found.length > 0) console.log(`The recordings were kept: ${recordings}`);
else rmSync(work, { recursive: true });
process.exitCode = found.length + missed.length > 0 ? 1 : 0;
