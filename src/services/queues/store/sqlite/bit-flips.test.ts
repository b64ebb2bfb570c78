import assert from "node:assert/strict";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { test } from "node:test";
import { manualClock } from "../../../../kernel/clock.ts";
import { seededRandom } from "../../../../kernel/random.ts";
import { Keyring } from "../../../../storage/encryption.ts";
import { startInline } from "../../../../storage/sqlite/index.ts";
import { storeClient, type StoreClient } from "../../../../storage/storage.ts";
import { QUEUE_OPERATIONS, type NewMessage, type QueueOperations, type QueueRef, type ReceivedMessage } from "../store.ts";
import { queueStore } from "./index.ts";

const QUEUE: QueueRef = { account: "000000000000", region: "us-east-1", name: "jobs" };
const MESSAGES = 600;
const FLIPPED = 500;

/** With so many bytes begin all texts alike: the head of what one data key has encrypted, the name of an attribute. */
const COMMON = 25;

/** A text of which no dozen characters stand twice in a directory: so its bytes can be found in the file. */
function unique(index: number, length: number): string {
  let text = "";
  for (let piece = 0; text.length < length; piece += 1) text += `${index}.${piece}/`;
  return text.slice(0, length);
}

function message(index: number): NewMessage {
  const body = unique(index, index % 20 === 0 ? 50_000 : 100 + index * 7);
  const attributes = JSON.stringify({ note: ["String", unique(index + MESSAGES, 60)] });
  const nothing = { traceHeader: null, groupId: null, delayMs: undefined };
  return { id: `id-${index}`, body, bodyMd5: "md5", attributes, sizeBytes: body.length, senderId: "AIDA", ...nothing };
}

interface Directory {
  readonly path: string;
  readonly keyring: Keyring;
}

async function opened<T>({ path, keyring }: Directory, run: (store: StoreClient<QueueOperations>) => Promise<T>): Promise<T> {
  const modules = [queueStore({ coolDown: true, keyring })];
  const engine = startInline({ directory: path, modules, clock: manualClock(), onFatal: (reason) => assert.fail(String(reason)) });
  try {
    return await run(storeClient<QueueOperations>(engine, "queues", QUEUE_OPERATIONS));
  } finally {
    await engine.stop();
  }
}

async function receiveAll(store: StoreClient<QueueOperations>): Promise<ReceivedMessage[]> {
  const received: ReceivedMessage[] = [];
  for (;;) {
    const messages = await store.receive({ queue: QUEUE, messagesMax: 10, waitMs: 0, visibilityMs: 1000 });
    if (messages.length === 0) return received;
    received.push(...messages);
  }
}

/** Inverts one bit of each of these texts in the database file; wherever it stands, for a page may still hold what was moved. */
function flip({ path }: Directory, stored: readonly Uint8Array[], random: { fraction(): number }): void {
  const file = join(path, "millrace.db");
  const bytes = readFileSync(file);
  for (const text of stored) {
    let piece: Uint8Array;
    do {
      const from = COMMON + Math.floor(random.fraction() * (text.length - COMMON - 12));
      piece = text.subarray(from, from + 12);
    } while (!bytes.includes(piece)); // Not there where the text goes on on another page.
    const within = Math.floor(random.fraction() * 12);
    const bit = 1 << Math.floor(random.fraction() * 8);
    for (let at = bytes.indexOf(piece); at !== -1; at = bytes.indexOf(piece, at + 1))
      bytes[at + within] = (bytes[at + within] as number) ^ bit; // It was found there.
  }
  writeFileSync(file, bytes);
}

/** What stands in the file: the texts of bodies and attributes, or the encrypted bytes. */
function storedTexts({ path }: Directory, column: "body" | "attributes"): Uint8Array[] {
  const database = new DatabaseSync(join(path, "millrace.db"));
  const rows = database.prepare(`SELECT CAST(${column} AS BLOB) AS bytes FROM body ORDER BY sequence LIMIT ?`).all(FLIPPED);
  database.close();
  return rows.map(({ bytes }) => bytes as Uint8Array);
}

const CASES = [
  { what: "a body", column: "body", keys: [] },
  { what: "an encrypted body", column: "body", keys: [Buffer.alloc(32, 1)] },
  { what: "attributes", column: "attributes", keys: [] },
] as const;

