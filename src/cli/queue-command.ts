import { Command, InvalidArgumentError, Option } from "commander";
import { explained } from "./failure.ts";
import { connect, type Sqs, whereabouts } from "./sqs.ts";

/** What every command about queues takes. */
export interface QueueOptions {
  readonly endpoint?: string;
  readonly region?: string;
  readonly profile?: string;
  readonly json?: true;
}

export const QUEUE = "name, URL or ARN of the queue";

const CONNECTION = "Connection:";

/** A command about queues of Millrace or of any other server that speaks the API of Amazon SQS. */
export function queueCommand(name: string, description: string): Command {
  return new Command(name)
    .description(description)
    .addOption(new Option("--json", "Print one JSON object a line."))
    .addOption(
      new Option(
        "--endpoint <url>",
        'Where the queues are; "aws" is Amazon SQS itself. Else AWS_ENDPOINT_URL_SQS, AWS_ENDPOINT_URL or http://127.0.0.1:4566.',
      ).helpGroup(CONNECTION),
    )
    .addOption(new Option("--region <region>", "Region; else that of the AWS environment or us-east-1.").helpGroup(CONNECTION))
    .addOption(new Option("--profile <name>", "Profile of the AWS configuration files; else AWS_PROFILE.").helpGroup(CONNECTION));
}

/** Runs what a command does; failures of AWS calls are told in words that help. */
export async function withQueues(options: QueueOptions, queues: readonly string[], run: (sqs: Sqs) => Promise<void>): Promise<void> {
  let sqs: Sqs | undefined;
  try {
    sqs = await connect(options);
    await run(sqs);
  } catch (error) {
    throw explained(error, { where: sqs?.where ?? whereabouts(options), queues });
  } finally {
    sqs?.close();
  }
}

/** Reads a whole number of an option. */
export function wholeNumber(min: number, max: number): (text: string) => number {
  return (text) => {
    const value = /^\d+$/.test(text) ? Number(text) : NaN;
    if (!(value >= min && value <= max)) throw new InvalidArgumentError(`It must be a whole number from ${min} to ${max}.`);
    return value;
  };
}

const UNIT_SECONDS: Readonly<Record<string, number>> = { s: 1, m: 60, h: 3600, d: 86_400 };

/** Reads `90`, `90s`, `15m`, `2h` or `3d` as seconds. */
export function seconds(text: string): number {
  const { count, unit = "s" } = /^(?<count>\d+)(?<unit>[smhd])?$/.exec(text)?.groups ?? {};
  if (count === undefined) throw new InvalidArgumentError("It must be a time such as 90, 90s, 15m, 2h or 3d.");
  return Number(count) * (UNIT_SECONDS[unit] ?? 1);
}
