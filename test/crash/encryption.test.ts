import assert from "node:assert/strict";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { campaign, summary } from "./campaign.ts";
import { entriesOf } from "../checkers/history.ts";

test("encrypted messages outlive kills as plain ones do, on the storage thread too", { timeout: 120_000 }, async (context) => {
  const directory = await mkdtemp(join(tmpdir(), "millrace-crash-"));
  const masterKey = join(directory, "master.key");
  await writeFile(masterKey, `${Buffer.alloc(32, 7).toString("hex")}\n`, { mode: 0o600 });
  const flags = ["--master-key", masterKey, "--storage-thread", "on"];
  const report = await campaign({ kills: 2, seed: process.pid, data: join(directory, "data"), objects: 0, flags });
  context.diagnostic(summary(report));
  assert.deepEqual(report.violations, [], `the data directory was kept: ${directory}`);
  assert.ok(
    entriesOf(report.history, "receive").some(({ deliveries }) => deliveries.length > 0),
    "nothing was received",
  );
  await rm(directory, { recursive: true });
});
