import type { QueueKind } from "../plan.ts";
import type { Client } from "./client.ts";
import { QueueClient, type QueuePlace } from "./queue.ts";

const RETENTION_MS = 345_600_000;
/** Of the queue that forgets soonest. */
const SHORT_RETENTION_MS = 60_000;
export const RECEIVES_MAX = 3;

/** How each kind of queue is made. */
const ATTRIBUTES: Readonly<Record<QueueKind, Readonly<Record<string, string>>>> = {
  plain: {},
  delayed: { DelaySeconds: "2" },
  fifo: { FifoQueue: "true" },
  "grouped-fifo": { FifoQueue: "true", DeduplicationScope: "messageGroup", FifoThroughputLimit: "perMessageGroupId" },
  redrive: {
    RedrivePolicy: JSON.stringify({ deadLetterTargetArn: "arn:aws:sqs:us-east-1:000000000000:dead", maxReceiveCount: RECEIVES_MAX }),
  },
  short: { MessageRetentionPeriod: String(SHORT_RETENTION_MS / 1000) },
  fair: {},
  purged: {},
  doomed: {},
};

/** Attempts at making something, while the server dies again and again. */
const TRIES_MAX = 1000;

export function placeOf(kind: QueueKind): QueuePlace {
  const fifo = kind === "fifo" || kind === "grouped-fifo";
  const name = fifo ? `${kind}.fifo` : kind;
  return { name, url: urlOf(name), fifo, delayMs: kind === "delayed" ? 2000 : 0 };
}

export const DEAD: QueuePlace = { name: "dead", url: urlOf("dead"), fifo: false, delayMs: 0 };
export const NOTICES: QueuePlace = { name: "notices", url: urlOf("notices"), fifo: false, delayMs: 0 };
export const BUCKET = "bucket";

function urlOf(name: string): string {
  return `http://localhost:4566/000000000000/${name}`;
}

/** What the history says of a queue. */
export function settingsOf(kind: QueueKind) {
  const retentionMs = kind === "short" ? SHORT_RETENTION_MS : RETENTION_MS;
  const redrive = kind === "redrive" ? { redrive: { deadLetterQueue: DEAD.name, receivesMax: RECEIVES_MAX } } : {};
  return { op: "queue" as const, queue: placeOf(kind).name, retentionMs, ...redrive };
}

/** Makes a queue, however often it takes. */
export async function createQueue(client: Client, name: string, kind: QueueKind): Promise<void> {
  await insist(client, async () => {
    const told = await client.act("CreateQueue", { QueueName: name, Attributes: ATTRIBUTES[kind] }, { expected: ["QueueDeletedRecently"] });
    return told !== undefined && "output" in told;
  });
}

/** Makes the queue of notices, and a bucket whose every change is told to it. */
export async function createBucket(client: Client): Promise<void> {
  const events = ["s3:ObjectCreated:*", "s3:ObjectRemoved:*"].map((event) => `<Event>${event}</Event>`).join("");
  const queue = `<Queue>arn:aws:sqs:us-east-1:000000000000:${NOTICES.name}</Queue>`;
  const body = `<NotificationConfiguration><QueueConfiguration>${queue}${events}</QueueConfiguration></NotificationConfiguration>`;
  const put = async (target: string, text: string) => {
    const answer = await client.ask({ method: "PUT", target, headers: {}, body: text }, {});
    return answer?.status === 200 || answer?.status === 409;
  };
  await insist(client, async () => {
    await createQueue(client, NOTICES.name, "plain");
    return (await put(`/${BUCKET}`, "")) && (await put(`/${BUCKET}?notification`, body));
  });
}

async function insist(client: Client, make: () => Promise<boolean>): Promise<void> {
  for (let tries = 0; tries < TRIES_MAX; tries += 1) {
    if (await make()) return;
    await client.pause(500);
  }
  throw new Error(`${client.name} could not make what it needs`);
}

/** Looks at the counts of a queue now and then; purges it, or deletes it and makes it again, where that is its fate. */
export async function keep(client: Client, kind: QueueKind, running: () => boolean): Promise<void> {
  const place = placeOf(kind);
  const queue = new QueueClient(client, place);
  while (running()) {
    await client.pause(client.chance.between(500, 8000));
    if (!running()) return;
    await queue.count();
    if (kind === "purged" && client.chance.is(0.2)) await queue.purge();
    if (kind !== "doomed" || !client.chance.is(0.1)) continue;
    if (await queue.remove()) await client.pause(client.chance.below(60_000));
    await createQueue(client, place.name, kind);
  }
}
