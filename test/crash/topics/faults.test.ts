import assert from "node:assert/strict";
import { join } from "node:path";
import { test } from "node:test";
import type { ServerOptions } from "../server-process.ts";
import { deliverUnderKills } from "./deliveries.ts";
import { publishInOrderUnderKills, publishUnderKills } from "./fan-out.ts";
import { CAMPAIGNS_MAX, FORGOTTEN, NOT_SENT_AGAIN, QUEUE_BY_QUEUE } from "./planted.ts";

const preload = join(import.meta.dirname, "plant.fixture.ts");
const withFault = (name: string): ServerOptions => ({ preload, env: { MILLRACE_PLANTED_FAULT: name } });

/** Plays campaigns until one of them fails, which it must do as the mistake shows. */
async function findsIt(campaign: () => Promise<void>, shows: RegExp): Promise<void> {
  for (let played = 0; played < CAMPAIGNS_MAX; played += 1) {
    try {
      await campaign();
    } catch (error) {
      assert.match(String(error), shows);
      return;
    }
  }
  assert.fail(`${CAMPAIGNS_MAX} campaigns have not shown it`);
}

test(`found by a kill: ${QUEUE_BY_QUEUE}`, { timeout: 180_000 }, async (context) => {
  await findsIt(() => publishUnderKills(context, withFault(QUEUE_BY_QUEUE)), /is in some of its queues/);
});

test(`found by a kill: ${FORGOTTEN}`, { timeout: 180_000 }, async (context) => {
  await findsIt(() => publishInOrderUnderKills(context, withFault(FORGOTTEN)), /is twice in/);
});

test(`found by a kill: ${NOT_SENT_AGAIN}`, { timeout: 180_000 }, async (context) => {
  await findsIt(() => deliverUnderKills(context, { ...withFault(NOT_SENT_AGAIN), kills: 1, quietMs: 3000 }), /never come/);
});
