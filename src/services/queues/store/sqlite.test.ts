import assert from "node:assert/strict";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { manualClock } from "../../../kernel/clock.ts";
import { startInline } from "../../../storage/sqlite/index.ts";
import { storeClient } from "../../../storage/storage.ts";
import { checkSuite } from "./check.suite.ts";
import { catchingUpSuite } from "./catching-up.suite.ts";
import { fifoSuite } from "./fifo.suite.ts";
import { fairnessSuite } from "./fairness.suite.ts";
import { peekSuite } from "./peek.suite.ts";
import { queueStore } from "./sqlite/index.ts";
import { QUEUE_OPERATIONS, type QueueOperations } from "./store.ts";
import { inFlightSuite } from "./in-flight.suite.ts";
import { queuePoliciesSuite } from "./policies.suite.ts";
import { watchingSuite } from "./watching.suite.ts";
import { deadLetterSuite } from "./dead-letters.suite.ts";
import { moveTaskSuite } from "./move-tasks.suite.ts";
import { quarantineSuite, type RottingStore } from "./quarantine.suite.ts";
import { ageingSuite } from "./ageing.suite.ts";
import { queueStoreSuite } from "./store.suite.ts";

const DAMAGES = {
  body: "body = body || '.'",
  attributes: "attributes = replace(attributes, 'one', 'two')",
  id: "message_id = message_id || '0'",
  group: "group_id = 'other'",
};

async function openOnDisk(): Promise<RottingStore> {
  const directory = mkdtempSync(join(tmpdir(), "millrace-queues-"));
  const clock = manualClock();
  const modules = [queueStore({ coolDown: true })];
  const start = () => startInline({ directory, modules, clock, onFatal: assertNever });
  let engine = start();
  return {
    get store() {
      return storeClient<QueueOperations>(engine, "queues", QUEUE_OPERATIONS);
    },
    get storage() {
      return engine;
    },
    clock,
    async reopen({ afterMs } = { afterMs: 0 }) {
      await engine.stop();
      clock.advance(afterMs);
      engine = start();
    },
    async damage(what, body) {
      await engine.stop();
      const database = new DatabaseSync(join(directory, "millrace.db"));
      assert.equal(database.prepare(`UPDATE body SET ${DAMAGES[what]} WHERE body = ?`).run(body).changes, 1);
      database.close();
      engine = start();
    },
    async close() {
      await engine.stop();
      rmSync(directory, { recursive: true });
    },
  };
}

function assertNever(reason: unknown): void {
  throw reason;
}

queueStoreSuite("SQLite", openOnDisk);
peekSuite("SQLite", openOnDisk);
fairnessSuite("SQLite", openOnDisk);
inFlightSuite("SQLite", openOnDisk);
queuePoliciesSuite("SQLite", openOnDisk);
watchingSuite("SQLite", openOnDisk);
fifoSuite("SQLite", openOnDisk);
deadLetterSuite("SQLite", openOnDisk);
moveTaskSuite("SQLite", openOnDisk);
quarantineSuite("SQLite", openOnDisk);
checkSuite("SQLite", openOnDisk);
catchingUpSuite("SQLite", openOnDisk);
ageingSuite("SQLite", openOnDisk);
