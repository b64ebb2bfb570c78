import type { Entry, Violation } from "../../checkers/history.ts";
import type { Client } from "./client.ts";
import { KEYS } from "./load.ts";
import type { BucketClient } from "./objects.ts";
import { QueueClient, type QueuePlace } from "./queue.ts";

/** Rounds without a message after which what is counted will not come any more: longer than any of them can be hidden. */
const EMPTY_ROUNDS_MAX = 40;
const ROUND_MS = 2000;

/** Takes everything out of the queues, until they say that they are empty; what they count and do not hand out is a violation. */
export async function drainMessages(client: Client, places: readonly QueuePlace[]): Promise<Violation[]> {
  const queues = places.map((place) => ({ place, client: new QueueClient(client, place) }));
  for (let empty = 0; empty < EMPTY_ROUNDS_MAX; empty += 1) {
    let left = 0;
    for (const queue of queues) {
      const counted = (await queue.client.count()) ?? 1;
      left += counted;
      if (counted > 0 && (await takeAll(queue.client))) empty = 0;
    }
    if (left === 0) return [];
    await client.pause(ROUND_MS);
  }
  const names = places.map(({ name }) => name).join(", ");
  return [{ rule: "not-drained", what: `one of ${names} says that it holds messages and does not hand them out`, history: [] }];
}

/** @returns whether there was anything. */
async function takeAll(queue: QueueClient): Promise<boolean> {
  for (let taken = false; ; taken = true) {
    const held = await queue.receive({ max: 10, visibilitySeconds: 30, waitSeconds: 0, final: true });
    if (held === undefined || held.length === 0) return taken;
    await queue.deleteBatch(held);
  }
}

/** Reads every object that may exist; the listing must show the same. */
export async function readObjects(client: Client, bucket: BucketClient): Promise<Violation[]> {
  const there = new Map<string, string | undefined>();
  for (let key = 0; key < KEYS; key += 1) {
    const answer = await bucket.get(`o${key}`);
    if (answer?.status === 200) there.set(`o${key}`, answer.headers["etag"]?.replaceAll('"', ""));
  }
  const listed = await bucket.list();
  if (listed === undefined) return [{ rule: "unhealed", what: `${client.name} could not list the bucket`, history: [] }];
  return [...new Set([...there.keys(), ...listed.keys()])]
    .filter((key) => there.get(key) !== listed.get(key))
    .map((key) => ({
      rule: "listing",
      what: `${key} is listed with ETag ${listed.get(key)} and read with ${there.get(key)}`,
      history: [],
    }));
}

interface EventBody {
  readonly Records?: readonly {
    readonly eventName: string;
    readonly s3: { readonly object: { readonly key: string; readonly eTag?: string; readonly sequencer: string } };
  }[];
}

/** Takes out all messages about objects. */
export async function drainNotices(client: Client, place: QueuePlace): Promise<Entry[]> {
  const notices: Entry[] = [];
  for (;;) {
    const input = { QueueUrl: place.url, MaxNumberOfMessages: 10, VisibilityTimeout: 60 };
    const told = await client.act("ReceiveMessage", input);
    const messages = told !== undefined && "output" in told ? (told.output.Messages ?? []) : [];
    if (messages.length === 0) return notices;
    for (const { MessageId: messageId = "", Body = "{}", ReceiptHandle } of messages) {
      for (const { eventName: name, s3 } of (JSON.parse(Body) as EventBody).Records ?? [])
        notices.push({ op: "notice", messageId, name, key: s3.object.key, etag: s3.object.eTag, sequencer: s3.object.sequencer });
      await client.act("DeleteMessage", { QueueUrl: place.url, ReceiptHandle });
    }
  }
}
