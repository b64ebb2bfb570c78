/**
 * `node test/long-run/main.ts --ledger FILE [--minutes 60] [--layers "simulation;power cuts"] [--at-once 2] [--first 1000001]`:
 * plays layers with new seeds for so long, at the lowest priority, and writes each round into the ledger, where the next
 * run goes on. `--totals` only says what all runs have done. Exit code 1 if a round of this run has failed.
 */
import { execFileSync, spawn } from "node:child_process";
import { appendFileSync, writeFileSync } from "node:fs";
import { constants, setPriority } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { LAYERS, type Layer } from "./layers.ts";
import { figuresOf, nextSeed, readLedger, totals, type Round } from "./ledger.ts";

const ROOT = join(import.meta.dirname, "../..");
const ROUND_MS_MAX = 3_600_000;
// Of a process that does little, most is to compile what it loads.
process.env["NODE_COMPILE_CACHE"] ??= join(ROOT, "node_modules/.cache/compiled");

const { values } = parseArgs({
  options: {
    ledger: { type: "string" },
    minutes: { type: "string", default: "60" },
    layers: { type: "string", default: LAYERS.map(({ name }) => name).join(";") },
    "at-once": { type: "string", default: "2" },
    // Far from those that every run of the layers has.
    first: { type: "string", default: "1000001" },
    totals: { type: "boolean", default: false },
  },
});
const { ledger } = values;
if (ledger === undefined) throw new TypeError("--ledger names the file in which rounds are kept");
const rounds = readLedger(ledger);

/** Layers of this run, with the time that each has had. */
const playing = LAYERS.filter(({ name }) => values.layers.split(";").includes(name)).map((layer) => ({ layer, ms: 0, begun: 0 }));
const endMs = performance.now() + Number(values.minutes) * 60_000;
let failed = 0;

if (!values.totals) {
  setPriority(constants.priority.PRIORITY_LOW);
  // The last one that changed the product: what is tested.
  const commit = execFileSync("git", ["log", "-1", "--format=%h", "--", "src"], { cwd: ROOT, encoding: "utf8" }).trim();
  await Promise.all(Array.from({ length: Number(values["at-once"]) }, () => lane(commit)));
}
console.log(totals(readLedger(ledger)).join("\n"));
process.exitCode = failed > 0 ? 1 : 0;

async function lane(commit: string): Promise<void> {
  while (performance.now() < endMs) {
    // Whoever has had the least; of those that run already only if there is nobody else.
    const [next] = playing.toSorted((a, b) => a.begun - b.begun || a.ms - b.ms);
    if (next === undefined) throw new TypeError(`there is no such layer: ${values.layers}`);
    next.begun += 1;
    const beganMs = performance.now();
    await round(next.layer, commit);
    next.ms += performance.now() - beganMs;
    next.begun -= 1;
  }
}

async function round(layer: Layer, commit: string): Promise<void> {
  const { name, seeds } = layer;
  const seed = nextSeed(rounds, name, Number(values.first));
  const date = new Date().toISOString().slice(0, 10);
  const begun: Round = { layer: name, seed, seeds, date, commit, seconds: 0, passed: false, figures: {} };
  const at = rounds.push(begun) - 1; // So that nobody else takes its seeds.
  const beganMs = performance.now();
  const { code, output } = await played(layer, seed);
  const figures = figuresOf(output, layer.figures);
  const passed = code === 0 && figures !== undefined;
  const done: Round = { ...begun, seconds: Math.round((performance.now() - beganMs) / 1000), passed, figures: figures ?? {} };
  rounds[at] = done;
  appendFileSync(`${ledger}`, `${JSON.stringify(done)}\n`);
  if (passed) return;
  failed += 1;
  const kept = `${ledger}.${name.replaceAll(/\W+/g, "-")}.${seed}.txt`;
  writeFileSync(kept, output);
  console.log(`${name}, seed ${seed}: exit code ${code}; what it said is in ${kept}`);
}

function played({ program, environment = {} }: Layer, seed: number): Promise<{ code: number | null; output: string }> {
  const child = spawn(process.execPath, program(seed), {
    cwd: ROOT,
    env: { ...process.env, ...environment },
    stdio: ["ignore", "pipe", "pipe"],
    timeout: ROUND_MS_MAX,
  });
  let output = "";
  for (const stream of [child.stdout, child.stderr]) stream.on("data", (chunk: Buffer) => (output += String(chunk)));
  return new Promise((resolve, reject) => {
    child.once("error", reject);
    child.once("close", (code) => resolve({ code, output }));
  });
}
