/**
 * Do slots without a batch barrier keep workers busier, and by how much than sqs-consumer's?
 *
 *     node --conditions=millrace-source bench/worker-slots.ts [messages] [slots] [mean milliseconds]
 *
 * The same messages, each with a duration that its handler sleeps, are worked on three times by one process: by `consume`, by
 * sqs-consumer with its batches of ten, and by a bare loop of the same kind, which receives up to ten, runs them all, deletes
 * each, and only then asks again. Compared are throughput, and the share of the slots' time in which handlers ran; 100 % cannot
 * be bettered by any loop. Ends with 1 where the throughput on mixed durations is below 2.5 times that of sqs-consumer.
 */
import { spawn } from "node:child_process";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { setTimeout as sleep } from "node:timers/promises";
import { CreateQueueCommand, DeleteMessageCommand, ReceiveMessageCommand, SendMessageBatchCommand, SQSClient } from "@aws-sdk/client-sqs";
import { silentLogger } from "../src/kernel/logger.ts";
import { seededRandom } from "../src/kernel/random.ts";
import { Consumer } from "sqs-consumer";
import { consume } from "../src/worker/index.ts";

/** How long handlers take on average. Longer ones cost the machine less, and the loops are compared all the same. */
const MEAN_MS = Number(process.argv[4] ?? 100);

/** The mix by which the ratio is judged. */
const MIXED = "mixed sizes";
const RATIO_MIN = 2.5;

/** Durations in milliseconds with the same mean. */
const MIXES: Record<string, (fraction: () => number) => number> = {
  "all the same": () => MEAN_MS,
  exponential: (fraction) => -Math.log(1 - fraction()) * MEAN_MS,
  // One in twenty takes about fifteen times as long as the others.
  "one in twenty slow": (fraction) => (fraction() < 0.05 ? 15 : 1) * (MEAN_MS / 1.7) * (0.75 + fraction() / 2),
  // What a queue of small and large files is like: from a tenth of the mean to twelve times it, most of them small.
  [MIXED]: (fraction) => Math.min(12, 0.1 * (1 - fraction()) ** -1.15) * MEAN_MS,
};

interface Task {
  readonly durationMs: number;
}

type Loop = (client: SQSClient, queueUrl: string, work: (task: Task) => Promise<void>) => Promise<{ stop: () => Promise<unknown> }>;

const slotsLoop =
  (concurrency: number): Loop =>
  async (client, queueUrl, work) =>
    consume(queueUrl, { client, concurrency, logger: silentLogger, signals: false, run: async (task) => await work(task as Task) });

/** As many of these side by side as it takes for the wanted number of handlers at a time. */
const barrierLoop =
  (concurrency: number): Loop =>
  async (client, QueueUrl, work) => {
    const stopped = new AbortController();
    const loop = async (MaxNumberOfMessages: number) => {
      while (!stopped.signal.aborted) {
        const { Messages = [] } = await client.send(new ReceiveMessageCommand({ QueueUrl, MaxNumberOfMessages, WaitTimeSeconds: 1 }));
        await Promise.all(
          Messages.map(async ({ Body = "", ReceiptHandle }) => {
            await work(JSON.parse(Body) as Task);
            await client.send(new DeleteMessageCommand({ QueueUrl, ReceiptHandle }));
          }),
        );
      }
    };
    const sizes = Array.from({ length: Math.ceil(concurrency / 10) }, (_, index) => Math.min(10, concurrency - index * 10));
    const loops = sizes.map(loop);
    return {
      stop: async () => {
        stopped.abort();
        await Promise.all(loops);
      },
    };
  };

/** sqs-consumer as its documentation has it; several side by side for more than ten handlers at a time. */
const consumerLoop =
  (concurrency: number): Loop =>
  async (sqs, queueUrl, work) => {
    const sizes = Array.from({ length: Math.ceil(concurrency / 10) }, (_, index) => Math.min(10, concurrency - index * 10));
    const consumers = sizes.map((batchSize) =>
      Consumer.create({
        sqs,
        queueUrl,
        batchSize,
        waitTimeSeconds: 1,
        handleMessage: async (message) => {
          await work(JSON.parse(message.Body ?? "") as Task);
          return message;
        },
      }),
    );
    // What is aborted at the end is told as an error.
    for (const consumer of consumers) consumer.on("error", () => {}).start();
    return { stop: async () => consumers.forEach((consumer) => consumer.stop({ abort: true })) };
  };

