import { silentLogger } from "../src/kernel/logger.ts";
import { storeModules } from "../src/server/stores.ts";
import type { QueueRef } from "../src/services/queues/store/store.ts";
import { startInline } from "../src/storage/sqlite/index.ts";

/** Enough for one fsync to be nothing beside it, few enough for a unit not to take long. */
const QUEUES_PER_UNIT = 5000;

/** `queue-000042`, as ListQueues orders them. */
export function queueName(index: number): string {
  return `queue-${String(index).padStart(6, "0")}`;
}

export function queueRef(index: number): QueueRef {
  return { account: "000000000000", region: "us-east-1", name: queueName(index) };
}

/**
 * Writes so many empty queues into a data directory, without a server in front.
 * @param attributes of each, as SetQueueAttributes takes them.
 */
export async function fillWithQueues(directory: string, count: number, attributes: Readonly<Record<string, string>> = {}): Promise<void> {
  const onFatal = (reason: unknown): never => {
    throw reason;
  };
  const engine = startInline({
    directory,
    modules: storeModules({ coolDown: true, ownAccountAsked: false, masterKeys: [], ignoreLostKeys: false }, silentLogger),
    onFatal,
  });
  for (let made = 0; made < count; made += QUEUES_PER_UNIT) {
    const indexes = Array.from({ length: Math.min(QUEUES_PER_UNIT, count - made) }, (_, index) => made + index);
    await engine.unit(
      indexes.map((index) => ({ operation: "queues.createQueue", args: { queue: queueRef(index), attributes, tags: {} } })),
    );
  }
  await engine.stop();
}
