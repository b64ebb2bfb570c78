import assert from "node:assert/strict";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { describe, test } from "node:test";
import { manualClock } from "../../../../kernel/clock.ts";
import { startInline } from "../../../../storage/sqlite/index.ts";
import { storeClient, type StoreClient } from "../../../../storage/storage.ts";
import { QUEUE_OPERATIONS, type QueueOperations, type QueueRef } from "../store.ts";
import { queueStore } from "./index.ts";

const QUEUE: QueueRef = { account: "000000000000", region: "us-east-1", name: "jobs" };

type Store = StoreClient<QueueOperations>;

/** A store on disk; `behind` runs SQL behind its back, while it is closed. */
async function onDisk(run: (open: () => Store, behind: (sql: string) => Promise<unknown[]>) => Promise<void>): Promise<void> {
  const directory = mkdtempSync(join(tmpdir(), "millrace-tenants-"));
  const clock = manualClock();
  const onFatal = (reason: unknown) => assert.fail(String(reason));
  const start = () => startInline({ directory, modules: [queueStore({ coolDown: true })], clock, onFatal });
  let engine = start();
  const behind = async (sql: string) => {
    await engine.stop();
    const database = new DatabaseSync(join(directory, "millrace.db"));
    const rows = database.prepare(sql).all();
    database.close();
    engine = start();
    return rows;
  };
  try {
    await run(() => storeClient<QueueOperations>(engine, "queues", QUEUE_OPERATIONS), behind);
  } finally {
    await engine.stop();
    rmSync(directory, { recursive: true });
  }
}

const message = (id: string, groupId: string | null) => {
  const nothing = { attributes: null, traceHeader: null, delayMs: undefined };
  return { id, body: id, bodyMd5: "", sizeBytes: 1, senderId: "AIDA", groupId, ...nothing };
};

async function received(store: Store): Promise<string[]> {
  const messages = await store.receive({ queue: QUEUE, messagesMax: 10, waitMs: 0, visibilityMs: undefined });
  return messages.map(({ id }) => id);
}

describe("the books of tenants", () => {
  for (const [what, sql] of [
    ["are missing", "DELETE FROM tenant"],
    ["name no oldest message", "UPDATE tenant SET head = NULL"],
    ["name one that is not there", "UPDATE tenant SET head = head + 1000, visible = 0"],
  ] as const)
    test(`where they ${what}, nobody is blocked`, () =>
      onDisk(async (open, behind) => {
        await open().createQueue({ queue: QUEUE, attributes: {}, tags: {} });
        await open().send({ queue: QUEUE, messages: [message("1", "a"), message("2", null), message("3", "b"), message("4", "a")] });
        await behind(sql);
        const ids = await received(open());
        assert.deepEqual(ids.toSorted(), ["1", "2", "3", "4"]);
        await open().send({ queue: QUEUE, messages: [message("5", "a")] });
        assert.deepEqual(await received(open()), ["5"]);
      }));

  test("are kept of queues with groups alone, and go with the last message", () =>
    onDisk(async (open, behind) => {
      await open().createQueue({ queue: QUEUE, attributes: {}, tags: {} });
      await open().send({ queue: QUEUE, messages: [message("1", null)] });
      assert.deepEqual(await behind("SELECT * FROM tenant UNION ALL SELECT *, 0, 0, 0, 0, 0, 0, 0 FROM fair_queue"), []);
      await open().send({ queue: QUEUE, messages: [message("2", "a")] });
      assert.equal((await behind("SELECT * FROM tenant")).length, 1);
      const messages = await open().receive({ queue: QUEUE, messagesMax: 10, waitMs: 0, visibilityMs: undefined });
      await open().delete({ queue: QUEUE, receipts: messages.map(({ receipt }) => receipt) });
      assert.deepEqual(await behind("SELECT * FROM tenant"), []);
    }));
});
