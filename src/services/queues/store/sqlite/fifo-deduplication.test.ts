import assert from "node:assert/strict";
import { test } from "node:test";
import { manualClock } from "../../../../kernel/clock.ts";
import { MINUTE_MS, SECOND_MS } from "../../../../kernel/units.ts";
import { openDirectory } from "../../../../storage/sqlite/open.ts";
import { Engine } from "../../../../storage/sqlite/engine.ts";
import { storeClient } from "../../../../storage/storage.ts";
import { QUEUE_OPERATIONS, type NewMessage, type QueueOperations, type QueueRef } from "../store.ts";
import { queueStore } from "./index.ts";

const QUEUE: QueueRef = { account: "000000000000", region: "us-east-1", name: "jobs.fifo" };

function message(id: string): NewMessage {
  const nothing = { attributes: null, traceHeader: null, delayMs: undefined };
  return {
    id,
    body: "b",
    bodyMd5: "md5",
    sizeBytes: 1,
    senderId: "AIDA",
    groupId: "g",
    deduplication: { id, ofContent: false },
    ...nothing,
  };
}

test("what was accepted is gone from the table a minute after it is forgotten, in pieces, and nothing younger", async () => {
  const clock = manualClock();
  const modules = [queueStore({ coolDown: true })];
  const opened = openDirectory(undefined, modules);
  const onFatal = (reason: unknown) => assert.fail(String(reason));
  const engine = new Engine({ opened, modules, clock, checkpointer: undefined, soon: setImmediate, onFatal });
  const store = storeClient<QueueOperations>(engine, "queues", QUEUE_OPERATIONS);
  const remembered = opened.database.prepareTuples<[number]>("SELECT count(*) FROM deduplication");
  await store.createQueue({ queue: QUEUE, attributes: { FifoQueue: "true" }, tags: {} });
  await store.send({ queue: QUEUE, messages: Array.from({ length: 2500 }, (_, index) => message(`m${index}`)) });
  clock.advance(MINUTE_MS);
  await store.send({ queue: QUEUE, messages: [message("later")] });
  assert.deepEqual(remembered.get(), [2501]);
  clock.advance(4 * MINUTE_MS - SECOND_MS);
  assert.deepEqual(remembered.get(), [2501]);
  clock.advance(MINUTE_MS);
  assert.deepEqual(remembered.get(), [1]);
  clock.advance(MINUTE_MS + SECOND_MS);
  assert.deepEqual(remembered.get(), [0]);
  await engine.stop();
});
