import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { campaign } from "./campaign.ts";
import { simulate } from "./simulation.ts";

/** Some seconds of what `run.sh` does for two minutes. */
const SEEDS = Array.from({ length: 12 }, (_, index) => index + 1);

describe("the whole server in a world of its own", () => {
  test("keeps its promises, whatever fails, and comes to its end when nothing fails any more", { timeout: 240_000 }, async () => {
    const broken = await campaign(SEEDS);
    assert.deepEqual(
      broken?.violations.map(({ rule, what }) => `${rule}: ${what}`),
      undefined,
      `Again: node --conditions=millrace-source test/simulation/campaign.ts --first ${broken?.seed}`,
    );
  });

  test("does the same thing twice from the same seed, and another from another", { timeout: 120_000 }, async () => {
    const [first, again, other] = [await simulate(7), await simulate(7), await simulate(8)];
    assert.deepEqual([again.hash, again.events], [first.hash, first.events]);
    assert.deepEqual(again.history, first.history);
    assert.notEqual(other.hash, first.hash);
  });
});
