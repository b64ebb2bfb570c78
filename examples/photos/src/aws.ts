import { S3Client } from "@aws-sdk/client-s3";
import { SQSClient } from "@aws-sdk/client-sqs";
import type { Settings } from "./settings.ts";

/** A server that is being replaced is back within some seconds; ten tries with growing pauses last longer than that. */
const ATTEMPTS_MAX = 10;

export interface Clients {
  readonly sqs: SQSClient;
  readonly s3: S3Client;
  /** Signs for the name under which a browser reaches the store; never connects. */
  readonly browserS3: S3Client;
}

/** Against AWS the usual chain supplies keys. A server on this machine takes any, so none need to be set up for it. */
function keysFor(endpoint: string | undefined, env: Readonly<Record<string, string | undefined>>) {
  const hasNone = env["AWS_ACCESS_KEY_ID"] === undefined && env["AWS_PROFILE"] === undefined;
  return endpoint !== undefined && hasNone ? { credentials: { accessKeyId: "test", secretAccessKey: "test" } } : {};
}

export function connect(settings: Settings, env: Readonly<Record<string, string | undefined>>): Clients {
  const { endpoint, region, browserEndpoint } = settings;
  const common = { region, maxAttempts: ATTEMPTS_MAX, ...keysFor(endpoint, env) };
  const own = endpoint === undefined ? {} : { endpoint };
  const path = { forcePathStyle: endpoint !== undefined };
  return {
    sqs: new SQSClient({ ...common, ...own }),
    s3: new S3Client({ ...common, ...own, ...path }),
    browserS3: new S3Client({ ...common, ...path, ...(endpoint === undefined ? {} : { endpoint: browserEndpoint }) }),
  };
}
