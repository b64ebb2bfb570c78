import type { Message } from "@aws-sdk/client-sqs";
import { type Command, Option } from "commander";
import { systemClock } from "../kernel/clock.ts";
import { deleteBatch } from "./batches.ts";
import { EXIT } from "./failure.ts";
import { interruption } from "./interruption.ts";
import { note, plural } from "./output.ts";
import { type Printed, printMessage } from "./printed-message.ts";
import { QUEUE, queueCommand, seconds, wholeNumber, withQueues, type QueueOptions } from "./queue-command.ts";
import type { Sqs } from "./sqs.ts";

interface ReceiveOptions extends QueueOptions {
  readonly max: number;
  readonly wait: number;
  readonly visibility?: number;
  readonly delete?: true;
}

/** `millrace receive`: takes messages as a worker would. */
export function receiveCommand(): Command {
  return queueCommand("receive", "Receive messages: they are hidden from others for a while, or deleted.")
    .argument("<queue>", QUEUE)
    .addOption(new Option("--max <number>", "Messages at the most, 1 to 10.").default(1).argParser(wholeNumber(1, 10)))
    .addOption(new Option("--wait <time>", "Wait so long for the first one, up to 20s.").default(0).argParser(seconds))
    .addOption(new Option("--visibility <time>", "Hide them for so long; else the queue's visibility timeout.").argParser(seconds))
    .addOption(new Option("--delete", "Delete them once they are printed."))
    .action(async (queue: string, options: ReceiveOptions) => {
      await withQueues(options, [queue], (sqs) => receive(sqs, queue, options));
    })
    .addHelpText(
      "after",
      `
Exits with 3 where there was no message. To look at messages without hiding them, use millrace peek.

Examples:
  millrace receive jobs --wait 20s
  while millrace receive jobs --max 10 --delete --json >> jobs.jsonl; do :; done`,
    );
}

async function receive(sqs: Sqs, queue: string, options: ReceiveOptions): Promise<void> {
  const { max, wait, visibility, json = false } = options;
  const signal = interruption();
  const QueueUrl = await sqs.queueUrl(queue);
  const messages = await receiveOnce(sqs, { QueueUrl, max, wait, visibility, signal });
  if (messages === undefined) {
    process.exitCode = EXIT.interrupted;
    return;
  }
  const nowMs = systemClock().nowMs();
  for (const message of messages) printMessage(printed(message), { json, nowMs });
  if (options.delete === true)
    await deleteBatch(
      sqs,
      QueueUrl,
      messages.map(({ ReceiptHandle = "" }) => ReceiptHandle),
    );
  if (messages.length > 0 && !json)
    note(
      options.delete === true ? `Deleted ${plural(messages.length, "message")}.` : "Hidden from others until the visibility timeout ends.",
    );
  if (messages.length === 0) {
    note(`No message in ${queue}${wait === 0 ? "" : ` within ${wait} s`}.`);
    process.exitCode = EXIT.nothing;
  }
}

/** @returns undefined where the signal came first. */
export async function receiveOnce(
  { client, sdk }: Sqs,
  asked: { QueueUrl: string; max: number; wait: number; visibility?: number | undefined; signal: AbortSignal },
): Promise<Message[] | undefined> {
  const input = {
    QueueUrl: asked.QueueUrl,
    MaxNumberOfMessages: asked.max,
    WaitTimeSeconds: asked.wait,
    MessageAttributeNames: ["All"],
    MessageSystemAttributeNames: ["All" as const],
    ...(asked.visibility === undefined ? {} : { VisibilityTimeout: asked.visibility }),
  };
  try {
    const { Messages = [] } = await client.send(new sdk.ReceiveMessageCommand(input), { abortSignal: asked.signal });
    return Messages;
  } catch (error) {
    if (asked.signal.aborted) return undefined;
    throw error;
  }
}

function printed(message: Message): Printed & { readonly receiptHandle: string } {
  const { MessageId = "", Body = "", ReceiptHandle = "", Attributes: system = {}, MessageAttributes = {} } = message;
  const attributes = Object.entries(MessageAttributes).map(([name, { DataType = "", StringValue = "", BinaryValue }]) => {
    const value = BinaryValue === undefined ? StringValue : Buffer.from(BinaryValue).toString("base64");
    return [name, { dataType: DataType, value }] as const;
  });
  return {
    messageId: MessageId,
    receiptHandle: ReceiptHandle,
    body: Body,
    sentMs: Number(system.SentTimestamp ?? 0),
    receiveCount: Number(system.ApproximateReceiveCount ?? 1),
    groupId: system.MessageGroupId ?? null,
    attributes: Object.fromEntries(attributes),
  };
}
