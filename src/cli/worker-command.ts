import { type Command, InvalidArgumentError, Option } from "commander";
import { systemClock } from "../kernel/clock.ts";
import { jsonLogger, type LogFields, type Logger } from "../kernel/logger.ts";
import { consume, type ConsumeOptions, type Worker } from "../worker/index.ts";
import { stopOnSignals } from "../worker/signals.ts";
import { CommandFailed, explained } from "./failure.ts";
import { counted, endProgress, note, plural, printJson, progress, shown } from "./output.ts";
import { QUEUE, queueCommand, seconds, wholeNumber, type QueueOptions } from "./queue-command.ts";
import type { Sqs } from "./sqs.ts";

/** What every command takes that works on a queue. Times are seconds. */
export interface WorkerOptions extends QueueOptions {
  readonly queue: string;
  readonly slots: number;
  readonly lease: number;
  readonly timeout?: number;
  readonly grace: number;
  readonly maxReceives: number;
  readonly deadLetterQueue?: string;
  readonly untilIdle?: true;
}

/** A command that works on a queue until it is stopped. @param defaults where commands differ. */
export function workerCommand(name: string, description: string, defaults: { slots: number; maxReceives: number }): Command {
  return queueCommand(name, description)
    .addOption(new Option("--queue <queue>", `The queue to work on: ${QUEUE.replace(" of the queue", "")}.`).makeOptionMandatory())
    .addOption(new Option("--slots <number>", "Messages worked on at once.").default(defaults.slots).argParser(wholeNumber(1, 9999)))
    .addOption(new Option("--timeout <time>", "How long one attempt may take; else as long as SQS allows, 12 hours.").argParser(seconds))
    .addOption(new Option("--lease <time>", "How long a message is ours without a heartbeat.").default(60, "60s").argParser(seconds))
    .addOption(new Option("--grace <time>", "How long work may go on after a stop was asked for.").default(25, "25s").argParser(seconds))
    .addOption(
      new Option("--max-receives <number>", "At which failed receive a message is dead.")
        .default(defaults.maxReceives)
        .argParser(wholeNumber(1, 1_000_000)),
    )
    .addOption(
      new Option(
        "--dead-letter-queue <queue>",
        "Where dead messages go. Without it they stay, until the queue's redrive policy takes them.",
      ),
    )
    .addOption(new Option("--until-idle", "End as soon as the queue has nothing more to give."));
}

/** `name=queue`, any number of times. */
export function outputsOption(): Option {
  return new Option("--output <name=queue>", "A queue for what is emitted under this name; as often as there are names.")
    .argParser((text: string, known: Record<string, string> | undefined) => {
      const [, name, queue] = /^([^=]+)=(.+)$/.exec(text) ?? [];
      if (name === undefined || queue === undefined) throw new InvalidArgumentError("It must be like thumbnails=queue.");
      return { ...known, [name]: queue };
    })
    .default({}, "none");
}

/** The options in the worker's own terms. */
export function consumeOptions(options: WorkerOptions): Omit<ConsumeOptions<unknown, string>, "run"> {
  return {
    concurrency: options.slots,
    lease: options.lease * 1000,
    grace: options.grace * 1000,
    maxReceives: options.maxReceives,
    ...(options.timeout === undefined ? {} : { timeout: options.timeout * 1000 }),
    ...(options.deadLetterQueue === undefined ? {} : { deadLetterQueue: options.deadLetterQueue }),
  };
}

/** Works until a signal, or until the queue is empty where that was asked for; the process then ends with 0, or with 3 where work was given back. */
export async function work(sqs: Sqs, options: WorkerOptions, consumer: ConsumeOptions<unknown, string>): Promise<void> {
  const json = options.json === true;
  const queue = await knownQueue(sqs, options.queue);
  const log = workerLog(json);
  const worker = consume(queue, { ...consumer, client: sqs.client, logger: log, signals: false });
  const watching = watch(worker, { json });
  note(`Working on ${options.queue} at ${sqs.where}, ${plural(options.slots, "slot")}; Ctrl-C finishes what runs, then ends.`);
  stopOnSignals(worker, { host: process, log });
  if (options.untilIdle === true) void worker.idle().then(async () => await worker.stop());
  await worker.stopped;
  watching.end();
}

