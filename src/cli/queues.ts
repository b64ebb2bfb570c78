import type { Command } from "commander";
import { note, print, printJson, table } from "./output.ts";
import { queueCommand, withQueues, type QueueOptions } from "./queue-command.ts";
import type { Sqs } from "./sqs.ts";

/** Attributes are asked queue by queue; so many at a time. */
const AT_ONCE = 10;

interface Listed {
  readonly name: string;
  readonly url: string;
  readonly visible: number;
  readonly inFlight: number;
  readonly delayed: number;
  /** ARN; null where it has none. */
  readonly deadLetterQueue: string | null;
}

/** `millrace queues`: which there are, and what is in them. */
export function queuesCommand(): Command {
  return queueCommand("queues", "List queues with what is in them.")
    .argument("[prefix]", "only queues whose names begin so")
    .action(async (prefix: string | undefined, options: QueueOptions) => {
      await withQueues(options, [], async (sqs) => {
        const listed = await listQueues(sqs, prefix);
        if (options.json === true) for (const queue of listed) printJson(queue);
        else if (listed.length > 0) print(described(listed));
        else note(`There are no queues${prefix === undefined ? "" : ` that begin with "${prefix}"`} at ${sqs.where}.`);
      });
    })
    .addHelpText(
      "after",
      "\nExamples:\n  millrace queues\n  millrace queues photo- --json\n  millrace queues --endpoint aws --region eu-west-1",
    );
}

function described(listed: readonly Listed[]): string {
  const rows = listed.map(({ name, visible, inFlight, delayed, deadLetterQueue }) => {
    return [name, visible, inFlight, delayed, deadLetterQueue?.split(":").at(-1) ?? "-"];
  });
  return table(["QUEUE", "VISIBLE", "IN FLIGHT", "DELAYED", "DEAD LETTERS TO"], rows);
}

async function listQueues(sqs: Sqs, prefix: string | undefined): Promise<Listed[]> {
  const { client, sdk } = sqs;
  const urls: string[] = [];
  let NextToken: string | undefined;
  do {
    const asked = { QueueNamePrefix: prefix, MaxResults: 1000, NextToken };
    const page = await client.send(new sdk.ListQueuesCommand(asked));
    urls.push(...(page.QueueUrls ?? []));
    ({ NextToken } = page);
  } while (NextToken !== undefined);
  const listed: Listed[] = [];
  for (let first = 0; first < urls.length; first += AT_ONCE)
    listed.push(...(await Promise.all(urls.slice(first, first + AT_ONCE).map((url) => describe(sqs, url)))).flat());
  return listed;
}

/** Nothing for a queue that was deleted meanwhile. */
async function describe({ client, sdk }: Sqs, url: string): Promise<Listed[]> {
  try {
    const asked = new sdk.GetQueueAttributesCommand({ QueueUrl: url, AttributeNames: ["All"] });
    const { Attributes: attributes = {} } = await client.send(asked);
    const policy = attributes.RedrivePolicy === undefined ? {} : (JSON.parse(attributes.RedrivePolicy) as { deadLetterTargetArn?: string });
    return [
      {
        name: url.split("/").at(-1) ?? url,
        url,
        visible: Number(attributes.ApproximateNumberOfMessages),
        inFlight: Number(attributes.ApproximateNumberOfMessagesNotVisible),
        delayed: Number(attributes.ApproximateNumberOfMessagesDelayed),
        deadLetterQueue: policy.deadLetterTargetArn ?? null,
      },
    ];
  } catch (error) {
    if ((error as Error).name === "QueueDoesNotExist") return [];
    throw error;
  }
}
