import { setTimeout as pause } from "node:timers/promises";
import type { Entry, Violation } from "../checkers/history.ts";
import { ObjectClient } from "./object-client.ts";
import { nowMs, Observer } from "./observer.ts";
import { QueueClient } from "./queue-client.ts";

const DRAINERS = 8;
/** What is left is hidden for seconds. */
const LOOK_AGAIN_MS = 250;
/** What is hidden must be visible again a second after its time. */
const LATE_MS_MAX = 1000;

/**
 * Receives and deletes until the queue says that nothing is in it. What it says it has and does not hand out once
 * everything hidden must be visible again, is a violation.
 */
export async function drainMessages(
  queueUrl: string,
  { port, history, quietMsMax }: { port: number; history: Entry[]; quietMsMax: number },
): Promise<Violation[]> {
  let lastMs = nowMs();
  let left: number | undefined = Infinity;
  const drain = async (observer: Observer) => {
    const queue = new QueueClient(observer, queueUrl);
    while (left !== 0 && nowMs() - lastMs < quietMsMax + LATE_MS_MAX) {
      const held = await queue.receive({ max: 10, visibilitySeconds: 30, waitSeconds: 0, final: true });
      if (held.length > 0) {
        await queue.deleteBatch(held);
        lastMs = nowMs();
        continue;
      }
      left = await queue.count();
      await pause(LOOK_AGAIN_MS);
    }
    observer.close();
  };
  await Promise.all(Array.from({ length: DRAINERS }, (_, number) => drain(new Observer(`drainer ${number}`, { port, history }))));
  if (left === 0) return [];
  return [{ rule: "not-drained", what: `the queue says that it holds ${left} messages and does not hand them out`, history: [] }];
}

/** Reads every object that may exist; the listing must show the same. */
export async function readObjects(observer: Observer, bucket: string, keys: readonly string[]): Promise<Violation[]> {
  const objects = new ObjectClient(observer, bucket);
  const there = new Map<string, string | undefined>();
  for (const key of keys) {
    const { content, etag } = await objects.get(key);
    if (content !== undefined) there.set(key, etag);
  }
  const listed = await objects.list();
  const differing = [...new Set([...there.keys(), ...listed.keys()])].filter((key) => there.get(key) !== listed.get(key));
  return differing.map((key) => ({
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
export async function drainNotices(observer: Observer, queueUrl: string): Promise<void> {
  const queue = new QueueClient(observer, queueUrl);
  for (;;) {
    const taken = await queue.take();
    if (taken.length === 0) return;
    for (const { messageId, body } of taken) {
      for (const { eventName: name, s3 } of (JSON.parse(body) as EventBody).Records ?? []) {
        const { key, eTag: etag, sequencer } = s3.object;
        observer.record({ op: "notice", messageId, name, key: decodeURIComponent(key.replaceAll("+", " ")), etag, sequencer });
      }
    }
  }
}
