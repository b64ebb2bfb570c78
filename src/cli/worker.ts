import { type Command, Option } from "commander";
import { stopOnSignals } from "../worker/signals.ts";
import { CommandFailed, EXIT, explained } from "./failure.ts";
import { note } from "./output.ts";
import { awsConfigOf, loadPipeline, type AnyPipeline } from "./pipeline-file.ts";
import { queueCommand, wholeNumber, type QueueOptions } from "./queue-command.ts";
import { watch, workerLog } from "./worker-command.ts";

interface Options extends QueueOptions {
  readonly stage?: readonly string[];
  readonly slots?: number;
  readonly ensure?: true;
}

/** `millrace worker`: a process that works on stages of a pipeline. */
export function workerFileCommand(): Command {
  return queueCommand("worker", "Work on the stages of a pipeline, until it is stopped.")
    .argument("<file>", "module whose default export is the pipeline; TypeScript is taken as it is")
    .addOption(new Option("--stage <name...>", "Only these stages; else all."))
    .addOption(
      new Option("--slots <number>", "Messages worked on at once in each stage; else what the stages say.").argParser(wholeNumber(1, 9999)),
    )
    .addOption(new Option("--ensure", "First create what is missing of queues, topics, subscriptions and the bucket."))
    .action(async (file: string, options: Options) => {
      await workOn(await loadPipeline(file), options);
    })
    .addHelpText(
      "after",
      `
Ctrl-C lets running handlers finish; again moves on. The exit code is 0, or 3 where messages were given back unfinished.

Examples:
  millrace worker pipeline.ts --ensure
  millrace worker pipeline.ts --stage resize --slots 4
  millrace worker pipeline.ts --stage encode --endpoint aws --region eu-west-1`,
    );
}

async function workOn(pipeline: AnyPipeline, options: Options): Promise<void> {
  const json = options.json === true;
  const { aws, where } = awsConfigOf(options);
  const names = pipeline.graph().stages.map(({ name }) => name);
  const stages = options.stage ?? names;
  const unknown = stages.find((name) => !names.includes(name));
  if (unknown !== undefined) throw new CommandFailed(`${pipeline.name} has no stage "${unknown}"; it has ${names.join(", ")}.`, EXIT.usage);
  const log = workerLog(json);
  const connected = pipeline.with({ aws, logger: log });
  if (options.ensure === true) {
    try {
      await connected.ensure();
    } catch (error) {
      throw explained(error, { where, queues: [pipeline.name] });
    }
  }
  const running = connected.work({ stages, signals: false, ...(options.slots === undefined ? {} : { concurrency: options.slots }) });
  const workers = [...running.workers];
  const watching = workers.map(([stage, worker]) => watch(worker, { json, stage }));
  const stopped = running.stopped.then((report) => {
    for (const each of watching) each.end();
    return report;
  });
  const hurry = () => workers.forEach(([, worker]) => worker.hurry());
  stopOnSignals({ stop: async () => await running.stop(), stopped, hurry }, { host: process, log });
  note(`Working on ${stages.join(", ")} of ${pipeline.name} at ${where}; Ctrl-C finishes what runs, then ends.`);
  await stopped;
}
