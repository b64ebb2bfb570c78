import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { evidenceOf } from "../case.ts";
import type { RecordedCase } from "./case.ts";
import { DELIVERIES } from "./cases/deliveries.ts";
import { FIFO_TOPICS } from "./cases/fifo.ts";
import { FILTERS } from "./cases/filters.ts";
import { PERMISSIONS } from "./cases/permissions.ts";
import { PUBLISHING } from "./cases/publishing.ts";
import { SUBSCRIPTIONS } from "./cases/subscriptions.ts";
import { TOPICS } from "./cases/topics.ts";
import { hold, waysOf } from "./ways.ts";

const TABLES: Readonly<Record<string, readonly RecordedCase[]>> = {
  topics: TOPICS,
  permissions: PERMISSIONS,
  subscriptions: SUBSCRIPTIONS,
  publishing: PUBLISHING,
  deliveries: DELIVERIES,
  "FIFO topics": FIFO_TOPICS,
  "filter policies": FILTERS,
};

for (const [subject, cases] of Object.entries(TABLES)) {
  describe(`answers known from Amazon SNS: ${subject}`, () => {
    for (const given of cases)
      for (const way of waysOf(given))
        test(`${given.name} [${evidenceOf(given)}, ${way.name}]`, { timeout: 20_000 }, () => hold(given, way));
  });
}

test("a case is either answered or refused, and its name is its own", () => {
  const all = Object.values(TABLES).flat();
  for (const { name, answer, refused } of all) assert.notEqual(answer === undefined, refused === undefined, name);
  assert.equal(new Set(all.map(({ name }) => name)).size, all.length);
});
