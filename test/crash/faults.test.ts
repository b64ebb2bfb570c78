import assert from "node:assert/strict";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, test } from "node:test";
import { campaign, type CampaignOptions } from "./campaign.ts";
import { FAULT_NAMES, faultyProxy } from "./faulty-proxy.ts";

/** The rules that a short campaign with one thing wrong finds broken. */
async function rulesBroken(options: Partial<CampaignOptions>): Promise<string[]> {
  const data = await mkdtemp(join(tmpdir(), "millrace-fault-"));
  try {
    const { violations } = await campaign({
      kills: 0,
      seed: 1,
      data,
      writers: 8,
      readers: 8,
      loadMs: [300, 300],
      visibilitySeconds: [1],
      ...options,
    });
    return [...new Set(violations.map(({ rule }) => rule))];
  } finally {
    await rm(data, { recursive: true });
  }
}

/** What each breaks; the share of objects in the load and the number of requests treated wrongly that surely show it. */
const BROKEN: Readonly<Record<string, readonly [rule: string, objects: number, treated: number]>> = {
  "a send is acknowledged and forgotten": ["lost", 0, 5],
  "a send makes two messages": ["duplicated", 0, 5],
  "a delete is acknowledged and forgotten": ["returned", 0, 10],
  "a body is delivered with one character changed": ["invented", 0, 10],
  "receives are not counted": ["count", 0, 80],
  "a received message stays visible": ["early", 0, 80],
  "an object is acknowledged and forgotten": ["object-lost", 0.8, 20],
  "an object's removal is acknowledged and forgotten": ["object-returned", 0.8, 20],
  "half of an object is read": ["object-invented", 0.8, 10],
  "a refused object is kept": ["object-unwanted", 0.8, 10],
  "an object's event is forgotten": ["notice", 0.8, 0],
};
/** So much happens at least. */
const ENTRIES_MIN = 400;

describe("a fault that is planted is found, through the same clients and the same check", { concurrency: 2 }, () => {
  for (const fault of FAULT_NAMES)
    test(fault, { timeout: 60_000 }, async () => {
      const [rule, objects, treatedMin] = BROKEN[fault]!;
      const { between, treated } = faultyProxy(fault);
      const until: CampaignOptions["until"] = (history) => treated() >= treatedMin && history.length >= ENTRIES_MIN;
      const broken = await rulesBroken({ between, objects, until });
      assert.ok(broken.includes(rule), `found only: ${broken.join(", ")}`);
    });

  test("an engine that answers before it commits", { timeout: 60_000 }, async () => {
    const broken = await rulesBroken({ kills: 3, loadMs: [600, 600], preload: join(import.meta.dirname, "uncommitted.fixture.ts") });
    // Whatever was answered and not committed: a send, a delete or a receive, as it comes.
    assert.ok(
      broken.some((rule) => ["lost", "returned", "count"].includes(rule)),
      `found only: ${broken.join(", ")}`,
    );
  });
});
