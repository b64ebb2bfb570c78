import assert from "node:assert/strict";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { campaign, summary } from "./campaign.ts";
import { entriesOf } from "../checkers/history.ts";

test("what was acknowledged outlives three kills under sixteen writers and sixteen readers", { timeout: 180_000 }, async (context) => {
  const data = await mkdtemp(join(tmpdir(), "millrace-crash-"));
  const report = await campaign({ kills: 3, seed: process.pid, data });
  context.diagnostic(summary(report));
  assert.deepEqual(report.violations, [], `the data directory was kept: ${data}`);
  assert.ok(entriesOf(report.history, "send").length > 100, "the clients did next to nothing");
  await rm(data, { recursive: true });
});