for (const [seed, { what, column, keys }] of CASES.entries())
  test(`${FLIPPED} of ${FLIPPED} single bits flipped in ${what} are found, and none of these messages is delivered`, async () => {
    const directory = { path: mkdtempSync(join(tmpdir(), "millrace-flips-")), keyring: new Keyring(keys, seededRandom(1)) };
    try {
      await opened(directory, async (store) => {
        await store.createQueue({ queue: QUEUE, attributes: {}, tags: {} });
        await store.send({ queue: QUEUE, messages: Array.from({ length: MESSAGES }, (_, index) => message(index)) });
      });
      flip(directory, storedTexts(directory, column), seededRandom(seed));
      await opened(directory, async (store) => {
        const received = await receiveAll(store);
        assert.deepEqual(
          received.map(({ id, body, attributes }) => ({ id, body, attributes })),
          Array.from({ length: MESSAGES - FLIPPED }, (_, index) => message(FLIPPED + index)).map(({ id, body, attributes }) => {
            return { id, body, attributes };
          }),
        );
        const { messages } = await store.listQuarantined({ queue: QUEUE, after: 0, limit: MESSAGES });
        assert.equal(messages.length, FLIPPED);
      });
    } finally {
      rmSync(directory.path, { recursive: true });
    }
  });

/** One message, its place or row changed behind the store's back, and what a receive then gives. */
async function afterChange(sql: string, change?: (directory: Directory) => void): Promise<{ bodies: string[]; damages: string[] }> {
  const directory = { path: mkdtempSync(join(tmpdir(), "millrace-flips-")), keyring: new Keyring([], seededRandom(1)) };
  try {
    await opened(directory, async (store) => {
      for (const queue of [QUEUE, { ...QUEUE, name: "other" }]) {
        await store.createQueue({ queue, attributes: {}, tags: {} });
        await store.send({ queue, messages: [message(1), message(2)] });
      }
    });
    const database = new DatabaseSync(join(directory.path, "millrace.db"));
    database.exec(sql);
    database.close();
    change?.(directory);
    return await opened(directory, async (store) => {
      const bodies = (await receiveAll(store)).map(({ id }) => id);
      const { messages } = await store.listQuarantined({ queue: QUEUE, after: 0, limit: 10 });
      return { bodies, damages: messages.map(({ damage }) => damage) };
    });
  } finally {
    rmSync(directory.path, { recursive: true });
  }
}

test("a place that leads to another queue's message delivers nothing", async () => {
  const { bodies, damages } = await afterChange("UPDATE ready SET sequence = 4 WHERE sequence = 2 AND queue = 1");
  assert.deepEqual([bodies, damages], [["id-1"], ["checksum"]]);
});

test("neither does one that leads nowhere, and the queue goes on", async () => {
  const { bodies, damages } = await afterChange("DELETE FROM body WHERE sequence = 1");
  assert.deepEqual([bodies, damages], [["id-2"], ["missing"]]);
});

test("a changed time of sending is found", async () => {
  const { bodies, damages } = await afterChange("UPDATE ready SET sent_ms = sent_ms + 4096 WHERE sequence = 1");
  assert.deepEqual([bodies, damages], [["id-2"], ["checksum"]]);
});

test("a row that SQLite cannot read is kept from delivery, and the server goes on", async () => {
  const { bodies, damages } = await afterChange("SELECT 1", ({ path }) => {
    const file = join(path, "millrace.db");
    const bytes = readFileSync(file);
    // Before the first text of the row, the first of its page at the page's end, stands its header, which begins with its length.
    const at = bytes.lastIndexOf("id-1AIDA") - 13;
    assert.equal(bytes[at], 13);
    bytes[at] = 0xff;
    bytes[at + 1] = 0xff;
    bytes[at + 2] = 0x7f;
    writeFileSync(file, bytes);
  });
  assert.deepEqual([bodies, damages], [["id-2"], ["unreadable"]]);
});

test("bodies of releases that knew no checksum are told by their MD5", async () => {
  const good = await afterChange("UPDATE body SET checksum = NULL, body_md5 = 'md5' WHERE sequence = 1");
  assert.deepEqual([good.bodies, good.damages], [["id-2"], ["checksum"]]);
});
