import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { evidenceOf, type RecordedCase } from "./case.ts";
import { BATCHES } from "./cases/batches.ts";
import { DEAD_LETTERS } from "./cases/dead-letters.ts";
import { FIFO_QUEUES } from "./cases/fifo.ts";
import { PERMISSIONS } from "./cases/permissions.ts";
import { QUEUES } from "./cases/queues.ts";
import { RECEIVING } from "./cases/receiving.ts";
import { SENDING } from "./cases/sending.ts";
import { WAYS, hold } from "./ways.ts";

const TABLES: Readonly<Record<string, readonly RecordedCase[]>> = {
  queues: QUEUES,
  permissions: PERMISSIONS,
  sending: SENDING,
  batches: BATCHES,
  receiving: RECEIVING,
  "FIFO queues": FIFO_QUEUES,
  "dead letters": DEAD_LETTERS,
};

for (const [subject, cases] of Object.entries(TABLES)) {
  describe(`answers known from Amazon SQS: ${subject}`, () => {
    for (const given of cases)
      for (const way of WAYS)
        test(`${given.name} [${evidenceOf(given)}, ${way.name}]`, { timeout: 20_000 }, () => hold(given, way));
  });
}

test("a case is either answered or refused, and its name is its own", () => {
  const all = Object.values(TABLES).flat();
  for (const { name, answer, refused } of all) assert.notEqual(answer === undefined, refused === undefined, name);
  assert.equal(new Set(all.map(({ name }) => name)).size, all.length);
});
