import { type Command, Option } from "commander";
import { systemClock } from "../kernel/clock.ts";
import { CommandFailed } from "./failure.ts";
import { interruption, pause } from "./interruption.ts";
import { note } from "./output.ts";
import { readOwnPage } from "./own-page.ts";
import { type Printed, printMessage } from "./printed-message.ts";
import { QUEUE, queueCommand, withQueues, type QueueOptions } from "./queue-command.ts";
import type { Sqs } from "./sqs.ts";

interface TailOptions extends QueueOptions {
  readonly body?: string;
  readonly path?: string;
  readonly attribute?: string;
  readonly group?: string;
}

/** An answer of `/_millrace/queues/<account>/<name>/tail`. */
interface Page {
  readonly messages: readonly Printed[];
  readonly end: number;
  readonly missed: boolean;
}

const WAIT_SECONDS = "20";
const RETRY_MS = 1000;

/** `millrace tail`: what comes to a queue, as it comes. */
export function tailCommand(): Command {
  return queueCommand("tail", "Follow the messages that come to a queue, without taking them, until Ctrl-C. Needs a Millrace server.")
    .argument("<queue>", QUEUE)
    .addOption(new Option("--body <text>", "Only with this text in the body."))
    .addOption(new Option("--path <path=value>", "Only with this value in a JSON body: order.items[0].sku=A-17."))
    .addOption(new Option("--attribute <name=value>", "Only with this message attribute; a name alone asks that it is there."))
    .addOption(new Option("--group <id>", "Only of this message group."))
    .action(async (queue: string, options: TailOptions) => {
      await withQueues(options, [queue], (sqs) => follow(sqs, queue, options));
    })
    .addHelpText("after", "\nExamples:\n  millrace tail jobs\n  millrace tail orders --path customer.id=4711 --json | jq .body");
}

async function follow(sqs: Sqs, queue: string, options: TailOptions): Promise<void> {
  const signal = interruption();
  const queueUrl = await sqs.queueUrl(queue);
  const { body, path, attribute, group } = options;
  const search = Object.entries({ body, json: path, attribute, group }).flatMap(([name, value]) =>
    value === undefined ? [] : [[name, value]],
  );
  const ask = async (parameters: Record<string, string>) =>
    (await readOwnPage(
      sqs,
      { queueUrl, name: "tail", parameters: { ...(Object.fromEntries(search) as Record<string, string>), ...parameters } },
      signal,
    )) as Page;
  let { end } = await ask({});
  note(`Following ${queue} at ${sqs.where}; Ctrl-C ends.`);
  let away = false;
  while (!signal.aborted) {
    try {
      const page = await ask({ after: String(end), wait: WAIT_SECONDS });
      if (away) note("The server answers again.");
      away = false;
      if (page.missed) note("Some messages may have come that are not shown.");
      const nowMs = systemClock().nowMs();
      for (const message of page.messages) printMessage(message, { json: options.json === true, nowMs });
      ({ end } = page);
    } catch (error) {
      if (signal.aborted) return;
      if (isForGood(error)) throw error;
      if (!away) note(`The server does not answer (${(error as Error).message}); trying again until it does.`);
      away = true;
      await pause(RETRY_MS, signal);
    }
  }
}

/** A refusal stays one; a server that is away may come back. */
function isForGood(error: unknown): boolean {
  const { $metadata } = error as { $metadata?: { httpStatusCode?: number } };
  const status = $metadata?.httpStatusCode ?? 0;
  return error instanceof CommandFailed || (status >= 400 && status < 500);
}
