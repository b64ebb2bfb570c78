import type { ListMessageMoveTasksResultEntry } from "@aws-sdk/client-sqs";
import { type Command, Option } from "commander";
import { CommandFailed, EXIT } from "./failure.ts";
import { interruption, pause } from "./interruption.ts";
import { counted, endProgress, note, print, printJson, progress, table } from "./output.ts";
import { QUEUE, queueCommand, wholeNumber, withQueues, type QueueOptions } from "./queue-command.ts";
import type { Sqs } from "./sqs.ts";

interface RedriveOptions extends QueueOptions {
  readonly to?: string;
  readonly rate?: number;
  readonly wait: boolean;
  readonly status?: true;
  readonly cancel?: true;
}

const LOOK_EVERY_MS = 500;

/** `millrace redrive`: dead letters go back to where they came from, by a task of the server. */
export function redriveCommand(): Command {
  return queueCommand("redrive", "Move the messages of a dead-letter queue back to where they came from, or to another queue.")
    .argument("<queue>", `${QUEUE}, which is some queue's dead-letter queue`)
    .addOption(new Option("--to <queue>", "Move them here instead of to the queues they came from."))
    .addOption(new Option("--rate <number>", "Messages a second at the most, up to 500.").argParser(wholeNumber(1, 500)))
    .addOption(new Option("--no-wait", "Do not wait until all are moved."))
    .addOption(new Option("--status", "Show the queue's last tasks instead."))
    .addOption(new Option("--cancel", "Cancel the running task instead; what was moved stays moved."))
    .action(async (queue: string, options: RedriveOptions) => {
      await withQueues(options, [queue, ...(options.to === undefined ? [] : [options.to])], async (sqs) => {
        const SourceArn = await sqs.queueArn(await sqs.queueUrl(queue));
        if (options.status === true) await status(sqs, SourceArn, options);
        else if (options.cancel === true) await cancel(sqs, SourceArn, { queue, options });
        else await start(sqs, SourceArn, { queue, options });
      });
    })
    .addHelpText(
      "after",
      `
The server does the moving, so Ctrl-C only ends the watching: the task goes on until it is done or cancelled with --cancel.

Examples:
  millrace redrive jobs-dead
  millrace redrive jobs-dead --to jobs-by-hand --rate 10
  millrace redrive jobs-dead --cancel`,
    );
}

async function start(sqs: Sqs, SourceArn: string, { queue, options }: { queue: string; options: RedriveOptions }): Promise<void> {
  const { client, sdk } = sqs;
  const DestinationArn = options.to === undefined ? undefined : await sqs.queueArn(await sqs.queueUrl(options.to));
  await client.send(new sdk.StartMessageMoveTaskCommand({ SourceArn, DestinationArn, MaxNumberOfMessagesPerSecond: options.rate }));
  if (!options.wait) {
    const [task] = await tasks(sqs, SourceArn);
    if (options.json === true && task !== undefined) printJson(told(task));
    else note(`Started; \`millrace redrive ${queue} --status\` shows how far it is.`);
    return;
  }
  await watch(sqs, SourceArn, { queue, options });
}

async function watch(sqs: Sqs, SourceArn: string, { queue, options }: { queue: string; options: RedriveOptions }): Promise<void> {
  const signal = interruption(`The task goes on without you; \`millrace redrive ${queue} --cancel\` ends it.`);
  for (let before = -1; ;) {
    const [task] = await tasks(sqs, SourceArn);
    if (task === undefined) throw new CommandFailed(`The task of ${queue} is gone; the queue was deleted.`);
    const now = told(task);
    const ended = now.status !== "RUNNING" && now.status !== "CANCELLING";
    if (options.json === true && (ended || now.moved !== before)) printJson(now);
    if (options.json !== true) progress(`moved ${counted(now.moved)} of about ${counted(now.toMove)} messages`);
    before = now.moved;
    if (ended) return end(now, options);
    await pause(LOOK_EVERY_MS, signal);
    if (!signal.aborted) continue;
    process.exitCode = EXIT.interrupted;
    return;
  }
}

function end({ status, moved, failure }: Told, { json }: RedriveOptions): void {
  endProgress();
  if (status === "FAILED") throw new CommandFailed(`The task failed after ${counted(moved)} messages: ${failure ?? "no reason is given"}.`);
  if (status === "CANCELLED") throw new CommandFailed(`The task was cancelled after ${counted(moved)} messages.`);
  if (json !== true) note(`Moved ${counted(moved)} messages.`);
}

async function cancel(sqs: Sqs, SourceArn: string, { queue, options }: { queue: string; options: RedriveOptions }): Promise<void> {
  const { client, sdk } = sqs;
  const running = (await tasks(sqs, SourceArn)).find(({ TaskHandle }) => TaskHandle !== undefined);
  if (running === undefined) throw new CommandFailed(`No task of ${queue} is running.`, EXIT.nothing);
  const answer = await client.send(new sdk.CancelMessageMoveTaskCommand({ TaskHandle: running.TaskHandle }));
  const moved = answer.ApproximateNumberOfMessagesMoved ?? 0;
  if (options.json === true) printJson({ status: "CANCELLED", moved });
  else note(`Cancelled after ${counted(moved)} messages; they stay where they are.`);
}

async function status(sqs: Sqs, SourceArn: string, { json }: RedriveOptions): Promise<void> {
  const all = (await tasks(sqs, SourceArn)).map(told);
  if (json === true) for (const task of all) printJson(task);
  else if (all.length === 0) note("There was no task yet.");
  else {
    const rows = all.map(({ startedMs, status, moved, toMove, destinationArn, failure }) => {
      const destination = destinationArn?.split(":").at(-1) ?? "where they came from";
      return [new Date(startedMs).toISOString(), failure === null ? status : `${status}: ${failure}`, moved, toMove, destination];
    });
    print(table(["STARTED", "STATUS", "MOVED", "OF ABOUT", "TO"], rows));
  }
}

/** Newest first. */
async function tasks({ client, sdk }: Sqs, SourceArn: string): Promise<ListMessageMoveTasksResultEntry[]> {
  const { Results = [] } = await client.send(new sdk.ListMessageMoveTasksCommand({ SourceArn, MaxResults: 10 }));
  return Results;
}

interface Told {
  readonly status: string;
  readonly moved: number;
  readonly toMove: number;
  readonly startedMs: number;
  readonly destinationArn: string | null;
  readonly failure: string | null;
}

function told(task: ListMessageMoveTasksResultEntry): Told {
  return {
    status: task.Status ?? "UNKNOWN",
    moved: task.ApproximateNumberOfMessagesMoved ?? 0,
    toMove: task.ApproximateNumberOfMessagesToMove ?? 0,
    startedMs: task.StartedTimestamp ?? 0,
    destinationArn: task.DestinationArn ?? null,
    failure: task.FailureReason ?? null,
  };
}