/** @returns seconds from the first handler's start to the last one's end. */
async function measure(client: SQSClient, loop: Loop, tasks: readonly Task[]): Promise<number> {
  const { QueueUrl = "" } = await client.send(new CreateQueueCommand({ QueueName: `slots-${process.hrtime.bigint()}` }));
  for (let from = 0; from < tasks.length; from += 10) {
    const Entries = tasks.slice(from, from + 10).map((task, index) => ({ Id: String(index), MessageBody: JSON.stringify(task) }));
    await client.send(new SendMessageBatchCommand({ QueueUrl, Entries }));
  }
  const finished = Promise.withResolvers<void>();
  let left = tasks.length;
  let startedMs: number | undefined;
  const running = await loop(client, QueueUrl, async ({ durationMs }) => {
    startedMs ??= performance.now();
    await sleep(durationMs);
    left -= 1;
    if (left === 0) finished.resolve();
  });
  await finished.promise;
  const seconds = (performance.now() - (startedMs ?? 0)) / 1000;
  await running.stop();
  return seconds;
}

async function startServer(data: string): Promise<{ endpoint: string; stop: () => void }> {
  const cli = join(import.meta.dirname, "../src/cli/main.ts");
  const child = spawn(process.execPath, [cli, "serve", "--json", "--port", "0", "--data", data], { stdio: ["ignore", "pipe", "inherit"] });
  let endpoint = "";
  for await (const line of createInterface(child.stdout)) {
    if (line.startsWith("{")) endpoint = (JSON.parse(line) as { endpoint: string }).endpoint;
    if (line === "Ready.") return { endpoint, stop: () => child.kill("SIGTERM") };
  }
  throw new Error("the server ended before it was ready");
}

async function main(messages: number, slots: number): Promise<void> {
  const data = await mkdtemp(join(tmpdir(), "millrace-slots-"));
  const server = await startServer(data);
  const client = new SQSClient({
    endpoint: server.endpoint,
    region: "us-east-1",
    credentials: { accessKeyId: "test", secretAccessKey: "test" },
  });
  try {
    console.log(`${messages} messages of ${MEAN_MS} ms on average, ${slots} slots; share of the slots' time in which handlers ran\n`);
    console.log("| Durations | slots | sqs-consumer | barrier | messages/s, slots and sqs-consumer | throughput is higher by |");
    console.log("|---|---|---|---|---|---|");
    for (const [name, duration] of Object.entries(MIXES)) {
      const random = seededRandom(1);
      const tasks = Array.from({ length: messages }, () => ({ durationMs: Math.round(duration(() => random.fraction())) }));
      const idealSeconds = tasks.reduce((sum, task) => sum + task.durationMs, 0) / slots / 1000;
      const slotSeconds = await measure(client, slotsLoop(slots), tasks);
      const consumerSeconds = await measure(client, consumerLoop(slots), tasks);
      const barrierSeconds = await measure(client, barrierLoop(slots), tasks);
      const share = (seconds: number) => `${Math.round((100 * idealSeconds) / seconds)} %`;
      const rate = (seconds: number) => (messages / seconds).toFixed(1);
      const ratio = consumerSeconds / slotSeconds;
      if (name === MIXED && ratio < RATIO_MIN) process.exitCode = 1;
      const shares = [slotSeconds, consumerSeconds, barrierSeconds].map(share).join(" | ");
      console.log(`| ${name} | ${shares} | ${rate(slotSeconds)}, ${rate(consumerSeconds)} | ${ratio.toFixed(2)} × |`);
    }
  } finally {
    client.destroy();
    server.stop();
    await rm(data, { recursive: true, force: true });
  }
}

await main(Number(process.argv[2] ?? 600), Number(process.argv[3] ?? 10));
