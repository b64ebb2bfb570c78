import { hash, randomUUID } from "node:crypto";
import { silentLogger } from "../src/kernel/logger.ts";
import { storeModules } from "../src/server/stores.ts";
import { type NewMessage, QUEUE_OPERATIONS, type QueueOperations } from "../src/services/queues/store/store.ts";
import { startInline } from "../src/storage/sqlite/index.ts";
import { storeClient } from "../src/storage/storage.ts";
import { BODY, BENCH_QUEUE } from "./subjects/subject.ts";

/** Of a message of a deep backlog: ten million of them are a few gigabytes. */
export const BACKLOG_BODY = BODY.slice(0, 200);
const BACKLOG_BODY_MD5 = hash("md5", BACKLOG_BODY);

/** Enough for one fsync to be nothing beside it. */
const MESSAGES_PER_UNIT = 5000;

/**
 * Sends so many messages to the bench's queue in a data directory, without a server in front.
 * @param onProgress hears how many there are, now and then.
 */
export async function fillWithMessages(directory: string, count: number, onProgress: (sent: number) => void = () => {}): Promise<void> {
  const onFatal = (reason: unknown): never => {
    throw reason;
  };
  const modules = storeModules({ coolDown: true, ownAccountAsked: false, masterKeys: [], ignoreLostKeys: false }, silentLogger);
  const engine = startInline({ directory, modules, onFatal });
  const store = storeClient<QueueOperations>(engine, "queues", QUEUE_OPERATIONS);
  await store.createQueue({ queue: BENCH_QUEUE, attributes: {}, tags: {} });
  for (let sent = 0; sent < count; sent += MESSAGES_PER_UNIT) {
    const messages = Array.from({ length: Math.min(MESSAGES_PER_UNIT, count - sent) }, newMessage);
    await store.send({ queue: BENCH_QUEUE, messages });
    onProgress(sent + messages.length);
  }
  await engine.stop();
}

function newMessage(): NewMessage {
  const nothingElse = { attributes: null, traceHeader: null, groupId: null, delayMs: undefined };
  const sizeBytes = BACKLOG_BODY.length;
  return { id: randomUUID(), body: BACKLOG_BODY, bodyMd5: BACKLOG_BODY_MD5, sizeBytes, senderId: "AIDABENCH", ...nothingElse };
}
