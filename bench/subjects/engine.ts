import { hash, randomUUID } from "node:crypto";
import { type NewMessage, QUEUE_OPERATIONS, type QueueOperations, type Receipt } from "../../src/services/queues/store/store.ts";
import { startStorageThread } from "../../src/storage/sqlite/index.ts";
import { storeClient } from "../../src/storage/storage.ts";
import { BENCH_QUEUE as QUEUE, BODY, bodyOf, type Session, type Subject } from "./subject.ts";

/** The storage engine with the queue store, on its thread and as durable as in the server, without HTTP, protocol or validation. */
export async function engineSubject(options: { readonly directory: string; readonly bodyBytes?: number | undefined }): Promise<Subject> {
  const { directory, bodyBytes } = options;
  const entry = new URL("../../src/server/storage-thread.ts", import.meta.url);
  const onFatal = (reason: Error): never => {
    throw reason;
  };
  const data = { directory, coolDown: true, masterKeys: [], ignoreLostKeys: false, logLevel: "warn" };
  const storage = await startStorageThread(entry, { data, onFatal });
  const store = storeClient<QueueOperations>(storage, "queues", QUEUE_OPERATIONS);
  const body = bodyBytes === undefined ? BODY : bodyOf(bodyBytes);
  const bodyMd5 = hash("md5", body);
  await store.createQueue({ queue: QUEUE, attributes: {}, tags: {} });
  const session: Session = {
    async send(count) {
      await store.send({ queue: QUEUE, messages: Array.from({ length: count }, () => newMessage(body, bodyMd5)) });
    },
    async receive(messagesMax, waitSeconds = 0) {
      const received = await store.receive({ queue: QUEUE, messagesMax, waitMs: waitSeconds * 1000, visibilityMs: undefined });
      return received.map(({ receipt }) => receipt);
    },
    async delete(receipts) {
      await store.delete({ queue: QUEUE, receipts: receipts as readonly Receipt[] });
    },
  };
  return { pid: process.pid, replyBytes: {}, open: async () => session, close: () => storage.stop() };
}

function newMessage(body: string, bodyMd5: string): NewMessage {
  const nothingElse = { attributes: null, traceHeader: null, groupId: null, delayMs: undefined };
  return { id: randomUUID(), body, bodyMd5, sizeBytes: body.length, senderId: "AIDABENCH", ...nothingElse };
}
