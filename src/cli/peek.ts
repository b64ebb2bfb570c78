import { type Command, Option } from "commander";
import { systemClock } from "../kernel/clock.ts";
import { EXIT } from "./failure.ts";
import { interruption } from "./interruption.ts";
import { counted, endProgress, note, plural, progress } from "./output.ts";
import { readOwnPage } from "./own-page.ts";
import { type Printed, printMessage } from "./printed-message.ts";
import { peekQuarantined } from "./quarantined.ts";
import { QUEUE, queueCommand, seconds, wholeNumber, withQueues, type QueueOptions } from "./queue-command.ts";
import type { Sqs } from "./sqs.ts";

interface PeekOptions extends QueueOptions {
  readonly state?: string;
  readonly body?: string;
  readonly path?: string;
  readonly attribute?: string;
  readonly group?: string;
  readonly olderThan?: number;
  readonly newerThan?: number;
  readonly receivesMin?: number;
  readonly receivesMax?: number;
  readonly max: number;
  readonly cursor?: string;
  readonly quarantined?: boolean;
}

/** A page as `/_millrace/queues/<account>/<name>/messages` answers it. */
interface Page {
  readonly messages: readonly Printed[];
  readonly scannedInAll: number;
  readonly inQueue: number;
  readonly quarantined: number;
  readonly cursor: string | null;
}

/** Messages that the server looks at for one page of a search. */
const SCAN = 10_000;

/** `millrace peek`: shows messages and leaves them as they are. */
export function peekCommand(): Command {
  return queueCommand("peek", "Show messages without receiving them: nothing is hidden, nothing counted. Needs a Millrace server.")
    .argument("<queue>", QUEUE)
    .addOption(new Option("--max <number>", "Show so many at the most.").default(10).argParser(wholeNumber(1, 1_000_000)))
    .addOption(new Option("--state <states>", "visible, in-flight, delayed; several separated by commas."))
    .addOption(new Option("--body <text>", "Only with this text in the body."))
    .addOption(new Option("--path <path=value>", "Only with this value in a JSON body: order.items[0].sku=A-17."))
    .addOption(new Option("--attribute <name=value>", "Only with this message attribute; a name alone asks that it is there."))
    .addOption(new Option("--group <id>", "Only of this message group."))
    .addOption(new Option("--older-than <time>", "Only sent so long ago: 90, 90s, 15m, 2h, 3d.").argParser(seconds))
    .addOption(new Option("--newer-than <time>", "Only sent since.").argParser(seconds))
    .addOption(new Option("--receives-min <number>", "Only received so often.").argParser(wholeNumber(0, 2 ** 31)))
    .addOption(new Option("--receives-max <number>", "Only received no more often.").argParser(wholeNumber(0, 2 ** 31)))
    .option("--quarantined", "List the damaged messages instead, which nobody receives.")
    .addOption(new Option("--cursor <cursor>", "Go on where an earlier search ended."))
    .action(async (queue: string, options: PeekOptions) => {
      await withQueues(options, [queue], (sqs) => (options.quarantined === true ? peekQuarantined : peek)(sqs, queue, options));
    })
    .addHelpText(
      "after",
      `
Exits with 3 where no message was found. A search that Ctrl-C or --max ends says how far it came and where to go on.

Examples:
  millrace peek jobs
  millrace peek jobs --state in-flight --receives-min 3
  millrace peek orders --path customer.id=4711 --older-than 1h --json`,
    );
}

async function peek(sqs: Sqs, queue: string, options: PeekOptions): Promise<void> {
  const signal = interruption();
  const queueUrl = await sqs.queueUrl(queue);
  const nowMs = systemClock().nowMs();
  let found = 0;
  let cursor: string | null = options.cursor ?? "";
  let page: Page | undefined;
  while (cursor !== null && found < options.max && !signal.aborted) {
    const parameters = { ...searchOf(options), scan: String(SCAN), limit: String(Math.min(1000, options.max - found)), cursor };
    page = (await readOwnPage(sqs, { queueUrl, name: "messages", parameters })) as Page;
    endProgress();
    for (const message of page.messages) printMessage(message, { json: options.json === true, nowMs });
    found += page.messages.length;
    ({ cursor } = page);
    if (cursor !== null) progress(`looked at ${counted(page.scannedInAll)} of about ${counted(page.inQueue)} messages`);
  }
  endProgress();
  if (signal.aborted) process.exitCode = EXIT.interrupted;
  else if (found === 0) process.exitCode = EXIT.nothing;
  if (page === undefined) return;
  note(summary(page, { queue, found, options }));
  if (page.quarantined > 0)
    note(`${plural(page.quarantined, "damaged message")} beside them, kept from delivery: millrace peek ${queue} --quarantined`);
}

function summary({ scannedInAll, inQueue, cursor }: Page, of: { queue: string; found: number; options: PeekOptions }): string {
  const searches = Object.keys(searchOf(of.options)).length > 0;
  const looked = `looked at ${counted(scannedInAll)} of about ${counted(Math.max(scannedInAll, inQueue))}`;
  if (of.found === 0 && cursor === null) return searches ? `No such message in ${of.queue}; ${looked}.` : `No message in ${of.queue}.`;
  const more = cursor === null ? "" : ` The next: --cursor ${cursor}`;
  return `${plural(of.found, "message")} of ${of.queue}; ${looked}.${more}`;
}

function searchOf(options: PeekOptions): Record<string, string> {
  const { state, body, path, attribute, group, olderThan, newerThan, receivesMin, receivesMax } = options;
  const all = {
    state,
    body,
    json: path,
    attribute,
    group,
    olderThanSeconds: olderThan,
    newerThanSeconds: newerThan,
    receivesMin,
    receivesMax,
  };
  return Object.fromEntries(Object.entries(all).flatMap(([name, value]) => (value === undefined ? [] : [[name, String(value)]])));
}
