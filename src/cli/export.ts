import { Command, Option } from "commander";
import { print } from "./output.ts";
import { loadPipeline } from "./pipeline-file.ts";

interface ExportOptions {
  readonly to: "cloudformation" | "terraform";
}

/** `millrace export`: what a pipeline needs, for tools that make it instead of `millrace up`. */
export function exportCommand(): Command {
  return new Command("export")
    .description("Print what a pipeline needs of queues, topics, subscriptions and its bucket, for another tool that is to make it.")
    .argument("<file>", "module whose default export is the pipeline; TypeScript is taken as it is")
    .addOption(
      new Option("--to <tool>", "A CloudFormation template, or Terraform's JSON syntax.")
        .choices(["cloudformation", "terraform"])
        .makeOptionMandatory(),
    )
    .action(async (file: string, { to }: ExportOptions) => {
      print(JSON.stringify((await loadPipeline(file)).export(to), undefined, 2));
    })
    .addHelpText(
      "after",
      `
Nobody is asked, nothing is made. What another tool makes has no tag of ours, so \`millrace down\` leaves it. \`millrace plan\` says
whether all of it is there.

Examples:
  millrace export pipeline.ts --to cloudformation > pipeline.json
  millrace export pipeline.ts --to terraform > pipeline.tf.json`,
    );
}
