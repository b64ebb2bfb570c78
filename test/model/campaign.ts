import { parseArgs } from "node:util";
import fc from "fast-check";
import { withoutFsync } from "../simulation/world/no-fsync.ts";
import { Play } from "./play.ts";
import { ENTRANCES, type EntranceName } from "./product/entrances.ts";
import { randomRuns, type RandomRun } from "./random-runs.ts";

export interface CampaignOptions {
  readonly seed: number;
  /** Which of that seed's runs is the first. */
  readonly firstRun?: number;
  /** At least so many commands are played, unless a difference is found. */
  readonly commandsMin: number;
  readonly runsOfASeed?: number;
  /** Undefined: all of them. */
  readonly entrances?: readonly EntranceName[];
  /** Whether a run that differs is made smaller before it is reported. */
  readonly shrink?: boolean;
}

export interface CampaignResult {
  readonly commands: number;
  readonly runs: number;
  /** What differed, in the smallest run that shows it. */
  readonly difference: { readonly run: RandomRun; readonly seed: number; readonly path: string; readonly what: string } | undefined;
}

/** Random runs on a seed and those after it; so many share a seed. */
const RUNS_OF_A_SEED = 50;

/** A run that differs is made smaller for no longer. */
const SHRINKING_MS_MAX = 60_000;

/** Plays random runs until one differs or enough was done. */
export async function campaign(options: CampaignOptions): Promise<CampaignResult> {
  let commands = 0;
  let runs = 0;
  const property = fc.asyncProperty(randomRuns(options.entrances), async (run) => {
    const play = new Play(ENTRANCES[run.entrance]);
    try {
      await play.run(run);
    } finally {
      commands += play.commands;
      runs += 1;
    }
  });
  for (let seed = options.seed; commands < options.commandsMin; seed += 1) {
    const found = await fc.check(property, {
      seed,
      path: seed === options.seed && options.firstRun !== undefined ? String(options.firstRun) : "",
      numRuns: options.runsOfASeed ?? RUNS_OF_A_SEED,
      endOnFailure: options.shrink === false,
      plugins: [fc.interruptAfterTimeLimit(SHRINKING_MS_MAX)],
    });
    const [run] = (found.counterexample ?? []) as readonly RandomRun[];
    if (found.failed && run !== undefined)
      return {
        commands,
        runs,
        difference: {
          run,
          seed,
          path: found.counterexamplePath ?? "",
          what: found.errorInstance instanceof Error ? found.errorInstance.message : String(found.errorInstance),
        },
      };
  }
  return { commands, runs, difference: undefined };
}

/** Plays one run again, telling each command and its answer. @returns what differed. */
export async function retell(run: RandomRun, tell: (line: string) => void): Promise<string | undefined> {
  try {
    await new Play(ENTRANCES[run.entrance], tell).run(run);
    return undefined;
  } catch (failure) {
    return failure instanceof Error ? failure.message : String(failure);
  }
}

/** The run that a seed and a path name. */
function runOf(seed: number, path: string): RandomRun {
  const [run] = fc.sample(randomRuns(), { seed, path, numRuns: 1 });
  if (run === undefined) throw new TypeError(`no run has the path ${path}`);
  return run;
}

if (import.meta.main) {
  withoutFsync();
  Error.stackTraceLimit = 0; // Every refusal is an Error, and nobody reads where it was made.
  const { values } = parseArgs({
    options: {
      seed: { type: "string" },
      commands: { type: "string", default: "100000" },
      path: { type: "string" },
      run: { type: "string", default: "0" },
      // One line of JSON, and no time spent on making a difference small.
      brief: { type: "boolean", default: false },
    },
  });
  const seed = Number(values.seed ?? Date.now() % 2 ** 31);
  if (values.path !== undefined) {
    const run = runOf(seed, values.path);
    console.log(JSON.stringify(run.queues), run.entrance);
    console.log((await retell(run, console.log)) ?? "no difference");
  } else if (values.brief) {
    const options = { seed, firstRun: Number(values.run), commandsMin: Number(values.commands), shrink: false };
    const { commands, difference } = await campaign(options);
    // What is not made smaller has the number of its run for a path.
    console.log(JSON.stringify({ commands, what: difference?.what, seed: difference?.seed, run: difference?.path }));
  } else {
    const startedMs = performance.now();
    const { commands, runs, difference } = await campaign({ seed, commandsMin: Number(values.commands) });
    const seconds = (performance.now() - startedMs) / 1000;
    console.log(`${commands} commands in ${runs} runs from seed ${seed}: ${seconds.toFixed(1)} s, ${Math.round(commands / seconds)}/s`);
    if (difference !== undefined) {
      const { run } = difference;
      console.log(`\nThe product differs from the model, asked through ${run.entrance}; queues ${JSON.stringify(run.queues)}:\n`);
      await retell(run, console.log);
      console.log(`\n${difference.what}\n\nAgain: node test/model/campaign.ts --seed ${difference.seed} --path ${difference.path}`);
      process.exitCode = 1;
    }
  }
}
