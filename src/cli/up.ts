import type { Command } from "commander";
import type { PlanStep } from "../worker/index.ts";
import { EXIT } from "./failure.ts";
import { interruption } from "./interruption.ts";
import { note, plural, print, printJson, shown } from "./output.ts";
import { pipelineCommand, withPipeline } from "./pipeline-command.ts";
import { planned } from "./plan.ts";
import type { QueueOptions } from "./queue-command.ts";

/** `millrace up`: everything that a pipeline needs is there afterwards. */
export function upCommand(): Command {
  return pipelineCommand("up", "Create what is missing of a pipeline's queues, topics, subscriptions and its bucket, and say each step.")
    .action(up)
    .addHelpText(
      "after",
      `
\`millrace plan\` shows beforehand what it will do. It may be repeated at any time, and after Ctrl-C or a failure it goes on where
it ended. What it creates has the tag millrace:pipeline with the pipeline's name, by which \`millrace down\` knows it again; what
was there before is left as it is. On AWS it needs the right to tag.

Examples:
  millrace up pipeline.ts
  millrace up pipeline.ts --endpoint aws --region eu-west-1
  millrace up pipeline.ts --json`,
    );
}

async function up(file: string, options: QueueOptions): Promise<void> {
  await withPipeline(file, options, async (pipeline, where) => {
    const signal = interruption("Ending after what is under way; again to leave at once.");
    const counts = { create: 0, change: 0, keep: 0 };
    const onStep = (step: PlanStep) => {
      counts[step.action] += 1;
      if (options.json === true) printJson(step);
      else if (step.action !== "keep") print(shown(planned(step)));
    };
    const said = () =>
      `${plural(counts.create, "thing")} created, ${counts.change} changed, ${counts.keep} there already: ${pipeline.name} at ${where}.`;
    try {
      await pipeline.ensure({ onStep, signal });
    } catch (error) {
      if (!signal.aborted) throw error;
      note(`Not all is done; \`millrace up\` goes on from here. ${said()}`);
      process.exitCode = EXIT.interrupted;
      return;
    }
    note(said());
  });
}
