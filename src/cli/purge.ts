import { createInterface } from "node:readline/promises";
import { type Command, Option } from "commander";
import { CommandFailed, EXIT } from "./failure.ts";
import { note, plural, printJson } from "./output.ts";
import { QUEUE, queueCommand, withQueues, type QueueOptions } from "./queue-command.ts";
import type { Sqs } from "./sqs.ts";

interface PurgeOptions extends QueueOptions {
  readonly yes?: true;
}

/** `millrace purge`: all messages of a queue are deleted, after a question. */
export function purgeCommand(): Command {
  return queueCommand("purge", "Delete all messages of a queue. It cannot be undone, so it asks first.")
    .argument("<queue>", QUEUE)
    .addOption(new Option("--yes", "Do not ask."))
    .action(async (queue: string, options: PurgeOptions) => {
      await withQueues(options, [queue], (sqs) => purge(sqs, queue, options));
    })
    .addHelpText("after", "\nExamples:\n  millrace purge jobs\n  millrace purge jobs --yes --json");
}

async function purge(sqs: Sqs, queue: string, { yes, json }: PurgeOptions): Promise<void> {
  const { client, sdk } = sqs;
  const QueueUrl = await sqs.queueUrl(queue);
  const { Attributes: counts = {} } = await client.send(new sdk.GetQueueAttributesCommand({ QueueUrl, AttributeNames: ["All"] }));
  const [visible, inFlight, delayed] = [
    Number(counts.ApproximateNumberOfMessages),
    Number(counts.ApproximateNumberOfMessagesNotVisible),
    Number(counts.ApproximateNumberOfMessagesDelayed),
  ];
  const messages = visible + inFlight + delayed;
  if (
    yes !== true &&
    !(await isSure(`Delete ${plural(messages, "message")} of ${queue} at ${sqs.where} for good? Type the queue's name to go on: `, queue))
  )
    throw new CommandFailed("Nothing was deleted.");
  await client.send(new sdk.PurgeQueueCommand({ QueueUrl }));
  if (json === true) printJson({ queueUrl: QueueUrl, purged: messages });
  else note(`Deleted ${plural(messages, "message")} of ${queue}.`);
}

async function isSure(question: string, answer: string): Promise<boolean> {
  if (!process.stdin.isTTY)
    throw new CommandFailed("Nobody can be asked here whether all messages are to be deleted; say --yes.", EXIT.usage);
  const asking = createInterface({ input: process.stdin, output: process.stderr });
  try {
    return (await asking.question(question)).trim() === answer;
  } catch {
    return false; // Ctrl-C or Ctrl-D instead of an answer.
  } finally {
    asking.close();
  }
}
