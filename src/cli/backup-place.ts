import { type Command, Option } from "commander";
import { DirectoryPlace } from "../backup/directory-place.ts";
import type { Place } from "../backup/place.ts";
import { CommandFailed, EXIT } from "./failure.ts";
import { settingsOf } from "./sqs.ts";

/** What every command takes that deals with places of backups. */
export interface PlaceOptions {
  readonly s3Endpoint?: string;
  readonly s3Region?: string;
  readonly s3Profile?: string;
}

export const PLACE = "directory, or s3://bucket/prefix";

const GROUP = "Backups in S3:";
const AWS = "aws";

export function withPlaceOptions(command: Command): Command {
  return command
    .addOption(
      new Option(
        "--s3-endpoint <url>",
        'Where the bucket is; "aws" is Amazon S3 itself. Else AWS_ENDPOINT_URL_S3, AWS_ENDPOINT_URL or Amazon S3.',
      ).helpGroup(GROUP),
    )
    .addOption(new Option("--s3-region <region>", "Region of the bucket; else that of the AWS environment.").helpGroup(GROUP))
    .addOption(new Option("--s3-profile <name>", "Profile of the AWS configuration files; else AWS_PROFILE.").helpGroup(GROUP));
}

/** @param server where the server is of which a backup is made, which must not be where the backup goes. */
export async function openPlace(text: string, options: PlaceOptions, server?: string): Promise<Place> {
  if (!text.includes("://")) return new DirectoryPlace(text);
  const [, bucket, prefix = ""] = /^s3:\/\/([^/]+)(?:\/(.*?))?\/*$/.exec(text) ?? [];
  if (bucket === undefined)
    throw new CommandFailed(`A place for backups is a directory or like s3://bucket/prefix, not "${text}".`, EXIT.usage);
  const endpoint = endpointOf(options);
  if (endpoint !== undefined && server !== undefined && new URL(endpoint).origin === new URL(server).origin)
    throw new CommandFailed(
      `${text} would be in ${server}, the very server that it is a backup of, and be lost with it. Say with --s3-endpoint where the bucket is; "aws" is Amazon S3.`,
      EXIT.usage,
    );
  const { openS3Place } = await import("../backup/s3-place.ts");
  const settings = settingsOf(
    {
      ...(options.s3Region === undefined ? {} : { region: options.s3Region }),
      ...(options.s3Profile === undefined ? {} : { profile: options.s3Profile }),
    },
    endpoint === undefined ? undefined : new URL(endpoint).hostname,
  );
  return openS3Place({ bucket, prefix, name: text, endpoint, settings });
}

/** Undefined: Amazon S3. */
function endpointOf({ s3Endpoint }: PlaceOptions): string | undefined {
  const endpoint = s3Endpoint ?? process.env["AWS_ENDPOINT_URL_S3"] ?? process.env["AWS_ENDPOINT_URL"];
  if (endpoint === AWS) {
    delete process.env["AWS_ENDPOINT_URL"]; // The SDK would still follow it.
    delete process.env["AWS_ENDPOINT_URL_S3"];
    return undefined;
  }
  if (endpoint !== undefined && !/^https?:\/\/[^/]+\/?$/.test(endpoint))
    throw new CommandFailed(`The S3 endpoint must be like http://127.0.0.1:9000, or "aws" for Amazon S3, not "${endpoint}".`, EXIT.usage);
  return endpoint;
}
