import assert from "node:assert/strict";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { entriesOf } from "../../checkers/history.ts";
import { fifoCampaign, fifoSummary } from "./campaign.ts";

test(
  "order, locks, numbers and what was accepted outlive five kills under sixteen writers and sixteen readers",
  { timeout: 120_000 },
  async (context) => {
    const data = await mkdtemp(join(tmpdir(), "millrace-crash-"));
    const report = await fifoCampaign({ kills: 5, seed: process.pid, data });
    context.diagnostic(fifoSummary(report));
    assert.deepEqual(report.violations, [], `the data directory was kept: ${data}`);
    assert.ok(entriesOf(report.history, "send").length > 100, "the clients did next to nothing");
    await rm(data, { recursive: true });
  },
);

for (const [fault, rule] of [
  ["forgets what it has accepted", "remembered"],
  ["frees a group although messages of it are in flight", "order"],
] as const) {
  test(`a server that ${fault} is found`, { timeout: 60_000 }, async () => {
    const data = await mkdtemp(join(tmpdir(), "millrace-fault-"));
    const preload = join(import.meta.dirname, `${fault.split(" ")[0]}.fixture.ts`);
    try {
      const { violations } = await fifoCampaign({ kills: 1, seed: 1, data, groups: 20, loadMs: [1000, 1000], preload });
      const broken = [...new Set(violations.map((violation) => violation.rule))];
      assert.ok(broken.includes(rule), `found only: ${broken.join(", ")}`);
    } finally {
      await rm(data, { recursive: true });
    }
  });
}
