import type { PipelineParts } from "../clients.ts";
import type { PipelineDefinition } from "../definition.ts";
import { bucketTags, deleteBucket, emptyBucket, objectsIn } from "./bucket.ts";
import { find } from "./find.ts";
import { OWNER_TAG, type FoundResources } from "./found.ts";
import { MessagesWait } from "./messages-wait.ts";
import { deleteQueue, findQueue, messagesIn, queueTags, setPolicy } from "./queues.ts";
import { removalsOf, type Owned, type Removal, type RemovalStep } from "./removal-steps.ts";
import { wantedOf, type WantedResources } from "./wanted.ts";

export interface RemovalOptions {
  /** Also the objects of its bucket, whoever has put them there. Without it a bucket that holds any is left. */
  readonly withObjects?: boolean;
}

export interface RemoveOptions extends RemovalOptions {
  /** Also queues with messages in them. Without it nothing is removed while any of them holds one. */
  readonly withMessages?: boolean;
  /** Told of each step once it is done. */
  readonly onStep?: (step: RemovalStep) => void;
  /** Ends it between steps, with the signal's reason. Another call goes on from there. */
  readonly signal?: AbortSignal;
}

/** What `remove` would do. */
export async function removal(definition: PipelineDefinition, parts: PipelineParts, options: RemovalOptions): Promise<RemovalStep[]> {
  return (await removals(wantedOf(definition), parts, options)).map(({ step }) => step);
}

/** Removes what the pipeline has made; see `Pipeline.remove`. @returns what was removed and what was left. */
export async function remove(definition: PipelineDefinition, parts: PipelineParts, options: RemoveOptions): Promise<RemovalStep[]> {
  const { withMessages = false, onStep, signal } = options;
  const wanted = wantedOf(definition);
  const all = await removals(wanted, parts, options);
  const full = all.flatMap(({ step: { name, messages = 0 } }) => (messages > 0 ? [{ name, messages }] : []));
  if (!withMessages && full.length > 0) throw new MessagesWait(full);
  const done: RemovalStep[] = [];
  for (const each of all) {
    signal?.throwIfAborted();
    const step = each.step.action === "leave" ? each.step : await removeOne(each, parts, { bucket: wanted.bucket, withMessages, signal });
    onStep?.(step);
    done.push(step);
  }
  return done;
}

async function removals(wanted: WantedResources, parts: PipelineParts, { withObjects = false }: RemovalOptions): Promise<Removal[]> {
  const found = await find(wanted, parts);
  return removalsOf(wanted, found, { owned: await ownedOf(wanted, found, parts), withObjects });
}

async function ownedOf({ pipeline, bucket }: WantedResources, found: FoundResources, { clients }: PipelineParts): Promise<Owned> {
  const isOurs = (tags: Readonly<Record<string, string>>) => tags[OWNER_TAG] === pipeline;
  const queues = [...found.queues].map(async ([name, { url }]) => (isOurs(await queueTags(clients.sqs, url)) ? [name] : []));
  const topics = [...found.topics].map(async ([name, { arn }]) => {
    const [{ topicTags }, sns] = await Promise.all([import("./topics.ts"), clients.sns()]);
    return isOurs(await topicTags(sns, arn)) ? [name] : [];
  });
  const [ownQueues, ownTopics] = await Promise.all([Promise.all(queues), Promise.all(topics)]);
  const isBucketOurs = found.hasBucket && isOurs(await bucketTags(await clients.s3(), bucket));
  return {
    queues: new Set(ownQueues.flat()),
    topics: new Set(ownTopics.flat()),
    bucket: isBucketOurs,
    objects: isBucketOurs ? await objectsIn(await clients.s3(), bucket) : 0,
  };
}

/** @returns what has become of it: a bucket that is not empty after all is left. */
async function removeOne(
  removal: Removal,
  { clients }: PipelineParts,
  about: { bucket: string; withMessages: boolean; signal: AbortSignal | undefined },
): Promise<RemovalStep> {
  const { step } = removal;
  switch (removal.kind) {
    case "subscription":
      await (await import("./topics.ts")).unsubscribe(await clients.sns(), removal.found.arn);
      return step;
    case "topic":
      await (await import("./topics.ts")).deleteTopic(await clients.sns(), removal.found.arn);
      return step;
    case "queue policy":
      await setPolicy(clients.sqs, removal.found.url, removal.policy);
      return step;
    case "queue": {
      // A message that has come since is as much worth as those before.
      const now = about.withMessages ? undefined : await findQueue(clients.sqs, step.name);
      const messages = now === undefined ? 0 : messagesIn(now);
      if (messages > 0) throw new MessagesWait([{ name: step.name, messages }]);
      await deleteQueue(clients.sqs, removal.found.url);
      return step;
    }
    case "bucket": {
      const s3 = await clients.s3();
      if ((step.objects ?? 0) > 0) await emptyBucket(s3, about.bucket, about.signal);
      if (await deleteBucket(s3, about.bucket)) return step;
      return { action: "leave", kind: "bucket", name: step.name, because: "it is not empty: objects have come, or it has versions" };
    }
  }
}
