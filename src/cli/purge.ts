import { type Command, Option } from "commander";
import { isConfirmed } from "./confirmation.ts";
import { CommandFailed } from "./failure.ts";
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
  const question = `Delete ${plural(messages, "message")} of ${queue} at ${sqs.where} for good? Type the queue's name to go on: `;
  if (yes !== true && !(await isConfirmed(question, { answer: queue, about: "all messages are to be deleted" })))
    throw new CommandFailed("Nothing was deleted.");
  await client.send(new sdk.PurgeQueueCommand({ QueueUrl }));
  if (json === true) printJson({ queueUrl: QueueUrl, purged: messages });
  else note(`Deleted ${plural(messages, "message")} of ${queue}.`);
}
