import assert from "node:assert/strict";
import { test } from "node:test";
import { campaign } from "./campaign.ts";

test(
  "workers of pipelines die at every step → nothing is missing, nothing is stuck, every effect is there once",
  { timeout: 280_000 },
  async () => {
    const { violations, notReached, effects } = await campaign({ kills: 8, jobs: 3, seed: 1 });
    assert.deepEqual([violations, notReached], [[], []]);
    assert.ok(effects > 0);
  },
);

test("workers that delete before they publish lose what they had when they die", { timeout: 280_000 }, async () => {
  const { violations } = await campaign({ kills: 2, jobs: 3, seed: 1, step: "after the delete", plant: "deletes-first.fixture.ts" });
  assert.ok(
    violations.some((violation) => violation.endsWith("is missing")),
    violations.join("\n"),
  );
});
