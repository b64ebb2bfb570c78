import { SQSClient } from "@aws-sdk/client-sqs";
import { silentLogger } from "../kernel/logger.ts";
import { seededRandom } from "../kernel/random.ts";
import { consume, type ConsumeOptions, type Duration } from "../worker/index.ts";
import { durationMs } from "../worker/rules/duration.ts";
import { callQueues, deadLetters, type DeadLetter } from "./queues.ts";
import { emittedOf, type Emitted } from "./emitted.ts";
import type { CrashPoint, Faults } from "./network.ts";
import { StageRuns } from "./stage-runs.ts";
import { startTestServer, type TestServer } from "./test-server.ts";

/** What `consume` takes, without what the test gives itself. `outputs` are names; their queues are made. */
export interface TestConsumerOptions<Message, Output extends string> extends Omit<
  ConsumeOptions<Message, Output>,
  "client" | "clock" | "logger" | "random" | "signals" | "deadLetterQueue" | "outputs"
> {
  readonly outputs?: readonly Output[];
  /** The queue's name; a FIFO queue where it ends in `.fifo`. Default `jobs`. */
  readonly queue?: string;
  /** Repeats everything that is left to chance: orders, duplicates, faults, backoff. Default 1. */
  readonly seed?: number;
}

export interface SendOptions {
  /** The body is a text that goes as it is, whatever the handler expects. */
  readonly raw?: boolean;
  readonly groupId?: string;
  readonly deduplicationId?: string;
  readonly attributes?: Readonly<Record<string, string>>;
}

/** Time that moves only when the test says so. */
export interface TestClock {
  nowMs(): number;
  /** Visibility timeouts, delays, leases and retentions end now, not in half a minute. */
  advance(duration: Duration): Promise<void>;
}

/** A handler on a queue of its own, in memory, where nothing happens by itself. */
export interface TestConsumer<Output extends string> extends AsyncDisposable {
  readonly server: TestServer;
  readonly clock: TestClock;
  /** Puts a message into the queue, made a body as the handler's option `body` says: JSON by default. */
  send(body: unknown, options?: SendOptions): Promise<void>;
  /** Lets the worker work until nothing can be received and nothing is held. Where it waits for a timer, the clock moves in steps of 50 ms. */
  drain(): Promise<void>;
  /** Kills the worker at this point with the next message that comes there; another worker takes its place. */
  crash(options: { readonly after: CrashPoint }): Promise<void>;
  /** What was emitted so far and acknowledged, repetitions included. */
  emitted(output: Output): Emitted[];
  /** What is in the dead-letter queue, and why. */
  dead(): Promise<DeadLetter[]>;
  /** From now on. */
  faults(faults: Faults): void;
}

const NAME = "consumer";

/**
 * Starts a server in memory and a worker with this handler; one message at a time, unless `concurrency` says otherwise.
 *
 *     await using env = await testConsumer({ outputs: ["done"], run });
 *     await env.send({ photo: "a.jpg" });
 *     await env.crash({ after: "publish" }); // Killed between publish and delete.
 *     await env.clock.advance("1m"); // Its lease ends.
 *     await env.drain();
 */
export async function testConsumer<Message = unknown, Output extends string = never>(
  options: TestConsumerOptions<Message, Output>,
): Promise<TestConsumer<Output>> {
  const { queue = "jobs", seed = 1, outputs = [], ...given } = options;
  const server = await startTestServer({ seed });
  const { clock } = server;
  const isFifo = queue.endsWith(".fifo");
  const ending = isFifo ? ".fifo" : "";
  const queueOf = (name: string) => `${queue.replace(/\.fifo$/, "")}-${name}${ending}`;
  const deadLetterQueue = queueOf("dead");
  const targets = Object.fromEntries(outputs.map((name) => [name, queueOf(name)])) as Record<Output, string>;
  for (const name of [queue, deadLetterQueue, ...Object.values<string>(targets)])
    await callQueues(server.endpoint, "CreateQueue", { QueueName: name, ...(isFifo ? { Attributes: { FifoQueue: "true" } } : {}) });
  const start = (_: string, endpoint: string) => {
    const client = new SQSClient({ ...server.clientConfig(), endpoint, maxAttempts: 1 });
    const own = { client, clock, random: seededRandom(seed), logger: silentLogger, signals: false };
    const worker = consume<Message, Output>(queue, { concurrency: 1, ...given, outputs: targets, deadLetterQueue, ...own });
    void worker.stopped.then(() => client.destroy());
    return worker;
  };
  let sends = 0;
  const stages = await StageRuns.start({
    endpoint: server.endpoint,
    clock,
    random: seededRandom(seed),
    names: [NAME],
    queuesOf: () => 1,
    start,
  });
  return {
    server,
    clock: { nowMs: () => clock.nowMs(), advance: async (duration) => await stages.advance(durationMs(duration, "advance's duration")) },
    send: async (body, sendOptions) => {
      sends += 1;
      const MessageBody = sendOptions?.raw === true ? String(body) : serialized(body, options.body);
      await sendMessage(server.endpoint, queue, { MessageBody, deduplicationId: `send-${sends}`, ...sendOptions });
    },
    drain: async () => await stages.drain(),
    crash: async ({ after }) => await stages.crash(NAME, after),
    emitted: (output) =>
      stages
        .sent(NAME)
        .filter(({ target }) => target === targets[output])
        .map(emittedOf),
    dead: async () => await deadLetters(server.endpoint, deadLetterQueue),
    faults: (faults) => stages.setFaults(faults),
    [Symbol.asyncDispose]: async () => {
      await stages.stop();
      await server.stop();
    },
  };
}

function serialized(body: unknown, codec: ConsumeOptions<unknown, never>["body"] = "json"): string {
  if (codec === "text") return String(body);
  return codec === "json" ? JSON.stringify(body) : codec.serialize(body);
}

async function sendMessage(endpoint: string, queue: string, message: SendOptions & { MessageBody: string }): Promise<void> {
  const { MessageBody, groupId, deduplicationId, attributes = {} } = message;
  const values = Object.entries(attributes).map(([name, StringValue]) => [name, { DataType: "String", StringValue }]);
  const isFifo = queue.endsWith(".fifo");
  await callQueues(endpoint, "SendMessage", {
    QueueUrl: queue,
    MessageBody,
    MessageAttributes: Object.fromEntries(values),
    ...(groupId !== undefined || isFifo ? { MessageGroupId: groupId ?? "one" } : {}),
    ...(isFifo ? { MessageDeduplicationId: deduplicationId } : {}),
  });
}