/** What a worker says besides what becomes of each message: JSON for programs, words for people, on standard error. */
export function workerLog(json: boolean): Logger {
  return json ? jsonLogger(systemClock(), "info") : spokenLog();
}

/** A queue that does not exist is a mistake to be told at once; a server that does not answer yet is waited for. */
async function knownQueue(sqs: Sqs, queue: string): Promise<string> {
  try {
    return await sqs.queueUrl(queue);
  } catch (error) {
    const { $metadata } = error as { $metadata?: { httpStatusCode?: number } };
    const isAnswer = error instanceof CommandFailed || ($metadata?.httpStatusCode !== undefined && $metadata.httpStatusCode < 500);
    if (isAnswer || (error as Error).name === "CredentialsProviderError") throw explained(error, { where: sqs.where, queues: [queue] });
    return queue;
  }
}

/** Tells what becomes of each message: to a program as JSON on standard output, to a person on standard error. */
export function watch(worker: Worker, { json, stage }: { json: boolean; stage?: string }): { end: () => void } {
  const place = stage === undefined ? "" : `${stage}  `;
  const tell = (event: string, fields: object, spoken: string | undefined) => {
    if (json) return printJson({ event, ...(stage === undefined ? {} : { stage }), ...fields });
    endProgress();
    if (spoken !== undefined) note(`${place}${shown(spoken)}`);
    progress(runningLine(worker));
  };
  worker
    .on("received", (event) => tell("received", event, undefined))
    .on("progress", (event) => tell("progress", event, undefined))
    .on("succeeded", (event) => tell("succeeded", event, `done      ${event.id}  ${(event.durationMs / 1000).toFixed(1)} s`))
    .on("retried", ({ error, ...event }) => {
      const reason = error === undefined ? "" : `  ${error.message}`;
      const again = `again in ${Math.ceil(event.delayMs / 1000)} s`;
      tell("retried", { ...event, reason: error?.message }, `failed    ${event.id}  receive ${event.receiveCount}, ${again}${reason}`);
    })
    .on("dead", (event) => tell("dead", event, `dead      ${event.id}  ${event.reason}`))
    .on("lease-lost", (event) => tell("lease-lost", event, `lost      ${event.id}  ${event.reason}`))
    .on("publish-failed", (event) => tell("publish-failed", event, `unsent    ${event.id}  output ${event.output}: ${event.reason}`))
    .on("released", (event) => tell("released", event, `returned  ${event.id}`));
  return {
    end() {
      endProgress();
      const { succeeded, retried, dead } = worker.stats().counts;
      if (!json) note(`${place}${counted(succeeded)} done, ${counted(retried)} failed attempts, ${counted(dead)} dead.`);
    },
  };
}

/** What runs now, in a line. */
function runningLine(worker: Worker): string {
  const { running } = worker.stats();
  const each = running.slice(0, 3).map((message) => {
    const percent = message.progress === undefined ? "" : ` ${Math.round(100 * message.progress)} %`;
    return `${message.id.slice(0, 8)}${percent}${message.progressText === undefined ? "" : ` ${message.progressText}`}`;
  });
  return running.length === 0 ? "waiting" : shown(`${running.length} running: ${each.join(", ")}`);
}

/** The worker's log for whoever watches: what is told of each message already is left out. */
function spokenLog(): Logger {
  const say = (event: string, fields: LogFields = {}) => {
    endProgress();
    const { reason, meaning, again } = fields;
    const more = [reason, meaning].find((text) => text !== undefined);
    note(`${event}${more === undefined ? "" : `: ${shown(String(more))}`}${again === undefined ? "" : `; again ${again}`}`);
  };
  const told: ReadonlySet<string> = new Set(["handler failed", "message dead", "consuming", "stopped", "stopping", "publish failed"]);
  const unless = (event: string, fields?: LogFields) => (told.has(event) ? undefined : say(event, fields));
  return { debug() {}, info: unless, warn: unless, error: unless };
}
