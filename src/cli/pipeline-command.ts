import type { Command } from "commander";
import { silentLogger } from "../kernel/logger.ts";
import { explained } from "./failure.ts";
import { awsConfigOf, loadPipeline, type AnyPipeline } from "./pipeline-file.ts";
import { queueCommand, type QueueOptions } from "./queue-command.ts";

/** A command about the resources of a pipeline, at Millrace or at AWS. */
export function pipelineCommand(name: string, description: string): Command {
  return queueCommand(name, description).argument("<file>", "module whose default export is the pipeline; TypeScript is taken as it is");
}

/** Loads a pipeline and runs what a command does with it; failures of AWS calls are told in words that help. */
export async function withPipeline(
  file: string,
  options: QueueOptions,
  run: (pipeline: AnyPipeline, where: string) => Promise<void>,
): Promise<void> {
  const loaded = await loadPipeline(file);
  const { aws, where } = awsConfigOf(options);
  const pipeline = loaded.with({ aws, logger: silentLogger });
  try {
    await run(pipeline, where);
  } catch (error) {
    throw explained(error, { where, queues: [pipeline.name] });
  } finally {
    await pipeline[Symbol.asyncDispose]();
  }
}
