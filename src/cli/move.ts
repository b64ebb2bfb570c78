import type { Message } from "@aws-sdk/client-sqs";
import { type Command, Option } from "commander";
import { deleteBatch, inBatches, sendBatch, type Outgoing } from "./batches.ts";
import { CommandFailed, EXIT } from "./failure.ts";
import { interruption } from "./interruption.ts";
import { counted, endProgress, note, plural, printJson, progress } from "./output.ts";
import { queueCommand, wholeNumber, withQueues, type QueueOptions } from "./queue-command.ts";
import { receiveOnce } from "./receive.ts";
import type { Sqs } from "./sqs.ts";

interface MoveOptions extends QueueOptions {
  readonly max?: number;
  readonly group?: string;
}

/** Long enough for ten messages to be sent and deleted by the slowest network. */
const HIDDEN_SECONDS = 120;

/** A queue counts as empty when nothing came within this time. */
const WAIT_SECONDS = 1;

/** `millrace move`: from queue to queue through this process. */
export function moveCommand(): Command {
  return queueCommand("move", "Move messages from one queue to another, through this process.")
    .argument("<from>", "name, URL or ARN of the queue that gives")
    .argument("<to>", "and of the queue that takes")
    .addOption(new Option("--max <number>", "Move so many at the most.").argParser(wholeNumber(1, Number.MAX_SAFE_INTEGER)))
    .addOption(new Option("--group <id>", "MessageGroupId of messages that have none, for a FIFO queue."))
    .action(async (from: string, to: string, options: MoveOptions) => {
      await withQueues(options, [from, to], (sqs) => move(sqs, { from, to, options }));
    })
    .addHelpText(
      "after",
      `
Each message is sent before it is deleted: none is lost, but one may be there twice if this process dies in between. Messages
get new ids and send times; bodies, attributes and groups stay. It ends when nothing is left to receive, or with Ctrl-C after the messages at hand.
For dead letters, millrace redrive lets the server do it.

Examples:
  millrace move jobs jobs-by-hand --max 100
  millrace move old new.fifo --group imported`,
    );
}

async function move(sqs: Sqs, { from, to, options }: { from: string; to: string; options: MoveOptions }): Promise<void> {
  const [source, target] = [await sqs.queueUrl(from), await sqs.queueUrl(to)];
  if (source === target) throw new CommandFailed("Both are the same queue.", EXIT.usage);
  const signal = interruption("Ending with the messages at hand.");
  const { max = Infinity } = options;
  let moved = 0;
  while (moved < max && !signal.aborted) {
    const asked = { QueueUrl: source, max: Math.min(10, max - moved), wait: WAIT_SECONDS, visibility: HIDDEN_SECONDS, signal };
    const messages = await receiveOnce(sqs, asked);
    if (messages === undefined || messages.length === 0) break;
    const refused = await moveSome(sqs, { source, target, messages, group: options.group });
    moved += messages.length - refused.length;
    progress(`moved ${plural(moved, "message")}`);
    if (refused.length > 0) {
      endProgress();
      throw new CommandFailed(
        `Moved ${plural(moved, "message")}; then ${to} refused ${plural(refused.length, "message")}, which stay in ${from}. The first: ${refused[0]}`,
      );
    }
  }
  endProgress();
  if (options.json === true) printJson({ from: source, to: target, moved });
  else note(`Moved ${counted(moved)} ${moved === 1 ? "message" : "messages"} from ${from} to ${to}.`);
  if (signal.aborted) process.exitCode = EXIT.interrupted;
}

/** @returns why messages were refused; those are visible in the source again. */
async function moveSome(
  sqs: Sqs,
  { source, target, messages, group }: { source: string; target: string; messages: readonly Message[]; group: string | undefined },
): Promise<string[]> {
  const refused: string[] = [];
  const isFifo = target.endsWith(".fifo");
  const all = messages.map((message) => ({ message, ...outgoing(message, { isFifo, group }) }));
  const left = new Set(messages);
  for (const batch of inBatches(all)) {
    const entries = batch.map(({ message: _message, ...entry }) => entry);
    const results = await sendBatch(sqs, target, entries).catch(async (error: unknown) => {
      await showAgain(sqs, source, [...left]);
      throw error;
    });
    const isSent = (_: unknown, index: number) => !("refused" in (results[index] ?? { refused: "" }));
    const sent = batch.filter(isSent);
    await deleteBatch(
      sqs,
      source,
      sent.map(({ message }) => message.ReceiptHandle ?? ""),
    );
    for (const { message } of sent) left.delete(message);
    refused.push(...results.flatMap((result) => ("refused" in result ? [result.refused] : [])));
  }
  await showAgain(sqs, source, [...left]);
  return refused;
}

/** What stays is not to be hidden for longer. */
async function showAgain({ client, sdk }: Sqs, QueueUrl: string, messages: readonly Message[]): Promise<void> {
  for (const { ReceiptHandle } of messages)
    await client.send(new sdk.ChangeMessageVisibilityCommand({ QueueUrl, ReceiptHandle, VisibilityTimeout: 0 }));
}

function outgoing(message: Message, { isFifo, group }: { isFifo: boolean; group: string | undefined }): Outgoing {
  const { Body, MessageId, MessageAttributes = {}, Attributes: system = {} } = message;
  const groupId = system.MessageGroupId ?? group;
  // The message's own id keeps a repeated move from putting it there twice.
  const deduplicationId = isFifo ? (system.MessageDeduplicationId ?? MessageId) : undefined;
  const attributes = Object.entries(MessageAttributes).map(([name, { DataType, StringValue, BinaryValue }]) => [
    name,
    { DataType, ...(BinaryValue === undefined ? { StringValue } : { BinaryValue }) },
  ]);
  return {
    MessageBody: Body,
    ...(attributes.length === 0 ? {} : { MessageAttributes: Object.fromEntries(attributes) as NonNullable<Outgoing["MessageAttributes"]> }),
    ...(groupId === undefined ? {} : { MessageGroupId: groupId }),
    ...(deduplicationId === undefined ? {} : { MessageDeduplicationId: deduplicationId }),
    ...(system.AWSTraceHeader === undefined
      ? {}
      : { MessageSystemAttributes: { AWSTraceHeader: { DataType: "String", StringValue: system.AWSTraceHeader } } }),
  };
}
