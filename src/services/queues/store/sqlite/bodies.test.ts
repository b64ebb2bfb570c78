import assert from "node:assert/strict";
import { mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { describe, test } from "node:test";
import { manualClock } from "../../../../kernel/clock.ts";
import { silentLogger, type LogFields } from "../../../../kernel/logger.ts";
import { seededRandom } from "../../../../kernel/random.ts";
import { Keyring, masterKeyId } from "../../../../storage/encryption.ts";
import { CannotOpen, startInline } from "../../../../storage/sqlite/index.ts";
import { storeClient } from "../../../../storage/storage.ts";
import { QUEUE_OPERATIONS, type QueueOperations, type QueueRef } from "../store.ts";
import { queueStore } from "./index.ts";

const QUEUE: QueueRef = { account: "000000000000", region: "us-east-1", name: "jobs" };
const BODY = "the body that nobody else may read";
const KEY = Buffer.alloc(32, 1);
const NEWER_KEY = Buffer.alloc(32, 2);

interface Directory {
  readonly path: string;
  readonly clock: ReturnType<typeof manualClock>;
  readonly logged: LogFields[];
}

/** A directory for one test; `run` may open it as often as it likes. */
function inDirectory(run: (directory: Directory) => Promise<void>): () => Promise<void> {
  return async () => {
    const path = mkdtempSync(join(tmpdir(), "millrace-bodies-"));
    try {
      await run({ path, clock: manualClock(), logged: [] });
    } finally {
      rmSync(path, { recursive: true });
    }
  };
}

/** The store with these master keys, for as long as `run` takes. */
async function withKeys(
  directory: Directory,
  { keys, ignoreLostKeys = false }: { keys: readonly Uint8Array[]; ignoreLostKeys?: boolean },
  run: (store: Opened) => Promise<void>,
): Promise<void> {
  const { path, clock, logged } = directory;
  const logger = { ...silentLogger, error: (event: string, fields?: LogFields) => void logged.push({ event, ...fields }) };
  const keyring = new Keyring(keys, seededRandom(1));
  const modules = [queueStore({ coolDown: true, keyring, logger, ignoreLostKeys })];
  const engine = startInline({ directory: path, modules, clock, onFatal: (reason) => assert.fail(String(reason)) });
  try {
    await run(new Opened(storeClient<QueueOperations>(engine, "queues", QUEUE_OPERATIONS)));
  } finally {
    await engine.stop();
  }
}

class Opened {
  readonly client;
  last: readonly { readonly id: string }[] = [];

  constructor(client: ReturnType<typeof storeClient<QueueOperations>>) {
    this.client = client;
  }

  async create(attributes: Record<string, string> = {}): Promise<void> {
    await this.client.createQueue({ queue: QUEUE, attributes, tags: {} });
  }

  async set(attributes: Record<string, string>): Promise<void> {
    await this.client.setAttributes({ queue: QUEUE, attributes });
  }

  async send(body: string, id = "id-1"): Promise<void> {
    const nothing = { attributes: null, traceHeader: null, groupId: null, delayMs: undefined };
    const message = { id, body, bodyMd5: "given", sizeBytes: body.length, senderId: "AIDA", ...nothing };
    await this.client.send({ queue: QUEUE, messages: [message] });
  }

  async receive(queue = QUEUE): Promise<string[]> {
    const messages = await this.client.receive({ queue, messagesMax: 10, waitMs: 0, visibilityMs: undefined });
    this.last = messages;
    return messages.map(({ body }) => body);
  }

  async deleteAll(): Promise<void> {
    const messages = await this.client.receive({ queue: QUEUE, messagesMax: 10, waitMs: 0, visibilityMs: undefined });
    await this.client.delete({ queue: QUEUE, receipts: messages.map(({ receipt }) => receipt) });
  }

  async counts(queue = QUEUE): Promise<[visible: number, inFlight: number]> {
    const { visible, inFlight } = await this.client.describeQueue({ queue });
    return [visible, inFlight];
  }
}

/** Whether the text stands in any file of the directory: the database, its log, whatever else there is. */
function onDisk({ path }: Directory, text: string): boolean {
  return readdirSync(path).some((file) => readFileSync(join(path, file)).includes(text));
}

/** Changes the database behind the server's back. */
function change({ path }: Directory, sql: string, ...values: (string | number | Uint8Array)[]): void {
  const database = new DatabaseSync(join(path, "millrace.db"));
  database.prepare(sql).run(...values);
  database.close();
}

describe("bodies at rest", () => {
  test(
    "with a master key no body reaches the disk, in the log neither, nor does its digest",
    inDirectory(async (directory) => {
      await withKeys(directory, { keys: [KEY] }, async (store) => {
        await store.create();
        await store.send(BODY);
        assert.equal(onDisk(directory, BODY), false);
        assert.equal(onDisk(directory, "given"), false);
        assert.deepEqual(await store.receive(), [BODY]);
      });
      assert.equal(onDisk(directory, BODY), false);
    }),
  );

  test(
    "without one, or where the queue has encryption off, it does",
    inDirectory(async (directory) => {
      await withKeys(directory, { keys: [] }, async (store) => {
        await store.create();
        await store.send(BODY);
        assert.equal(onDisk(directory, BODY), true);
      });
      await withKeys(directory, { keys: [KEY] }, async (store) => {
        await store.set({ SqsManagedSseEnabled: "false" });
        await store.send("plain on purpose", "id-2");
        assert.equal(onDisk(directory, "plain on purpose"), true);
        assert.deepEqual(await store.receive(), [BODY, "plain on purpose"]);
      });
    }),
  );

  test(
    "what holds at the send decides, for each message by itself, and a KMS key encrypts as well",
    inDirectory(async (directory) => {
      await withKeys(directory, { keys: [KEY] }, async (store) => {
        await store.create({ SqsManagedSseEnabled: "false" });
        await store.send("sent plain", "id-1");
        await store.set({ KmsMasterKeyId: "alias/aws/sqs" });
        await store.send("sent under a key", "id-2");
        await store.set({ KmsMasterKeyId: "" });
        await store.send("sent plain again", "id-3");
        await store.set({ SqsManagedSseEnabled: "true" });
        await store.send("sent encrypted", "id-4");
      });
      const found = ["sent plain", "sent under a key", "sent plain again", "sent encrypted"].map((body) => onDisk(directory, body));
      assert.deepEqual(found, [true, false, true, false]);
      await withKeys(directory, { keys: [KEY] }, async (store) => {
        assert.deepEqual(await store.receive(), ["sent plain", "sent under a key", "sent plain again", "sent encrypted"]);
      });
    }),
  );

  test(
    "after a new key came first the old messages are still read, and the old key may go when they have gone",
    inDirectory(async (directory) => {
      await withKeys(directory, { keys: [KEY] }, async (store) => {
        await store.create();
        await store.send("old", "id-1");
      });
      await withKeys(directory, { keys: [NEWER_KEY, KEY] }, async (store) => {
        await store.send("new", "id-2");
        assert.deepEqual(await store.receive(), ["old", "new"]);
      });
      await assert.rejects(
        withKeys(directory, { keys: [NEWER_KEY] }, async () => {}),
        new RegExp(masterKeyId(KEY)),
      );
      directory.clock.advance(30_000);
      await withKeys(directory, { keys: [NEWER_KEY, KEY] }, (store) => store.deleteAll());
      await withKeys(directory, { keys: [NEWER_KEY] }, async (store) => {
        await store.send("newest", "id-3");
        assert.deepEqual(await store.receive(), ["newest"]);
      });
    }),
  );

  test(
    "the start is refused where a key is missing that messages need, with what to do",
    inDirectory(async (directory) => {
      await withKeys(directory, { keys: [KEY] }, async (store) => {
        await store.create();
        await store.send(BODY);
      });
      for (const keys of [[], [NEWER_KEY]])
        await assert.rejects(
          withKeys(directory, { keys }, async () => {}),
          (error) => error instanceof CannotOpen && /not given \([0-9a-f]{16}\)\. .*--master-key.*--ignore-lost-keys/.test(error.message),
        );
      await withKeys(directory, { keys: [KEY] }, async (store) => assert.deepEqual(await store.receive(), [BODY]));
    }),
  );

  test(
    "told to ignore a lost key, it withholds those messages, keeps them and says so",
    inDirectory(async (directory) => {
      await withKeys(directory, { keys: [KEY] }, async (store) => {
        await store.create();
        await store.send(BODY);
      });
      const readAll = async (store: Opened) => {
        await store.send("readable", "id-2");
        assert.deepEqual(await store.receive(), ["readable"]);
        assert.deepEqual(await store.counts(), [0, 2]);
      };
      await withKeys(directory, { keys: [NEWER_KEY], ignoreLostKeys: true }, readAll);
      assert.deepEqual(directory.logged, [
        { event: "master keys are lost; the messages encrypted with them are withheld", masterKeys: masterKeyId(KEY) },
        {
          event: "a message cannot be decrypted and is withheld",
          messageId: "id-1",
          because: "its master key is not given",
          masterKey: masterKeyId(KEY),
        },
      ]);
      directory.clock.advance(30_000);
      await withKeys(directory, { keys: [NEWER_KEY, KEY] }, async (store) => assert.deepEqual(await store.receive(), [BODY, "readable"]));
    }),
  );

  test(
    "an altered body is kept from delivery, its neighbours are not, also where the checksum was altered to fit",
    inDirectory(async (directory) => {
      await withKeys(directory, { keys: [KEY] }, async (store) => {
        await store.create();
        await store.send(BODY, "id-1");
        await store.send("untouched", "id-2");
      });
      change(
        directory,
        "UPDATE body SET body = CAST(substr(body, 1, 40) || x'00' || substr(body, 42) AS BLOB) WHERE message_id = ?",
        "id-1",
      );
      change(directory, "UPDATE body SET checksum = NULL WHERE message_id = ?", "id-1");
      await withKeys(directory, { keys: [KEY] }, async (store) => {
        assert.deepEqual(await store.receive(), ["untouched"]);
        assert.deepEqual(await store.counts(), [0, 1]);
      });
      assert.deepEqual(
        directory.logged.map(({ messageId, because }) => [messageId, because]),
        [["id-1", "its stored bytes were altered"]],
      );
    }),
  );

  test(
    "a body in another message's place is not taken for that message's",
    inDirectory(async (directory) => {
      await withKeys(directory, { keys: [KEY] }, async (store) => {
        await store.create();
        await store.send("pay 10", "id-1");
        await store.send("pay 1000", "id-2");
      });
      change(
        directory,
        "UPDATE body SET body = (SELECT body FROM body WHERE message_id = 'id-2'), checksum = NULL WHERE message_id = ?",
        "id-1",
      );
      await withKeys(directory, { keys: [KEY] }, async (store) => assert.deepEqual(await store.receive(), ["pay 1000"]));
      assert.equal(directory.logged.length, 1);
    }),
  );

  test(
    "on its way to a dead-letter queue and back, under another id, a body stays encrypted and readable",
    inDirectory(async (directory) => {
      const deadLetters = { ...QUEUE, name: "dead" };
      const arn = `arn:aws:sqs:${QUEUE.region}:${QUEUE.account}:dead`;
      const redrive = JSON.stringify({ deadLetterTargetArn: arn, maxReceiveCount: 1 });
      await withKeys(directory, { keys: [KEY] }, async (store) => {
        await store.client.createQueue({ queue: deadLetters, attributes: {}, tags: {} });
        await store.create({ RedrivePolicy: redrive, VisibilityTimeout: "1" });
        await store.send(BODY);
        assert.deepEqual(await store.receive(), [BODY]);
        directory.clock.advance(1000);
        assert.deepEqual(await store.receive(), []);
        assert.deepEqual(await store.receive(deadLetters), [BODY]);
        directory.clock.advance(30_000);
        await store.counts(deadLetters);
        await store.client.startMoveTask({ taskId: "task", source: deadLetters, destination: undefined, perSecond: undefined });
        for (let piece = 0; piece < 5; piece += 1) {
          directory.clock.advance(1000);
          await store.counts();
        }
        assert.deepEqual(await store.receive(), [BODY]);
        assert.notEqual(store.last[0]?.id, "id-1");
        assert.equal(onDisk(directory, BODY), false);
      });
    }),
  );
});
