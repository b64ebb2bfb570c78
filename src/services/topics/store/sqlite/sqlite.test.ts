import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { startInline, type StoreModule } from "../../../../storage/sqlite/index.ts";
import type { QueueMessage, QueueTargets } from "../../needs.ts";
import { handshakeSuite } from "../handshake.suite.ts";
import { outboxSuite } from "../outbox.suite.ts";
import { topicPoliciesSuite } from "../policies.suite.ts";
import { publishingSuite } from "../publishing.suite.ts";
import type { OpenTopics } from "../store.fixture.ts";
import { topicStoreSuite } from "../store.suite.ts";
import { topicStore } from "./index.ts";

/** Queues that keep what they are given in a table. */
const queues: StoreModule = {
  service: "queues",
  migrations: ["CREATE TABLE taken (id INTEGER PRIMARY KEY, message TEXT NOT NULL)"],
  open(database) {
    const insert = database.prepare("INSERT INTO taken VALUES (NULL, ?)");
    return {
      operations: {
        deliver(message: QueueMessage) {
          const refusal = /:(gone|denied)-/.exec(message.queueArn)?.[1];
          if (refusal === undefined) insert.run(JSON.stringify(message));
          return refusal ?? "delivered";
        },
      },
    };
  },
};

const targets: QueueTargets = { deliver: (args) => ({ operation: "queues.deliver", args }) };

const open: OpenTopics = async (clock) => {
  const directory = mkdtempSync(join(tmpdir(), "millrace-topics-"));
  const onFatal = (reason: unknown) => {
    throw reason;
  };
  const start = () => startInline({ directory, modules: [queues, topicStore(targets)], clock, onFatal });
  let storage = start();
  return {
    get storage() {
      return storage;
    },
    delivered() {
      const database = new DatabaseSync(join(directory, "millrace.db"), { readOnly: true });
      const rows = database.prepare("SELECT message FROM taken ORDER BY id").all();
      database.close();
      return rows.map((row) => JSON.parse(row["message"] as string) as QueueMessage);
    },
    async reopen() {
      await storage.stop();
      storage = start();
    },
    async makeMany({ account, region, name }, count) {
      await storage.stop();
      const database = new DatabaseSync(join(directory, "millrace.db"));
      const fifo = Number(name.endsWith(".fifo"));
      database
        .prepare(
          `WITH RECURSIVE number (n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM number WHERE n < ?)
           INSERT INTO topic SELECT NULL, ?, ?, n || ?, ?, '{}', '{}', 0, 0, 0, 0, 0 FROM number`,
        )
        .run(count, account, region, name, fifo);
      database
        .prepare("INSERT INTO topic_count VALUES (?, ?, ?, ?) ON CONFLICT DO UPDATE SET topics = topics + excluded.topics")
        .run(account, region, fifo, count);
      database.close();
      storage = start();
    },
    async close() {
      await storage.stop();
      rmSync(directory, { recursive: true });
    },
  };
};

handshakeSuite("SQLite", open);
topicStoreSuite("SQLite", open);
topicPoliciesSuite("SQLite", open);
publishingSuite("SQLite", open);
outboxSuite("SQLite", open);
