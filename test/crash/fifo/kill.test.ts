import assert from "node:assert/strict";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { BY_KILLS_OF_FIFO } from "../planted.ts";
import { fifoCampaign, fifoSummary } from "./campaign.ts";

test(
  "order, locks, numbers and what was accepted outlive two kills under sixteen writers and sixteen readers",
  { timeout: 120_000 },
  async (context) => {
    const data = await mkdtemp(join(tmpdir(), "millrace-crash-"));
    const report = await fifoCampaign({ kills: 2, seed: process.pid, data, operations: [200, 600] });
    context.diagnostic(fifoSummary(report));
    assert.deepEqual(report.violations, [], `the data directory was kept: ${data}`);
    await rm(data, { recursive: true });
  },
);

for (const { name, breaks, fixture, kills } of BY_KILLS_OF_FIFO) {
  test(`found: ${name}`, { timeout: 60_000 }, async () => {
    const data = await mkdtemp(join(tmpdir(), "millrace-fault-"));
    const preload = join(import.meta.dirname, "..", fixture);
    try {
      const { violations } = await fifoCampaign({ kills, seed: 1, data, groups: 20, loadMs: [1000, 1000], preload });
      const broken = [...new Set(violations.map((violation) => violation.rule))];
      assert.ok(
        breaks.some((rule) => broken.includes(rule)),
        `found only: ${broken.join(", ")}`,
      );
    } finally {
      await rm(data, { recursive: true });
    }
  });
}
