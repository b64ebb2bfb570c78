import { readFileSync } from "node:fs";
import { type Command, Option } from "commander";
import { systemClock, systemWallMs } from "../kernel/clock.ts";
import { systemRandom } from "../kernel/random.ts";
import { awsSqs } from "../worker/aws.ts";
import { pushHandler } from "../worker/index.ts";
import type { PeriodicTask } from "../worker/push/cron-file.ts";
import { CommandFailed, EXIT } from "./failure.ts";
import { seconds, withQueues } from "./queue-command.ts";
import type { Sqs } from "./sqs.ts";
import { consumeOptions, work, workerCommand, workerLog, type WorkerOptions } from "./worker-command.ts";

interface Options extends WorkerOptions {
  readonly url: string;
  readonly mimeType: string;
  readonly connectTimeout: number;
  readonly inactivityTimeout: number;
  readonly errorVisibility: number;
  readonly cron?: string;
}

/** More receives than a message can have: without a queue for the dead it is the queue's redrive policy that ends them. */
const NEVER_DEAD = 2 ** 31;

/** `millrace push`: the worker daemon of Elastic Beanstalk, for any web application. */
export function pushCommand(): Command {
  return workerCommand("push", "Post each message of a queue to a URL, as the worker daemon of AWS Elastic Beanstalk does.", {
    slots: 50,
    maxReceives: 10,
  })
    .addOption(new Option("--url <url>", "Where messages are posted to.").makeOptionMandatory())
    .addOption(new Option("--mime-type <type>", "Content-Type of the posts.").default("application/json"))
    .addOption(new Option("--connect-timeout <time>", "How long a connection may take.").default(5, "5s").argParser(seconds))
    .addOption(new Option("--inactivity-timeout <time>", "How long an answer may take.").default(299, "299s").argParser(seconds))
    .addOption(
      new Option("--error-visibility <time>", "After how long a message comes back that was not answered with 200.")
        .default(2, "2s")
        .argParser(seconds),
    )
    .addOption(new Option("--cron <file>", "A cron.yaml: tasks whose messages are sent to the queue when they are due."))
    .action(async (options: Options) => {
      const tasks = options.cron === undefined ? [] : await readTasks(options.cron);
      await withQueues(options, [options.queue], async (sqs) => await push(sqs, options, tasks));
    })
    .addHelpText(
      "after",
      `
The message's body is the post's body. Headers: X-Aws-Sqsd-Msgid, -Queue, -First-Received-At, -Receive-Count and
-Attr-<name> for each attribute; for periodic tasks also -Taskname, -Scheduled-At and -Sender-Id. The answer 200 deletes the
message; any other answer, or none, brings it back after --error-visibility. It is kept by heartbeats meanwhile.
--slots is how many connections there are at once.

A cron.yaml has "version: 1" and, under "cron:", tasks with "name", "url" (a path) and "schedule" (five fields, UTC). Give it
to one of several daemons on a standard queue; on a FIFO queue all may have it, and each task is sent once.

Examples:
  millrace push --queue jobs --url http://localhost:8080/jobs
  millrace push --queue jobs --url http://localhost/ --cron cron.yaml --max-receives 10 --dead-letter-queue jobs-dead`,
    );
}

async function push(sqs: Sqs, options: Options, tasks: readonly PeriodicTask[]): Promise<void> {
  const run = pushHandler({
    url: urlOf(options.url),
    queueName: options.queue.slice(Math.max(options.queue.lastIndexOf("/"), options.queue.lastIndexOf(":")) + 1),
    mimeType: options.mimeType,
    connectTimeout: options.connectTimeout * 1000,
    inactivityTimeout: options.inactivityTimeout * 1000,
    errorVisibility: options.errorVisibility * 1000,
  });
  const maxReceives = options.deadLetterQueue === undefined ? NEVER_DEAD : options.maxReceives;
  const periodic = tasks.length === 0 ? undefined : await startTasks(sqs, options, tasks);
  await work(sqs, options, { ...consumeOptions(options), maxReceives, body: "text", run });
  periodic?.stop();
}

async function startTasks(sqs: Sqs, options: Options, tasks: readonly PeriodicTask[]): Promise<{ stop: () => void }> {
  const { PeriodicTasks } = await import("../worker/push/periodic.ts");
  const queueUrl = await sqs.queueUrl(options.queue);
  const parts = { clock: systemClock(), random: systemRandom, log: workerLog(options.json === true), wallMs: systemWallMs };
  return new PeriodicTasks({ ...parts, sqs: awsSqs(sqs.client), queueUrl }, tasks);
}

function urlOf(text: string): string {
  if (/^https?:$/.test(URL.parse(text)?.protocol ?? "")) return text;
  throw new CommandFailed(`The URL must be like http://localhost:8080/jobs, not "${text}".`, EXIT.usage);
}

async function readTasks(path: string): Promise<PeriodicTask[]> {
  const { readCronFile } = await import("../worker/push/cron-file.ts");
  try {
    return readCronFile(readFileSync(path, "utf8"));
  } catch (error) {
    throw new CommandFailed(`${path}: ${(error as Error).message}`, EXIT.usage);
  }
}
