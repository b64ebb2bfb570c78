import assert from "node:assert/strict";
import { test, type TestContext } from "node:test";
import * as sns from "@aws-sdk/client-sns";
import * as sqs from "@aws-sdk/client-sqs";
import { manualClock, type ManualClock } from "../../../src/kernel/clock.ts";
import { silentLogger, type Logger } from "../../../src/kernel/logger.ts";
import { configWith, type ServerConfig } from "../../../src/server/config.ts";
import { startServer } from "../../../src/server/server.ts";

export const ACCOUNT = "000000000000";
export const REGION = "us-east-1";

/** A server of its own for one test, and clients of Amazon's to speak with it. */
export interface Scene {
  /** The test's own, for what is to be closed behind it. */
  readonly context: TestContext;
  readonly endpoint: string;
  readonly clock: ManualClock;
  readonly sns: sns.SNS;
  readonly sqs: sqs.SQS;
  /** Creates a topic and returns its ARN. A name with `.fifo` makes a FIFO topic. */
  readonly topic: (name?: string, attributes?: Record<string, string>) => Promise<string>;
  /** Creates a queue. */
  readonly queue: (name?: string, attributes?: Record<string, string>) => Promise<Queue>;
  /** Subscribes a queue, raw unless told otherwise, and returns the subscription's ARN. */
  readonly subscribe: (topicArn: string, queue: Queue | string, attributes?: Record<string, string>) => Promise<string>;
  /** Bodies of all messages of a queue, in the order in which it gives them out. */
  readonly bodies: (queue: Queue) => Promise<string[]>;
  readonly receive: (queue: Queue) => Promise<sqs.Message[]>;
}

export interface Queue {
  readonly url: string;
  readonly arn: string;
}

export const queueArn = (name: string) => `arn:aws:sqs:${REGION}:${ACCOUNT}:${name}`;
export const topicArn = (name: string) => `arn:aws:sns:${REGION}:${ACCOUNT}:${name}`;
const RAW = { RawMessageDelivery: "true" };

export interface SceneOptions extends Partial<ServerConfig> {
  readonly logger?: Logger;
  readonly credentials?: never;
}

/** A test through the AWS SDK, on a fresh server. */
export function onTopics(name: string, run: (scene: Scene) => Promise<void>, options: SceneOptions = {}): void {
  test(name, { timeout: 20_000 }, async (context) => {
    const { logger = silentLogger, ...config } = options;
    const clock = manualClock();
    const server = await startServer(configWith({ port: 0, memory: true, coolDown: false, ...config }), { clock, logger });
    const common = {
      endpoint: server.endpoint,
      region: REGION,
      credentials: { accessKeyId: "test", secretAccessKey: "test" },
      maxAttempts: 1,
    };
    const clients = { sns: new sns.SNS(common), sqs: new sqs.SQS(common) };
    try {
      await run({ context, endpoint: server.endpoint, clock, ...clients, ...actionsOf(clients) });
    } finally {
      clients.sns.destroy();
      clients.sqs.destroy();
      await server.stop();
    }
  });
}

function actionsOf({ sns, sqs }: Pick<Scene, "sns" | "sqs">): Omit<Scene, "context" | "endpoint" | "clock" | "sns" | "sqs"> {
  const receive = async ({ url }: Queue) => {
    const ask = { QueueUrl: url, MaxNumberOfMessages: 10, AttributeNames: ["All" as const], MessageAttributeNames: ["All"] };
    const { Messages = [] } = await sqs.receiveMessage(ask);
    return Messages;
  };
  return {
    receive,
    async topic(name = "news", attributes = {}) {
      const fifo = name.endsWith(".fifo") ? { FifoTopic: "true" } : {};
      const { TopicArn } = await sns.createTopic({ Name: name, Attributes: { ...fifo, ...attributes } });
      return present(TopicArn);
    },
    async queue(name = "inbox", attributes = {}) {
      const fifo: Record<string, string> = name.endsWith(".fifo") ? { FifoQueue: "true" } : {};
      const { QueueUrl } = await sqs.createQueue({ QueueName: name, Attributes: { ...fifo, ...attributes } });
      return { url: present(QueueUrl), arn: queueArn(name) };
    },
    async subscribe(TopicArn, queue, attributes = RAW) {
      const Endpoint = typeof queue === "string" ? queue : queue.arn;
      const { SubscriptionArn } = await sns.subscribe({ TopicArn, Protocol: "sqs", Endpoint, Attributes: attributes });
      return present(SubscriptionArn);
    },
    async bodies(queue) {
      const all: string[] = [];
      for (let messages = await receive(queue); messages.length > 0; messages = await receive(queue))
        all.push(...messages.map(({ Body = "" }) => Body));
      return all;
    },
  };
}

export function present<T>(value: T | undefined): T {
  assert.ok(value !== undefined);
  return value;
}

/** What a call is refused with. */
export async function refusal(call: Promise<unknown>): Promise<{ name: string; code: string; status: number; message: string }> {
  const failure: unknown = await call.then(
    () => assert.fail("it was not refused"),
    (reason: unknown) => reason,
  );
  assert.ok(failure instanceof sns.SNSServiceException, String(failure));
  const code =
    (failure as unknown as { Code?: string; Error?: { Code?: string } }).Error?.Code ?? (failure as unknown as { Code: string }).Code;
  return { name: failure.name, code, status: failure.$metadata.httpStatusCode ?? 0, message: failure.message };
}
