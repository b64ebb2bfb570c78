import type * as Sdk from "@aws-sdk/client-sqs";
import { isLoopback } from "../server/host-guard.ts";
import { CommandFailed, EXIT } from "./failure.ts";

const DEFAULT_ENDPOINT = "http://127.0.0.1:4566";

/** Amazon SQS itself, by the name that --endpoint takes for it. */
export const AWS = "aws";

export interface ConnectionOptions {
  readonly endpoint?: string;
  readonly region?: string;
  readonly profile?: string;
}

/** A queue's server, through the AWS SDK. Its classes stand beside the client: the SDK is loaded by those who use it only. */
export interface Sqs {
  readonly sdk: typeof Sdk;
  readonly client: Sdk.SQSClient;
  /** `http://127.0.0.1:4566`, or Amazon SQS: for what is said to people. */
  readonly where: string;
  readonly isAws: boolean;
  /** The URL of a queue that is given by name, URL or ARN. */
  queueUrl(queue: string): Promise<string>;
  queueArn(queueUrl: string): Promise<string>;
  close(): void;
}

export function whereabouts(options: ConnectionOptions): string {
  const endpoint = endpointOf(options);
  return endpoint === AWS ? "Amazon SQS" : endpoint;
}

/** What is said, or the environment's, or the one on this machine; `aws` is Amazon's own. */
export function endpointOf({ endpoint }: ConnectionOptions): string {
  return endpoint ?? process.env["AWS_ENDPOINT_URL_SQS"] ?? process.env["AWS_ENDPOINT_URL"] ?? DEFAULT_ENDPOINT;
}

/** @throws {CommandFailed} the endpoint is no URL. */
export async function connect(options: ConnectionOptions): Promise<Sqs> {
  const endpoint = endpointOf(options);
  const isAws = endpoint === AWS;
  if (!isAws && !/^https?:\/\/[^/]+\/?$/.test(endpoint))
    throw new CommandFailed(`The endpoint must be like http://127.0.0.1:4566, or "aws" for Amazon SQS, not "${endpoint}".`, EXIT.usage);
  const sdk = await import("@aws-sdk/client-sqs");
  const client = new sdk.SQSClient({
    ...(isAws ? withoutEndpoint() : { endpoint, useQueueUrlAsEndpoint: false }),
    ...settingsOf(options, isAws ? undefined : new URL(endpoint).hostname),
    maxAttempts: 3,
    requestHandler: { connectionTimeout: 5000, requestTimeout: 60_000 },
  });
  return {
    sdk,
    client,
    where: whereabouts(options),
    isAws,
    async queueUrl(queue) {
      if (/^https?:\/\//.test(queue)) return queue;
      const [, account, name] = /^arn:[^:]*:sqs:[^:]*:(\d*):([^:]+)$/.exec(queue) ?? [];
      const asked = name === undefined ? { QueueName: queue } : { QueueName: name, QueueOwnerAWSAccountId: account };
      const { QueueUrl } = await client.send(new sdk.GetQueueUrlCommand(asked));
      return QueueUrl ?? queue;
    },
    async queueArn(QueueUrl) {
      const asked = new sdk.GetQueueAttributesCommand({ QueueUrl, AttributeNames: ["QueueArn"] });
      return (await client.send(asked)).Attributes?.QueueArn ?? QueueUrl;
    },
    close: () => client.destroy(),
  };
}

/** The environment's endpoint is for everything else than Amazon SQS itself. */
export function withoutEndpoint(): object {
  delete process.env["AWS_ENDPOINT_URL"];
  delete process.env["AWS_ENDPOINT_URL_SQS"];
  return {};
}

/** What a client of any service takes. */
interface ClientSettings {
  profile?: string;
  region?: string;
  credentials?: { accessKeyId: string; secretAccessKey: string };
}

/**
 * Region and credentials as every AWS tool finds them. Without any, a server on this machine is asked with made-up ones,
 * which `dev` mode takes. @param hostname undefined for Amazon SQS.
 */
export function settingsOf({ region, profile }: Omit<ConnectionOptions, "endpoint">, hostname: string | undefined): ClientSettings {
  const { env } = process;
  const hasProfile = profile !== undefined || env["AWS_PROFILE"] !== undefined;
  const settings: ClientSettings = profile === undefined ? {} : { profile };
  const found =
    region ?? env["AWS_REGION"] ?? env["AWS_DEFAULT_REGION"] ?? (hostname === undefined || hasProfile ? undefined : "us-east-1");
  if (found !== undefined) settings.region = found;
  const local = hostname !== undefined && isLoopback(hostname.replace(/^\[(.*)\]$/, "$1"));
  if (local && !hasProfile && env["AWS_ACCESS_KEY_ID"] === undefined)
    settings.credentials = { accessKeyId: "test", secretAccessKey: "test" };
  return settings;
}
