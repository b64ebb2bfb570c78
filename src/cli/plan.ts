import { type Command, Option } from "commander";
import type { PlanStep } from "../worker/index.ts";
import { EXIT } from "./failure.ts";
import { note, print, printJson, shown } from "./output.ts";
import { pipelineCommand, withPipeline } from "./pipeline-command.ts";
import type { QueueOptions } from "./queue-command.ts";

interface PlanOptions extends QueueOptions {
  readonly detailedExitCode?: true;
}

/** `millrace plan`: what `millrace up` would do. */
export function planCommand(): Command {
  return pipelineCommand("plan", "Show what of a pipeline's queues, topics, subscriptions and bucket `millrace up` would create or change.")
    .addOption(new Option("--detailed-exit-code", `End with ${EXIT.changes} where \`millrace up\` would create or change something.`))
    .action(plan)
    .addHelpText(
      "after",
      `
+ is created, ~ is changed, = is there already. What is there keeps the attributes that it has, but for filters and for what
lets topics send to queues: where it is otherwise than a new one would be, that is said. Nothing is changed by looking.

With --detailed-exit-code 0 says that all is there, ${EXIT.changes} that there is something to do, 1 that it could not be found out.

Examples:
  millrace plan pipeline.ts
  millrace plan pipeline.ts --json | jq '.steps[] | select(.action != "keep")'
  millrace plan pipeline.ts --endpoint aws --region eu-west-1 --detailed-exit-code`,
    );
}

async function plan(file: string, options: PlanOptions): Promise<void> {
  await withPipeline(file, options, async (pipeline, where) => {
    const steps = await pipeline.plan();
    if (options.json === true) printJson({ pipeline: pipeline.name, where, steps });
    else {
      for (const step of steps) print(shown(planned(step)));
      note(summary(steps, `${pipeline.name} at ${where}`));
    }
    if (options.detailedExitCode === true && steps.some(({ action }) => action !== "keep")) process.exitCode = EXIT.changes;
  });
}

const SIGNS = { create: "+", change: "~", keep: "=" } as const;

/** `+ queue photos-resize`, and in further lines what is set of it. */
export function planned({ action, kind, name, sets, keeps }: PlanStep): string {
  const set = sets.map(({ attribute, from, to }) => `${attribute}: ${from === null ? "" : `${shortened(from)} → `}${to}`);
  const kept = keeps.map(({ attribute, is, wouldBe }) => `${attribute} stays: ${shortened(is)}; a new one would have: ${wouldBe}`);
  return [`${SIGNS[action]} ${kind} ${name}`, ...[...set, ...kept].map((line) => `    ${line}`)].join("\n");
}

/** Policies of other people may be long; `--json` has them whole. */
function shortened(text: string): string {
  return text.length <= 100 ? text : `${text.slice(0, 99)}…`;
}

function summary(steps: readonly PlanStep[], what: string): string {
  const count = (wanted: PlanStep["action"]) => steps.filter(({ action }) => action === wanted).length;
  const [create, change, keep] = [count("create"), count("change"), count("keep")];
  if (create + change === 0) return `All is there: ${what} has what it needs.`;
  return `${create} to create, ${change} to change, ${keep} there already: ${what}.`;
}
