import { EVERY_MESSAGE } from "../../../src/services/queues/rules/message-search.ts";
import type { PeekPage, QueueDescription } from "../../../src/services/queues/store/store.ts";
import type {
  BucketDescription,
  ListEntry,
  ObjectDescription,
  PartDescription,
  UploadEntry,
} from "../../../src/services/objects/store/store.ts";
import type { Storage, StoreCall } from "../../../src/storage/storage.ts";
import type { Contents } from "./contents.ts";
import type { SeenMessage, Shown, ShownBucket, ShownQueue } from "../model/shown.ts";

const ACCOUNT = "000000000000";
const REGION = "us-east-1";
const MANY = 1000;

/** All that a server shows, asked of its stores. @param contents of objects. */
export async function showOf(storage: Pick<Storage, "unit">, contents: Contents): Promise<Shown> {
  const page = { account: ACCOUNT, prefix: "", after: "", limit: MANY };
  const [queues, buckets] = (await storage.unit([
    { operation: "queues.listQueues", args: { ...page, region: REGION } },
    { operation: "objects.listBuckets", args: page },
  ])) as [{ names: string[] }, { buckets: { name: string }[] }];
  return {
    queues: await queuesOf(storage, queues.names),
    buckets: await bucketsOf(storage, { names: buckets.buckets.map(({ name }) => name), contents }),
  };
}

async function queuesOf(storage: Pick<Storage, "unit">, names: readonly string[]): Promise<ShownQueue[]> {
  if (names.length === 0) return [];
  const calls = names.flatMap((name): StoreCall[] => {
    const queue = { account: ACCOUNT, region: REGION, name };
    const everything = { queue, search: EVERY_MESSAGE, after: undefined, messagesMax: MANY, scanMax: 10_000 };
    return [
      { operation: "queues.describeQueue", args: { queue } },
      { operation: "queues.listTags", args: { queue } },
      { operation: "queues.peek", args: everything },
    ];
  });
  const results = await storage.unit(calls);
  return names.map((name, index) => {
    const [description, tags, page] = results.slice(index * 3) as [QueueDescription, Record<string, string>, PeekPage];
    const { attributes, visible, inFlight, delayed } = description;
    if (page.next !== undefined) throw new Error(`${name} has more messages than are looked at`);
    return { name, attributes, tags, visible, inFlight, delayed, messages: messagesOf(page) };
  });
}

function messagesOf({ messages }: PeekPage): SeenMessage[] {
  const inOrder = [...messages].sort((a, b) => a.sequence - b.sequence);
  return inOrder.map(({ id, body, groupId, receiveCount, visibleMs, deadLetterSourceArn }) => ({
    id,
    body,
    groupId,
    receiveCount,
    hiddenUntilMs: visibleMs ?? 0,
    deadLetterSource: deadLetterSourceArn?.split(":").at(-1) ?? null,
  }));
}

async function bucketsOf(
  storage: Pick<Storage, "unit">,
  { names, contents }: { names: readonly string[]; contents: Contents },
): Promise<ShownBucket[]> {
  const shown: ShownBucket[] = [];
  for (const name of names) {
    const [bucket] = (await storage.unit([{ operation: "objects.findBucket", args: { name } }])) as [BucketDescription];
    const list = { bucketId: bucket.id, prefix: "", delimiter: "", from: undefined, limit: MANY };
    const [listed, open] = (await storage.unit([
      { operation: "objects.listObjects", args: list },
      { operation: "objects.listUploads", args: list },
    ])) as [{ entries: ListEntry[] }, { entries: UploadEntry[] }];
    const keys = listed.entries.flatMap((entry) => ("key" in entry ? [entry.key] : []));
    const uploads = open.entries.flatMap((entry) => ("key" in entry ? [entry] : []));
    const results = await storage.unit([
      ...keys.map((key) => ({ operation: "objects.findObject", args: { bucket: name, key } })),
      ...uploads.map(({ key, uploadId }) => ({
        operation: "objects.listParts",
        args: { upload: { bucketId: bucket.id, key, uploadId }, after: 0, limit: MANY },
      })),
    ]);
    shown.push({
      name,
      settings: bucket.settings,
      objects: await Promise.all(
        results.slice(0, keys.length).map(async (result) => {
          const { key, etag, sizeBytes, tags, segments = [] } = result as ObjectDescription;
          return { key, etag, sizeBytes, tags, contents: await Promise.all(segments.map(contents)) };
        }),
      ),
      uploads: uploads.map(({ key, uploadId }, index) => {
        const { parts } = results[keys.length + index] as { parts: PartDescription[] };
        return { key, uploadId, parts: parts.map(({ etag }) => etag) };
      }),
    });
  }
  return shown;
}
