import { createInterface } from "node:readline";
import { text } from "node:stream/consumers";
import { type Command, Option } from "commander";
import { attributeOf, inBatches, sendBatch, sizeOf, type Outgoing, type Sent } from "./batches.ts";
import { CommandFailed, EXIT } from "./failure.ts";
import { interruption } from "./interruption.ts";
import { endProgress, note, plural, print, printJson, progress } from "./output.ts";
import { QUEUE, queueCommand, seconds, withQueues, type QueueOptions } from "./queue-command.ts";
import type { Sqs } from "./sqs.ts";

interface SendOptions extends QueueOptions {
  readonly lines?: true;
  readonly create?: true;
  readonly delay?: number;
  readonly group?: string;
  readonly deduplicationId?: string;
  readonly attribute: readonly string[];
}

/** Lines that are read before they are sent. */
const LINES_AT_ONCE = 100;

/** `millrace send`: what is said, or read from standard input, becomes messages. */
export function sendCommand(): Command {
  return queueCommand("send", "Send messages to a queue.")
    .argument("<queue>", QUEUE)
    .argument("[bodies...]", "what to send, a message each; without, or as -, standard input is one message")
    .addOption(new Option("--lines", "Every line of standard input is a message."))
    .addOption(new Option("--create", "Create the queue where there is none."))
    .addOption(new Option("--delay <time>", "Hide it for so long first: 90, 90s, 15m.").argParser(seconds))
    .addOption(new Option("--group <id>", "MessageGroupId; a FIFO queue needs one."))
    .addOption(new Option("--deduplication-id <id>", "MessageDeduplicationId, for a FIFO queue."))
    .addOption(
      new Option("--attribute <name=value>", "A message attribute, name:Number=5 for another type than String; can be repeated.")
        .default([], "none")
        .argParser((value: string, before: string[]) => [...before, value]),
    )
    .action(async (queue: string, bodies: string[], options: SendOptions) => {
      await withQueues(options, [queue], async (sqs) => {
        const queueUrl = await urlOf(sqs, queue, options.create === true);
        await sendAll(sqs, { queue, queueUrl, bodies, options });
      });
    })
    .addHelpText(
      "after",
      `
Examples:
  millrace send jobs '{"photo": "harbour.jpg"}' --create
  millrace send jobs --attribute priority:Number=5 --delay 15m 'later'
  jq -c '.[]' orders.json | millrace send orders.fifo --lines --group import`,
    );
}

async function urlOf(sqs: Sqs, queue: string, create: boolean): Promise<string> {
  try {
    return await sqs.queueUrl(queue);
  } catch (error) {
    if (!create || (error as Error).name !== "QueueDoesNotExist" || !/^[\w-]+(\.fifo)?$/.test(queue)) throw error;
    const asked = { QueueName: queue, ...(queue.endsWith(".fifo") ? { Attributes: { FifoQueue: "true" } } : {}) };
    const { QueueUrl = queue } = await sqs.client.send(new sqs.sdk.CreateQueueCommand(asked));
    note(`Created the queue ${queue}.`);
    return QueueUrl;
  }
}

async function sendAll(sqs: Sqs, to: { queue: string; queueUrl: string; bodies: readonly string[]; options: SendOptions }): Promise<void> {
  const { queue, queueUrl, bodies, options } = to;
  const signal = interruption();
  let sent = 0;
  const refused: string[] = [];
  for await (const some of bodiesOf(bodies, options)) {
    for (const batch of inBatches(some.map((body) => outgoing(body, options)))) {
      if (signal.aborted) break;
      for (const result of await sendBatch(sqs, queueUrl, batch)) {
        if ("refused" in result) refused.push(result.refused);
        else {
          sent += 1;
          tell(result, options);
        }
      }
      if (options.lines === true) progress(`sent ${plural(sent, "message")}`);
    }
    if (signal.aborted) break;
  }
  endProgress();
  if (options.json !== true && sent !== 1) note(`Sent ${plural(sent, "message")} to ${queue}.`);
  if (refused.length > 0) throw new CommandFailed(`${plural(refused.length, "message")} could not be sent. The first: ${refused[0]}`);
  if (signal.aborted) process.exitCode = EXIT.interrupted;
}

function tell(sent: Sent, { json, lines }: SendOptions): void {
  if (json === true) printJson(sent);
  else if (lines !== true) print(sent.messageId);
}

/** Some at a time, so that what comes through a pipe is sent while more of it comes. */
async function* bodiesOf(given: readonly string[], { lines }: SendOptions): AsyncGenerator<readonly string[]> {
  if (lines === true) {
    if (given.length > 0) throw new CommandFailed("--lines reads standard input; leave out the messages on the command line.", EXIT.usage);
    let some: string[] = [];
    for await (const line of createInterface({ input: process.stdin, crlfDelay: Infinity })) {
      if (line !== "") some.push(line);
      if (some.length < LINES_AT_ONCE) continue;
      yield some;
      some = [];
    }
    yield some;
  } else if (given.length === 0 || (given.length === 1 && given[0] === "-")) {
    if (process.stdin.isTTY) note("Type the message; Ctrl-D ends it.");
    yield [await text(process.stdin)];
  } else yield given;
}

function outgoing(body: string, { delay, group, deduplicationId, attribute }: SendOptions): Outgoing {
  const attributes = Object.fromEntries(attribute.map(attributeOf));
  const message: Outgoing = {
    MessageBody: body,
    ...(delay === undefined ? {} : { DelaySeconds: delay }),
    ...(group === undefined ? {} : { MessageGroupId: group }),
    ...(deduplicationId === undefined ? {} : { MessageDeduplicationId: deduplicationId }),
    ...(attribute.length === 0 ? {} : { MessageAttributes: attributes }),
  };
  if (sizeOf(message) === 0) throw new CommandFailed("A message must not be empty.", EXIT.usage);
  return message;
}
