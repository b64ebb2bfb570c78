import {
  CreateQueueCommand,
  GetQueueAttributesCommand,
  type Message,
  SendMessageBatchCommand,
  SendMessageCommand,
  SQSClient,
} from "@aws-sdk/client-sqs";
import assert from "node:assert/strict";
import { once } from "node:events";
import { setTimeout as pause } from "node:timers/promises";
import { Consumer, type ConsumerOptions } from "sqs-consumer";
import manifest from "../../package.json" with { type: "json" };
import { Tally } from "./javascript/tally.ts";

/**
 * sqs-consumer, as programs use it: a handler per message or per batch, deletes what succeeded, gives back what failed, extends
 * what takes long. The server is at AWS_ENDPOINT_URL, the keys in AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY.
 */
const EMPTY_MS_MAX = 30_000;
const sqs = new SQSClient({ endpoint: process.env["AWS_ENDPOINT_URL"] ?? "", region: "us-east-1" });
const tally = new Tally({ client: "sqs-consumer", version: manifest.devDependencies["sqs-consumer"], protocol: "json" });
await handlerSteps();
await leaseSteps();
tally.conclude();
sqs.destroy();

async function handlerSteps(): Promise<void> {
  await tally.step("every message is handled once and deleted", async () => {
    const queueUrl = await queue("each");
    await send(queueUrl, 25);
    const handled: string[] = [];
    await consumed({ queueUrl, batchSize: 10, handleMessage: async (message) => keep(handled, message) });
    assert.deepEqual([handled.length, new Set(handled).size], [25, 25]);
  });
  await tally.step("of a batch, what the handler returns is deleted and the rest comes again", async () => {
    const queueUrl = await queue("batch");
    await send(queueUrl, 10);
    const handled: string[] = [];
    const handleMessageBatch = async (messages: Message[]) => {
      const done = messages.filter(({ Body, Attributes }) => Number(Body) % 2 === 0 || Number(Attributes?.ApproximateReceiveCount) > 1);
      done.forEach((message) => keep(handled, message));
      return done;
    };
    const options = { queueUrl, batchSize: 10, visibilityTimeout: 1, messageSystemAttributeNames: ["ApproximateReceiveCount" as const] };
    await consumed({ ...options, handleMessageBatch });
    assert.deepEqual([handled.length, new Set(handled).size], [10, 10]);
  });
}

async function leaseSteps(): Promise<void> {
  await tally.step("a message whose handler fails is given back at once and comes again", async () => {
    const queueUrl = await queue("failed");
    await send(queueUrl, 1);
    const handled: string[] = [];
    const handleMessage = async (message: Message) => {
      keep(handled, message);
      if (handled.length < 3) throw new Error("on purpose");
      return message;
    };
    await consumed({ queueUrl, visibilityTimeout: 600, terminateVisibilityTimeout: true, handleMessage });
    assert.equal(handled.length, 3);
  });
  await tally.step("a handler that takes longer than the visibility timeout keeps its message by heartbeats", async () => {
    const queueUrl = await queue("slow");
    await send(queueUrl, 1);
    const handled: string[] = [];
    const handleMessage = async (message: Message) => {
      keep(handled, message);
      await pause(3500);
      return message;
    };
    await consumed({ queueUrl, visibilityTimeout: 2, heartbeatInterval: 1, handleMessage });
    assert.equal(handled.length, 1);
  });
  await tally.step("a stop ends a long poll at once, and no message is lost by it", async () => {
    const queueUrl = await queue("stopped");
    const consumer = Consumer.create({ queueUrl, sqs, waitTimeSeconds: 20, handleMessage: async (message) => message });
    // The poll that is aborted is told of as an error.
    consumer.on("error", () => undefined);
    consumer.start();
    await pause(300);
    const stopped = once(consumer, "stopped");
    consumer.stop({ abort: true });
    await stopped;
    await send(queueUrl, 1);
    assert.deepEqual(await counts(queueUrl), ["1", "0"]);
  });
}

/** Consumes until nothing is left in the queue, and fails with the first error that is not the handler's own. */
async function consumed(options: ConsumerOptions): Promise<void> {
  const consumer = Consumer.create({ sqs, waitTimeSeconds: 1, ...options });
  const failed = new Promise<never>((_, reject) => consumer.on("error", reject));
  const until = performance.now() + EMPTY_MS_MAX;
  const emptied = async () => {
    while ((await counts(options.queueUrl)).some((count) => count !== "0")) {
      assert.ok(performance.now() < until, "messages are left");
      await pause(50);
    }
  };
  consumer.start();
  try {
    await Promise.race([emptied(), failed]);
  } finally {
    const stopped = once(consumer, "stopped");
    consumer.stop();
    await stopped;
  }
}

function keep(handled: string[], message: Message): Message {
  handled.push(message.Body ?? "");
  return message;
}

async function queue(name: string): Promise<string> {
  const { QueueUrl } = await sqs.send(new CreateQueueCommand({ QueueName: `consumer-${process.pid}-${name}` }));
  assert.ok(QueueUrl !== undefined);
  return QueueUrl;
}

async function send(QueueUrl: string, count: number): Promise<void> {
  for (let first = 0; first < count; first += 10) {
    const Entries = Array.from({ length: Math.min(10, count - first) }, (_, at) => ({ Id: `${at}`, MessageBody: `${first + at}` }));
    if (Entries.length === 1) await sqs.send(new SendMessageCommand({ QueueUrl, MessageBody: `${first}` }));
    else await sqs.send(new SendMessageBatchCommand({ QueueUrl, Entries }));
  }
}

async function counts(QueueUrl: string): Promise<(string | undefined)[]> {
  const names = ["ApproximateNumberOfMessages", "ApproximateNumberOfMessagesNotVisible"] as const;
  const { Attributes } = await sqs.send(new GetQueueAttributesCommand({ QueueUrl, AttributeNames: [...names] }));
  return names.map((name) => Attributes?.[name]);
}
