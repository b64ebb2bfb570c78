import { type Command, Option } from "commander";
import type { MessagesWait, RemovalStep } from "../worker/index.ts";
import { isConfirmed } from "./confirmation.ts";
import { CommandFailed, EXIT } from "./failure.ts";
import { interruption } from "./interruption.ts";
import { note, plural, print, printJson, shown } from "./output.ts";
import { pipelineCommand, withPipeline } from "./pipeline-command.ts";
import type { AnyPipeline } from "./pipeline-file.ts";
import type { QueueOptions } from "./queue-command.ts";

interface DownOptions extends QueueOptions {
  readonly yes?: true;
  readonly force?: true;
  readonly objects?: true;
}

/** `millrace down`: what `millrace up` has made of a pipeline is removed, after a question. */
export function downCommand(): Command {
  return pipelineCommand("down", "Remove the queues, topics, subscriptions and the bucket that were made for a pipeline. It asks first.")
    .addOption(new Option("--yes", "Do not ask."))
    .addOption(new Option("--force", "Also where messages wait in its queues; they are lost."))
    .addOption(new Option("--objects", "Also the objects in its bucket: claims, large bodies and what handlers have stored."))
    .action(down)
    .addHelpText(
      "after",
      `
Only what \`millrace up\`, or a worker's --ensure, has created is removed, as its tag millrace:pipeline says. What stays is named, with
the reason: what was there before, topics that others subscribe to, a bucket with objects in it unless --objects is said. Where
messages wait nothing is removed unless --force is said; AWS counts them about a minute late. Stop the workers first. After Ctrl-C
or a failure it can be repeated.

Examples:
  millrace down pipeline.ts
  millrace down pipeline.ts --yes --force --objects
  millrace down pipeline.ts --endpoint aws --region eu-west-1`,
    );
}

async function down(file: string, options: DownOptions): Promise<void> {
  await withPipeline(file, options, async (pipeline, where) => {
    const steps = await pipeline.removal({ withObjects: options.objects === true });
    const going = steps.filter(({ action }) => action === "remove");
    if (going.length > 0) {
      if (options.force !== true) refuseWhereMessagesWait(steps);
      if (options.yes !== true) await confirm(going, { name: pipeline.name, where });
    }
    await remove(pipeline, options, where);
  });
}

function refuseWhereMessagesWait(steps: readonly RemovalStep[]): void {
  const full = steps.flatMap(({ name, messages = 0 }) => (messages > 0 ? [{ name, messages }] : []));
  if (full.length > 0) throw waiting(full);
}

function waiting(queues: MessagesWait["queues"]): CommandFailed {
  const each = queues.map(({ name, messages }) => `${plural(messages, "message")} in ${name}`).join(", ");
  return new CommandFailed(
    `Messages wait: ${each}. Let workers finish them, \`millrace redrive\` or \`millrace purge\` what is dead, or say --force to lose them.`,
  );
}

async function confirm(going: readonly RemovalStep[], { name, where }: { name: string; where: string }): Promise<void> {
  for (const step of going) note(shown(removed(step)));
  const question = `Remove this of ${name} at ${where} for good? Type the pipeline's name to go on: `;
  if (!(await isConfirmed(question, { answer: name, about: `all of ${name} is to be removed` })))
    throw new CommandFailed("Nothing was removed.");
}

async function remove(pipeline: AnyPipeline, options: DownOptions, where: string): Promise<void> {
  const signal = interruption("Ending after what is under way; again to leave at once.");
  const counts = { remove: 0, leave: 0 };
  const onStep = (step: RemovalStep) => {
    counts[step.action] += 1;
    if (options.json === true) printJson(step);
    else print(shown(removed(step)));
  };
  const said = () => `${plural(counts.remove, "thing")} removed, ${counts.leave} left: ${pipeline.name} at ${where}.`;
  try {
    await pipeline.remove({ withObjects: options.objects === true, withMessages: options.force === true, onStep, signal });
  } catch (error) {
    if (signal.aborted) {
      note(`Not all is done; \`millrace down\` goes on from here. ${said()}`);
      process.exitCode = EXIT.interrupted;
      return;
    }
    // Whichever copy of the package it comes from.
    if ((error as Error).name === "MessagesWait") throw waiting((error as MessagesWait).queues);
    throw error;
  }
  note(counts.remove + counts.leave === 0 ? `There is nothing of ${pipeline.name} at ${where}.` : said());
}

/** `- queue photos-resize (2 messages)`, `= bucket photos-objects stays: it holds 3 objects` */
function removed({ action, kind, name, messages = 0, objects = 0, because }: RemovalStep): string {
  if (action === "leave") return `= ${kind} ${name} stays: ${because}${objects > 0 ? "; --objects removes them, too" : ""}`;
  const held = messages > 0 ? ` (${plural(messages, "message")})` : objects > 0 ? ` (${plural(objects, "object")})` : "";
  return `- ${kind} ${name}${held}`;
}
