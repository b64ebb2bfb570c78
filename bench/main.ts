/** `npm run bench`: asks every question, writes `bench/RESULTS.md`. See `bench/README.md`. */
import { Command, InvalidArgumentError } from "commander";
import { existsSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { Children } from "./children.ts";
import { drawCurves } from "./curves.ts";
import { type Bench, FULL_BACKLOG, FULL_DEEP, FULL_ROUNDS, FULL_SECONDS } from "./plan.ts";
import { Progress } from "./progress.ts";
import { QUESTIONS } from "./questions/questions.ts";
import { describeMachine } from "./report/machine.ts";
import { asMarkdown } from "./report/markdown.ts";
import { type Answered, asJson, type Results, shortcomings } from "./report/results.ts";
import { findFauxqs } from "./servers/start.ts";

/** The exit code of a command line that cannot be understood. */
const USAGE = 2;
const RESULTS = new URL("./RESULTS.md", import.meta.url);
const NAMES = QUESTIONS.map(({ name }) => name);

interface Options {
  readonly only: readonly string[] | undefined;
  readonly seconds: number;
  readonly rounds: number;
  readonly backlog: number;
  readonly deep: number;
  readonly fauxqs: string | undefined;
  readonly curves: boolean | undefined;
  readonly json: boolean | undefined;
}

function options(): Options {
  const command = new Command("npm run bench --")
    .description("Measures Millrace against a bare echo, its own storage engine and fauxqs, and writes bench/RESULTS.md.")
    .option("--only <names...>", `Ask these questions only, print the answers and leave bench/RESULTS.md alone: ${NAMES.join(", ")}.`)
    .option("--seconds <number>", `Length of one measurement, after its warm-up.`, positive, FULL_SECONDS)
    .option("--rounds <number>", "How often each measurement is repeated; the median is quoted.", positive, FULL_ROUNDS)
    .option("--backlog <messages>", "Waiting messages in the question about a backlog.", positive, FULL_BACKLOG)
    .option(
      "--deep <messages>",
      "Waiting messages in the question about a deep backlog; 500 bytes of disk each, twice.",
      positive,
      FULL_DEEP,
    )
    .option("--fauxqs <directory>", "Compare with the fauxqs in this directory's node_modules instead of the installed one.")
    .option("--curves", "Draw bench/curves/ instead: speed by messages waiting and by connections.")
    .option("--json", "Print everything that was measured as JSON on standard output.")
    .addHelpText(
      "after",
      `
Examples:
  npm run bench                                             everything, on a machine with nothing else to do: about 45 minutes
  npm run bench -- --only send --seconds 1 --rounds 1       one question, roughly
  npm run bench -- --only send batch --json > send.json     as data
  npm run bench -- --curves --rounds 1                      the curves, roughly
  npm install --prefix /tmp/peer fauxqs@2.4.1 && npm run bench -- --fauxqs /tmp/peer

Progress goes to standard error. Ctrl-C stops everything that was started, removes its data and leaves bench/RESULTS.md as it was.
The exit code is 0 when everything could be measured, whether targets are met or not.`,
    )
    .allowExcessArguments(false)
    .exitOverride(({ exitCode }) => process.exit(exitCode === 0 ? 0 : USAGE))
    .parse();
  const given = command.opts<Options>();
  const unknown = given.only?.find((name) => !NAMES.includes(name));
  if (unknown !== undefined) command.error(`error: there is no question "${unknown}"; there are ${NAMES.join(", ")}.`, { exitCode: USAGE });
  if (given.fauxqs !== undefined && !existsSync(join(given.fauxqs, "node_modules", "fauxqs")))
    command.error(`error: ${given.fauxqs} has no node_modules/fauxqs; put it there with npm install --prefix.`, { exitCode: USAGE });
  return given;
}

function positive(text: string): number {
  const value = Number(text);
  if (!Number.isInteger(value) || value < 1) throw new InvalidArgumentError("It must be a whole number from 1.");
  return value;
}

async function askAll(bench: Bench, only: readonly string[] | undefined): Promise<Answered[]> {
  const questions = QUESTIONS.filter(({ name }) => only === undefined || only.includes(name));
  const answered: Answered[] = [];
  for (const [index, question] of questions.entries()) {
    bench.progress.question(question.name, `${index + 1}/${questions.length}`);
    try {
      answered.push({ question, answer: await question.answer(bench), failure: undefined });
    } catch (error) {
      // The answers to the other questions are still worth having.
      const failure = error instanceof Error ? error.message.replaceAll(/\s+/g, " ") : String(error);
      bench.progress.say(`  failed: ${failure}`);
      await bench.children.stopAll();
      answered.push({ question, answer: undefined, failure });
    }
  }
  return answered;
}

const { only, seconds, rounds, backlog, deep, fauxqs, curves, json } = options();
const progress = new Progress();
const children = new Children();
for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const)
  process.once(signal, () => {
    progress.say(`${signal}: stopping what was started; bench/RESULTS.md stays as it was.`);
    process.exit(130);
  });

const peer = findFauxqs(fauxqs);
const plan = { seconds, rounds, backlog, deep };
const machine = describeMachine(children.directory);
const bench = { plan, children, progress, peer };
if (curves === true) {
  await drawCurves(bench, machine);
  process.exit(0);
}
const answered = await askAll(bench, only);
const results: Results = { date: new Date().toISOString().slice(0, 10), machine, plan, fauxqs: peer.version, answered };
if (only === undefined) {
  writeFileSync(RESULTS, asMarkdown(results));
  progress.say("bench/RESULTS.md is written.");
}
for (const reason of shortcomings(results)) progress.say(`Not to be quoted: ${reason}.`);
if (json === true) process.stdout.write(`${asJson(results)}\n`);
else if (only !== undefined) process.stdout.write(asMarkdown(results));
process.exitCode = answered.every(({ failure }) => failure === undefined) ? 0 : 1;
