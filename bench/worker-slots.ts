/**
 * Do slots without a batch barrier keep workers busier, and by how much than sqs-consumer's?
 *
 *     node --conditions=millrace-source bench/worker-slots.ts [messages] [slots] [mean milliseconds] [rounds]
 *
 * The same messages, each with a duration that its handler sleeps, are worked on by one process in different ways: by
 * `consume`; by sqs-consumer as its documentation has it, with batches of ten; by sqs-consumer without batches, as many consumers of one
 * message each as there are slots; and by a bare loop of the first kind, which receives up to ten, runs them all, deletes each, and only
 * then asks again. Compared are throughput, and the share of the slots' time in which handlers ran; 100 % cannot be bettered by
 * any loop. Each round draws the durations anew. Ends with 1 where the median throughput on mixed durations is below 2.5 times
 * that of sqs-consumer.
 *
 * Where all durations are equal a batch waits for nobody, and so there is nothing to be gained; the first mix shows that the
 * loops are otherwise alike. Consumers of one message have no barrier either; they pay with a request for each message, which costs a
 * queue at AWS ten times as much, and shows here only where handlers are short.
 */
import { setTimeout as sleep } from "node:timers/promises";
import { CreateQueueCommand, DeleteMessageCommand, ReceiveMessageCommand, SendMessageBatchCommand, SQSClient } from "@aws-sdk/client-sqs";
import { silentLogger } from "../src/kernel/logger.ts";
import { seededRandom } from "../src/kernel/random.ts";
import { Consumer } from "sqs-consumer";
import { consume } from "../src/worker/index.ts";
import { CREDENTIALS, served } from "./served.ts";
import { type Spread, spread } from "./statistics.ts";

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

/** sqs-consumer with batches of this size, ten as its documentation has it; as many side by side as it takes. */
const consumerLoop =
  (concurrency: number, batchMax: number): Loop =>
  async (sqs, queueUrl, work) => {
    const count = Math.ceil(concurrency / batchMax);
    const sizes = Array.from({ length: count }, (_, index) => Math.min(batchMax, concurrency - index * batchMax));
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

/** What is measured of one mix: seconds for each way of working, round by round. */
async function compare(client: SQSClient, given: { duration: (typeof MIXES)[string]; messages: number; slots: number; rounds: number }) {
  const { duration, messages, slots, rounds } = given;
  const shares: Record<string, number[]> = {};
  const ratios: number[] = [];
  for (let round = 1; round <= rounds; round += 1) {
    const random = seededRandom(round);
    const tasks = Array.from({ length: messages }, () => ({ durationMs: Math.round(duration(() => random.fraction())) }));
    const idealSeconds = tasks.reduce((sum, task) => sum + task.durationMs, 0) / slots / 1000;
    const seconds: Record<string, number> = {};
    for (const [name, loop] of Object.entries(LOOPS)) {
      const took = await measure(client, loop(slots), tasks);
      seconds[name] = took;
      (shares[name] ??= []).push(idealSeconds / took);
    }
    ratios.push((seconds["sqs-consumer"] ?? NaN) / (seconds["slots"] ?? NaN));
  }
  return { shares: Object.values(shares).map(spread), ratio: spread(ratios) };
}

const LOOPS: Record<string, (slots: number) => Loop> = {
  slots: slotsLoop,
  "sqs-consumer": (slots) => consumerLoop(slots, 10),
  "sqs-consumer, one each": (slots) => consumerLoop(slots, 1),
  "batch loop": barrierLoop,
};

interface Asked {
  readonly messages: number;
  readonly slots: number;
  readonly rounds: number;
}

async function main({ messages, slots, rounds }: Asked): Promise<void> {
  await using server = await served("slots");
  const client = new SQSClient({ ...CREDENTIALS, endpoint: server.endpoint });
  const texts = ({ median, least, most }: Spread, text: (value: number) => string) =>
    rounds === 1 ? text(median) : `${text(least)} / ${text(median)} / ${text(most)}`;
  console.log(`${messages} messages of ${MEAN_MS} ms on average, ${slots} slots, ${rounds} rounds: least / median / most`);
  console.log(`Of each way of working, the share in percent of the slots' time in which handlers ran\n`);
  console.log(`| Durations | ${Object.keys(LOOPS).join(" | ")} | slots against sqs-consumer, throughput |`);
  console.log(`|---|${"---|".repeat(Object.keys(LOOPS).length)}---|`);
  for (const [name, duration] of Object.entries(MIXES)) {
    const { shares, ratio } = await compare(client, { duration, messages, slots, rounds });
    if (name === MIXED && ratio.median < RATIO_MIN) process.exitCode = 1;
    const columns = shares.map((share) => texts(share, (value) => (100 * value).toFixed(0)));
    console.log(`| ${[name, ...columns].join(" | ")} | ${texts(ratio, (value) => value.toFixed(2))} |`);
  }
  client.destroy();
}

const [messages = 600, slots = 10, , rounds = 1] = process.argv.slice(2).map(Number);
await main({ messages, slots, rounds });
