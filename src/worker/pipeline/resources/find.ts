import type { PipelineParts } from "../clients.ts";
import { hasBucket } from "./bucket.ts";
import type { FoundResources } from "./found.ts";
import { findQueue } from "./queues.ts";
import type { WantedResources } from "./wanted.ts";

/** Looks for everything that a pipeline needs. Changes nothing. */
export async function find(wanted: WantedResources, { clients }: PipelineParts): Promise<FoundResources> {
  const bucket = clients.s3().then(async (s3) => await hasBucket(s3, wanted.bucket));
  const looked = wanted.queues.map(async ({ name }) => [name, await findQueue(clients.sqs, name)] as const);
  const [isThere, ...each] = await Promise.all([bucket, ...looked]);
  const queues = new Map(each.flatMap(([name, queue]) => (queue === undefined ? [] : [[name, queue]])));
  const names = wanted.topics.map(({ name }) => name);
  if (names.length === 0) return { hasBucket: isThere, queues, topics: new Map() };
  const [{ findTopics }, sns] = await Promise.all([import("./topics.ts"), clients.sns()]);
  const [any] = queues.values();
  return { hasBucket: isThere, queues, topics: await findTopics(sns, names, any?.arn) };
}
