import assert from "node:assert/strict";
import { test } from "node:test";
import { S3Client, S3ServiceException, type S3ClientConfig } from "@aws-sdk/client-s3";
import { SQSClient, CreateQueueCommand, ReceiveMessageCommand } from "@aws-sdk/client-sqs";
import type { ManualClock } from "../../../src/kernel/clock.ts";
import { startTestServer, type TestServer, type TestServerOptions } from "../../../src/testing/index.ts";

/** A server of its own for one test, and the AWS SDK's client for it. */
export interface Scene {
  readonly endpoint: string;
  readonly clock: ManualClock;
  readonly s3: S3Client;
  readonly sqs: SQSClient;
  /** A further client. */
  readonly client: (config?: Partial<S3ClientConfig>) => S3Client;
  /** A request as it stands: path and query string are sent as given. */
  readonly raw: (
    method: string,
    target: string,
    options?: { headers?: Record<string, string>; body?: string | Uint8Array },
  ) => Promise<RawAnswer>;
  /** Creates a queue and returns its URL and ARN. */
  readonly queue: (name: string) => Promise<{ url: string; arn: string }>;
  /** The bodies of all messages of a queue, parsed. */
  // oxlint-disable-next-line typescript/no-explicit-any -- Event records are looked at member by member.
  readonly messages: (queueUrl: string) => Promise<any[]>;
}

export interface RawAnswer {
  readonly status: number;
  readonly headers: Headers;
  readonly text: string;
}

export function scene(name: string, run: (scene: Scene) => Promise<void>, options: TestServerOptions = {}): void {
  test(name, { timeout: 60_000 }, async () => {
    const server = await startTestServer(options);
    const clients: { destroy(): void }[] = [];
    try {
      await run(sceneOf(server, clients));
    } finally {
      for (const client of clients) client.destroy();
      await server.stop();
    }
  });
}

function sceneOf(server: TestServer, clients: { destroy(): void }[]): Scene {
  const client = (config: Partial<S3ClientConfig> = {}) => {
    const made = new S3Client({ ...server.clientConfig(), maxAttempts: 1, ...config });
    clients.push(made);
    return made;
  };
  const sqs = new SQSClient({ ...server.clientConfig(), maxAttempts: 1 });
  clients.push(sqs);
  return {
    endpoint: server.endpoint,
    clock: server.clock,
    s3: client(),
    sqs,
    client,
    raw: (method, target, given) => rawRequest(server.endpoint, { method, target, ...given }),
    async queue(name) {
      const { QueueUrl } = await sqs.send(new CreateQueueCommand({ QueueName: name }));
      assert.ok(QueueUrl !== undefined);
      return { url: QueueUrl, arn: `arn:aws:sqs:us-east-1:000000000000:${name}` };
    },
    async messages(QueueUrl) {
      const { Messages } = await sqs.send(new ReceiveMessageCommand({ QueueUrl, MaxNumberOfMessages: 10 }));
      return (Messages ?? []).map(({ Body }) => JSON.parse(Body ?? "null") as unknown);
    },
  };
}

/** `fetch` would tidy the path; this sends it as it stands. */
async function rawRequest(
  endpoint: string,
  { method, target, headers = {}, body }: { method: string; target: string; headers?: Record<string, string>; body?: string | Uint8Array },
): Promise<RawAnswer> {
  const { request } = await import("node:http");
  const { hostname, port } = new URL(endpoint);
  return new Promise((resolve, reject) => {
    const sent = request({ hostname, port, method, path: target, headers, agent: false }, (answer) => {
      const chunks: Buffer[] = [];
      answer.on("data", (chunk: Buffer) => chunks.push(chunk));
      answer.on("error", reject);
      answer.on("end", () => {
        const entries = Object.entries(answer.headers).map(([name, value]) => [name, String(value)] as [string, string]);
        resolve({ status: answer.statusCode ?? 0, headers: new Headers(entries), text: Buffer.concat(chunks).toString() });
      });
    });
    sent.on("error", reject);
    sent.end(body);
  });
}

/** What the SDK is refused with: code, status and text, and the details that came with them. */
export async function refusal(
  asked: Promise<unknown>,
): Promise<{ code: string; status: number | undefined; message: string; error: S3ServiceException }> {
  try {
    await asked;
  } catch (error) {
    if (!(error instanceof S3ServiceException)) throw error;
    return { code: error.name, status: error.$metadata.httpStatusCode, message: error.message, error };
  }
  return assert.fail("it was not refused");
}

/** Code and status of a refusal. */
export async function refused(asked: Promise<unknown>): Promise<string> {
  const { code, status } = await refusal(asked);
  return `${status} ${code}`;
}
