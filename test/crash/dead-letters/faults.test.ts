import assert from "node:assert/strict";
import { join } from "node:path";
import { test } from "node:test";
import type { ServerOptions } from "../server-process.ts";
import { giveUpUnderKills, moveUnderKills } from "./moves.ts";
import { FROM_ZERO, IN_TWO_COMMITS, KILLS } from "./planted.ts";

const preload = join(import.meta.dirname, "plant.fixture.ts");
const withFault = (name: string): ServerOptions => ({ preload, env: { MILLRACE_PLANTED_FAULT: name } });

test(`found by a kill: ${IN_TWO_COMMITS}`, { timeout: 180_000 }, async (context) => {
  await assert.rejects(giveUpUnderKills(context, KILLS, withFault(IN_TWO_COMMITS)), /and \d+ after kill/);
});

test(`found by a kill: ${FROM_ZERO}`, { timeout: 180_000 }, async (context) => {
  await assert.rejects(moveUnderKills(context, KILLS, withFault(FROM_ZERO)), /moved/);
});
