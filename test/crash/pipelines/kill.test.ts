import assert from "node:assert/strict";
import { test } from "node:test";
import { campaign } from "./campaign.ts";
import { FAULTS } from "./planted.ts";

test(
  "workers of pipelines die at every step → nothing is missing, nothing is stuck, every effect is there once",
  { timeout: 280_000 },
  async () => {
    const { violations, notReached, kills, places, effects } = await campaign({ kills: 8, jobs: 32, seed: 1 });
    assert.deepEqual([violations, notReached, kills, places], [[], [], 8, 8]);
    assert.ok(effects > 32);
  },
);

test("workers that delete before they publish lose what they had when they die", { timeout: 280_000 }, async () => {
  const [fault] = FAULTS;
  assert.equal(fault?.name, "a message is deleted before its outputs are published");
  const { violations, notReached } = await campaign({ kills: 1, jobs: 10, seed: 1, target: fault.at, fault: fault.name });
  assert.deepEqual(notReached, []);
  assert.ok(
    violations.some((violation) => violation.includes("is missing")),
    violations.join("\n"),
  );
});
