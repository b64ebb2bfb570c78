import { existsSync } from "node:fs";
import { resolve } from "node:path";
import { pathToFileURL } from "node:url";
import type { AwsConfig, Pipeline } from "../worker/index.ts";
import { CommandFailed, EXIT } from "./failure.ts";
import { AWS, endpointOf, settingsOf, withoutEndpoint, type ConnectionOptions } from "./sqs.ts";

const USED = ["graph", "export", "ensure", "plan", "removal", "remove", "work", "with"] as const;

/** What is used of a pipeline, whichever copy of the package has made it. */
export type AnyPipeline = Pick<Pipeline, "name" | (typeof USED)[number] | typeof Symbol.asyncDispose>;

/** Whether a text names a module rather than a directory. */
export function isModule(text: string): boolean {
  return /\.[cm]?[jt]s$/.test(text);
}

/**
 * The pipeline that a module exports: its default export, or the only export that is one. Importing starts nothing.
 * @throws {CommandFailed} there is no such file, it cannot be loaded, or it exports none or several.
 */
export async function loadPipeline(file: string): Promise<AnyPipeline> {
  const path = resolve(file);
  if (!existsSync(path)) throw new CommandFailed(`There is no file ${file}.`, EXIT.usage);
  let module: Readonly<Record<string, unknown>>;
  try {
    module = (await import(pathToFileURL(path).href)) as Record<string, unknown>;
  } catch (error) {
    const { name, message, stack } = error as Error;
    // Wiring that cannot work is a sentence; everything else needs its place.
    throw new CommandFailed(`${file}: ${name === "AssertionFailed" ? message : (stack ?? message)}`);
  }
  if (isPipeline(module["default"])) return module["default"];
  const found = Object.values(module).filter(isPipeline);
  const [only] = found;
  if (only === undefined) throw new CommandFailed(`${file} exports no pipeline: write \`export default definePipeline("name", …)\`.`);
  if (found.length > 1) throw new CommandFailed(`${file} exports ${found.length} pipelines: make one of them the default export.`);
  return only;
}

/** What a pipeline's clients are given, by the options that commands about queues have. */
export function awsConfigOf(options: ConnectionOptions): { aws: AwsConfig; where: string } {
  const endpoint = endpointOf(options);
  const { profile, ...settings } = settingsOf(options, endpoint === AWS ? undefined : new URL(endpoint).hostname);
  if (profile !== undefined) process.env["AWS_PROFILE"] = profile;
  if (endpoint === AWS) return { aws: { ...settings, ...withoutEndpoint() }, where: "AWS" };
  return { aws: { ...settings, endpoint }, where: endpoint };
}

function isPipeline(value: unknown): value is AnyPipeline {
  if (typeof value !== "object" || value === null) return false;
  return USED.every((name) => typeof (value as Record<string, unknown>)[name] === "function");
}
