import { setTimeout as pause } from "node:timers/promises";
import { Client } from "./client.ts";
import type { Measurement } from "./job.ts";
import { percentile } from "./statistics.ts";

/** Consumers, and how long each works on a message. */
const CONSUMERS = 40;
const WORK_MS = 20;
/** The quiet tenants together send a message this often. */
const QUIET_EVERY_MS = 50;
const QUIET_TENANTS = 10;
const NOISY_SENDERS = 2;
const BODY = "x".repeat(1000);

export interface Neighbourhood {
  readonly port: number;
  /** Messages of the noisy tenant that wait when the quiet ones begin; it goes on sending. 0: there is none. */
  readonly backlog: number;
  /** Whether messages name their tenant. */
  readonly groups: boolean;
  readonly seconds: number;
}

interface Received {
  readonly Messages?: readonly { readonly Body: string; readonly ReceiptHandle: string }[];
}

/** How long messages of quiet tenants wait for a consumer, from their send's first byte to the receive's answer. */
export async function dwellOfQuiet(neighbourhood: Neighbourhood): Promise<Measurement & { readonly unreceived: number }> {
  const client = await Client.open(neighbourhood.port);
  const QueueUrl = ((await client.call("CreateQueue", { QueueName: "tenants" })) as { QueueUrl: string }).QueueUrl;
  const over = new AbortController();
  const loop = async (turn: (client: Client) => Promise<void>): Promise<void> => {
    const own = await Client.open(neighbourhood.port);
    while (!over.signal.aborted) await turn(own);
    own.close();
  };
  const sendNoisy = async (own: Client): Promise<void> => {
    const group = neighbourhood.groups ? { MessageGroupId: "noisy" } : {};
    const Entries = Array.from({ length: 10 }, (_, index) => ({ Id: `${index}`, MessageBody: BODY, ...group }));
    await own.call("SendMessageBatch", { QueueUrl, Entries });
  };
  for (let sent = 0; sent < neighbourhood.backlog; sent += 10) await sendNoisy(client);

  const waiting = new Map<string, number>();
  const dwells: number[] = [];
  let consumed = 0;
  const consume = async (own: Client): Promise<void> => {
    const { Messages = [] } = (await own.call("ReceiveMessage", { QueueUrl, WaitTimeSeconds: 1 })) as Received;
    for (const { Body, ReceiptHandle } of Messages) {
      const sentMs = waiting.get(Body);
      if (sentMs !== undefined && waiting.delete(Body)) dwells.push(performance.now() - sentMs);
      await pause(WORK_MS);
      await own.call("DeleteMessage", { QueueUrl, ReceiptHandle });
      consumed += 1;
    }
  };
  let quiet = 0;
  const sendQuiet = async (own: Client): Promise<void> => {
    quiet += 1;
    const MessageBody = `quiet ${quiet} ${BODY}`;
    waiting.set(MessageBody, performance.now());
    const group = neighbourhood.groups ? { MessageGroupId: `quiet-${quiet % QUIET_TENANTS}` } : {};
    await own.call("SendMessage", { QueueUrl, MessageBody, ...group });
    await pause(QUIET_EVERY_MS);
  };

  const loops = Array.from({ length: CONSUMERS }, () => loop(consume));
  if (neighbourhood.backlog > 0) loops.push(...Array.from({ length: NOISY_SENDERS }, () => loop(sendNoisy)));
  await pause(1000); // Until the consumers hold what they can.
  loops.push(loop(sendQuiet));
  const consumedBefore = consumed;
  await pause(neighbourhood.seconds * 1000);
  over.abort();
  const messages = consumed - consumedBefore;
  // What was not received has waited for at least so long.
  const all = [...dwells, ...[...waiting.values()].map((sentMs) => performance.now() - sentMs)];
  const overall = { count: all.length, p50Ms: percentile(all, 0.5), p99Ms: percentile(all, 0.99) };
  const unreceived = waiting.size;
  await Promise.all(loops);
  client.close();
  const { seconds } = neighbourhood;
  const rate = messages / seconds;
  const unknown = { steps: {}, replyBytes: {}, cpuUsPerMessage: undefined, rssBytes: undefined, othersShare: undefined };
  return { seconds, messages, messagesPerSecond: rate, requestsPerSecond: NaN, overall, ...unknown, unreceived };
}
