import assert from "node:assert/strict";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { campaign, summary } from "./campaign.ts";

test("what was acknowledged outlives three kills under sixteen writers and sixteen readers", { timeout: 180_000 }, async (context) => {
  const data = await mkdtemp(join(tmpdir(), "millrace-crash-"));
  const report = await campaign({ kills: 3, seed: process.pid, data, operations: [200, 600] });
  context.diagnostic(summary(report));
  assert.deepEqual(report.violations, [], `the data directory was kept: ${data}`);
  await rm(data, { recursive: true });
});
