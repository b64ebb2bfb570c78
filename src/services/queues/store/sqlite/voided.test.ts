import assert from "node:assert/strict";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { test } from "node:test";
import { manualClock } from "../../../../kernel/clock.ts";
import { startInline } from "../../../../storage/sqlite/index.ts";
import { storeClient } from "../../../../storage/storage.ts";
import { QUEUE_OPERATIONS, type NewMessage, type QueueOperations, type QueueRef } from "../store.ts";
import { queueStore } from "./index.ts";

const QUEUE: QueueRef = { account: "000000000000", region: "us-east-1", name: "jobs" };
const OTHER: QueueRef = { ...QUEUE, name: "other" };

/** More than one piece of work empties. */
const MANY = 4500;

function messages(count: number, prefix: string, delayMs?: number): NewMessage[] {
  const nothing = { attributes: null, traceHeader: null, groupId: null, delayMs };
  return Array.from({ length: count }, (_, index) => {
    const id = `${prefix}${index}`;
    return { id, body: id, bodyMd5: "", sizeBytes: id.length, senderId: "AIDA", ...nothing };
  });
}

/** What stands in a table at the end, by name. */
type Rows = (sql: string) => number;

/** Runs a store on disk, lets the upkeep do what it has to, and looks at what is left. */
async function left(run: (store: ReturnType<typeof storeClient<QueueOperations>>) => Promise<void>): Promise<Rows> {
  const directory = mkdtempSync(join(tmpdir(), "millrace-voided-"));
  const clock = manualClock();
  const onFatal = (reason: unknown) => assert.fail(String(reason));
  const engine = startInline({ directory, modules: [queueStore({ coolDown: false })], clock, onFatal });
  const store = storeClient<QueueOperations>(engine, "queues", QUEUE_OPERATIONS);
  await store.createQueue({ queue: QUEUE, attributes: {}, tags: {} });
  await store.createQueue({ queue: OTHER, attributes: {}, tags: {} });
  await run(store);
  for (let piece = 0; piece < 100; piece += 1) clock.advance(10);
  await engine.stop();
  const database = new DatabaseSync(join(directory, "millrace.db"));
  const counts = new Map<string, number>();
  for (const table of ["ready", "hidden", "body", "dead", "relocated", "voided", "dead_letter"])
    counts.set(table, (database.prepare(`SELECT count(*) AS rows FROM ${table}`).get() as { rows: number }).rows);
  database.close();
  rmSync(directory, { recursive: true });
  return (table) => counts.get(table) ?? NaN;
}

test("of a purged queue nothing is left on disk, visible, in flight or delayed, and everything of others and of later", async () => {
  const rows = await left(async (store) => {
    await store.send({ queue: QUEUE, messages: messages(MANY, "old ") });
    await store.send({ queue: OTHER, messages: messages(100, "other ") });
    for (let batch = 0; batch < 30; batch += 1)
      await store.receive({ queue: QUEUE, messagesMax: 10, waitMs: 0, visibilityMs: 60_000 + batch });
    const again = await store.receive({ queue: QUEUE, messagesMax: 10, waitMs: 0, visibilityMs: 60_000 });
    await store.changeVisibility({ queue: QUEUE, changes: again.map(({ receipt }) => ({ receipt, visibilityMs: 90_000 })) });
    await store.send({ queue: QUEUE, messages: messages(MANY, "late ", 600_000) });
    await store.purge({ queue: QUEUE });
    await store.send({ queue: QUEUE, messages: messages(MANY, "new delayed ", 300_000) });
    await store.send({ queue: QUEUE, messages: messages(7, "new ") });
  });
  assert.deepEqual([rows("ready"), rows("hidden"), rows("body")], [107, MANY, MANY + 107]);
  assert.deepEqual([rows("dead"), rows("relocated"), rows("voided")], [0, 0, 0]);
});

test("messages of others that stand between those of a purged or deleted queue stay, with what is noted of them", async () => {
  for (const empty of ["purge", "deleteQueue"] as const) {
    const rows = await left(async (store) => {
      for (let turn = 0; turn < 200; turn += 1) {
        await store.send({ queue: QUEUE, messages: messages(5, "old ") });
        await store.send({ queue: OTHER, messages: messages(turn % 2, "other ") });
      }
      const held = await store.receive({ queue: OTHER, messagesMax: 10, waitMs: 0, visibilityMs: 60_000 });
      await store.changeVisibility({ queue: OTHER, changes: held.map(({ receipt }) => ({ receipt, visibilityMs: 90_000 })) });
      await store[empty]({ queue: QUEUE });
    });
    assert.deepEqual([rows("ready"), rows("hidden"), rows("body"), rows("relocated")], [90, 10, 100, 10]);
  }
});

test("messages that are not deleted stay between those that are", async () => {
  const rows = await left(async (store) => {
    await store.send({ queue: QUEUE, messages: messages(600, "") });
    for (let batch = 0; batch < 60; batch += 1) {
      const received = await store.receive({ queue: QUEUE, messagesMax: 10, waitMs: 0, visibilityMs: 60_000 });
      await store.delete({ queue: QUEUE, receipts: received.filter((_, index) => index !== batch % 10).map(({ receipt }) => receipt) });
    }
  });
  assert.deepEqual([rows("hidden"), rows("body"), rows("dead")], [60, 60, 0]);
});

test("of a deleted queue nothing is left on disk", async () => {
  const rows = await left(async (store) => {
    await store.send({ queue: QUEUE, messages: messages(MANY, "old ") });
    await store.receive({ queue: QUEUE, messagesMax: 10, waitMs: 0, visibilityMs: 60_000 });
    await store.send({ queue: OTHER, messages: messages(3, "other ") });
    await store.deleteQueue({ queue: QUEUE });
  });
  assert.deepEqual([rows("ready"), rows("hidden"), rows("body"), rows("dead"), rows("voided")], [3, 0, 3, 0, 0]);
});

test("a dead-letter queue that is purged forgets where its messages came from", async () => {
  const rows = await left(async (store) => {
    const redrive = JSON.stringify({ deadLetterTargetArn: "arn:aws:sqs:us-east-1:000000000000:other", maxReceiveCount: "1" });
    await store.setAttributes({ queue: QUEUE, attributes: { RedrivePolicy: redrive } });
    await store.send({ queue: QUEUE, messages: messages(5, "bad ") });
    for (let turn = 0; turn < 2; turn += 1) await store.receive({ queue: QUEUE, messagesMax: 10, waitMs: 0, visibilityMs: 0 });
    await store.purge({ queue: OTHER });
  });
  assert.deepEqual([rows("ready"), rows("body"), rows("dead_letter"), rows("voided")], [0, 0, 0, 0]);
});
