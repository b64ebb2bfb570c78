import { parseArgs } from "node:util";
import type { Violation } from "../checkers/history.ts";
import { shown } from "../checkers/shown.ts";
import { simulate, type Report } from "./simulation.ts";
import { FaultCounts } from "./world/faults.ts";
import { withoutFsync } from "./world/no-fsync.ts";

/** What the seeds of a campaign have done together. */
interface Totals {
  seeds: number;
  events: number;
  requests: number;
  commits: number;
  starts: number;
  checkpoints: number;
  simulatedMs: number;
  readonly faults: FaultCounts;
}

/** Every so manieth seed is played twice, and must be the same. */
const TWICE_EVERY = 100;

/**
 * Plays seeds until all are played, or one breaks a promise.
 * @param options `until`: the one that must be broken. @returns the seed's violations.
 */
export async function campaign(
  seeds: Iterable<number>,
  { onSeed = () => {}, until }: { onSeed?: (report: Report) => void; until?: string | undefined } = {},
): Promise<{ seed: number; violations: readonly Violation[] } | undefined> {
  for (const seed of seeds) {
    const report = await simulate(seed);
    onSeed(report);
    if (until === undefined ? report.violations.length > 0 : report.violations.some(({ rule }) => rule === until))
      return { seed, violations: report.violations };
    if (until !== undefined || seed % TWICE_EVERY !== 0) continue;
    const again = await simulate(seed);
    if (again.hash === report.hash && again.events === report.events) continue;
    const what = `seed ${seed} is ${report.events} events with the digest ${report.hash}, and the second time ${again.events} with ${again.hash}`;
    return { seed, violations: [{ rule: "answer", what, history: [] }] };
  }
  return undefined;
}

function* range(first: number, count: number, step: number): Generator<number> {
  for (let index = 0; index < count; index += 1) yield first + index * step;
}

function add(totals: Totals, report: Report): void {
  totals.seeds += 1;
  for (const figure of ["events", "requests", "commits", "starts", "checkpoints", "simulatedMs"] as const) totals[figure] += report[figure];
  for (const [kind, times] of report.faults.entries()) totals.faults.add(kind, times);
}

if (import.meta.main) {
  withoutFsync();
  Error.stackTraceLimit = 0; // Every refusal is an Error, and nobody reads where it was made.
  const { values } = parseArgs({
    options: {
      first: { type: "string", default: "1" },
      seeds: { type: "string", default: "1" },
      step: { type: "string", default: "1" },
      // One line of JSON.
      brief: { type: "boolean", default: false },
      // Ends only when this rule is broken; for planted faults.
      until: { type: "string" },
    },
  });
  const totals: Totals = {
    seeds: 0,
    events: 0,
    requests: 0,
    commits: 0,
    starts: 0,
    checkpoints: 0,
    simulatedMs: 0,
    faults: new FaultCounts(),
  };
  let playing = Number(values.first);
  const replay = () => `Again: node --conditions=millrace-source test/simulation/campaign.ts --first ${playing}`;
  process.on("uncaughtException", (error) => {
    if (values.brief) console.log(JSON.stringify({ seeds: totals.seeds, rules: [String(error)], seed: playing }));
    else console.log(`\nseed ${playing} ended in a bug: ${error.stack ?? String(error)}\n${replay()}`);
    process.exit(1);
  });
  const started = performance.now();
  const seeds = range(Number(values.first), Number(values.seeds), Number(values.step));
  const broken = await campaign(
    (function* () {
      for (const seed of seeds) yield (playing = seed);
    })(),
    { onSeed: (report) => add(totals, report), until: values.until },
  );
  const { faults, ...figures } = totals;
  const seconds = (performance.now() - started) / 1000;
  if (values.brief) {
    console.log(
      JSON.stringify({
        ...figures,
        faults: faults.total,
        rules: [...new Set(broken?.violations.map(({ rule }) => rule))],
        seed: broken?.seed,
      }),
    );
  } else {
    console.log(
      `${totals.seeds} seeds in ${seconds.toFixed(1)} s: ${totals.events} events, ${totals.requests} requests, ${totals.commits} commits, ${totals.starts} starts, ${totals.checkpoints} checkpoints, ${Math.round(totals.simulatedMs / 3_600_000)} simulated hours, ${faults.total} faults`,
    );
    console.log(
      faults
        .entries()
        .map(([kind, times]) => `${String(times).padStart(9)}  ${kind}`)
        .join("\n"),
    );
  }
  if (broken !== undefined) {
    if (!values.brief) console.log(`\n${shown(broken.violations)}\n${replay()}`);
    process.exitCode = 1;
  }
}
