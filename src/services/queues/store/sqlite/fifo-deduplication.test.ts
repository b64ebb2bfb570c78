import assert from "node:assert/strict";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { manualClock } from "../../../../kernel/clock.ts";
import { MINUTE_MS, SECOND_MS } from "../../../../kernel/units.ts";
import { openDirectory } from "../../../../storage/sqlite/open.ts";
import { Engine } from "../../../../storage/sqlite/engine.ts";
import type { StoreModule } from "../../../../storage/sqlite/module.ts";
import { storeClient } from "../../../../storage/storage.ts";
import { QUEUE_OPERATIONS, type NewMessage, type QueueOperations, type QueueRef } from "../store.ts";
import { queueStore } from "./index.ts";

const QUEUE: QueueRef = { account: "000000000000", region: "us-east-1", name: "jobs.fifo" };

/** The migration that made a row of each send. */
const BY_SEND = 10;

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

test("a table of an earlier release is still remembered", async (context) => {
  const directory = mkdtempSync(join(tmpdir(), "millrace-deduplication-"));
  context.after(() => rmSync(directory, { recursive: true }));
  const now = queueStore({ coolDown: true });
  const before = { ...now, migrations: now.migrations.slice(0, BY_SEND) };
  const clock = manualClock();
  const onFatal = (reason: unknown) => assert.fail(String(reason));
  const start = (modules: readonly StoreModule[]) => {
    const opened = openDirectory(directory, modules);
    const engine = new Engine({ opened, modules, clock, checkpointer: undefined, soon: setImmediate, onFatal });
    return { database: opened.database, engine, store: storeClient<QueueOperations>(engine, "queues", QUEUE_OPERATIONS) };
  };

  const old = start([before]);
  await old.store.createQueue({ queue: QUEUE, attributes: { FifoQueue: "true" }, tags: {} });
  old.database.exec(`INSERT INTO deduplication VALUES (7, 1, 'g k', 'first', ${clock.nowMs()}), (8, 1, 'k', 'second', ${clock.nowMs()})`);
  await old.engine.stop();

  const { engine, store } = start([now]);
  const sent = await store.send({ queue: QUEUE, messages: [{ ...message("again"), deduplication: { id: "k", ofContent: false } }] });
  assert.deepEqual(sent, [{ sent: true, accepted: { id: "second", sequence: 8 } }]);
  await engine.stop();
});

test("what was accepted is gone from the table a minute after it is forgotten, in pieces, and nothing younger", async () => {
  const clock = manualClock();
  const modules = [queueStore({ coolDown: true })];
  const opened = openDirectory(undefined, modules);
  const onFatal = (reason: unknown) => assert.fail(String(reason));
  const engine = new Engine({ opened, modules, clock, checkpointer: undefined, soon: setImmediate, onFatal });
  const store = storeClient<QueueOperations>(engine, "queues", QUEUE_OPERATIONS);
  const remembered = opened.database.prepareTuples<[number]>("SELECT count(*) FROM deduplication");
  await store.createQueue({ queue: QUEUE, attributes: { FifoQueue: "true" }, tags: {} });
  const sends = Array.from({ length: 2500 }, (_, index) => [message(`a${index}`), message(`b${index}`)]);
  await Promise.all(sends.map((messages) => store.send({ queue: QUEUE, messages })));
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
