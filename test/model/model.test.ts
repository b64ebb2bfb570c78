import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { campaign, retell } from "./campaign.ts";

/** Some seconds of what `run.sh` does for minutes. */
const COMMANDS_MIN = 1500;
const RUNS_OF_A_SEED = 10;

describe("the queue service answers as the model of Amazon SQS does", () => {
  for (const seed of [1, 2])
    test(`random commands, time and restarts from seed ${seed}`, { timeout: 240_000 }, async () => {
      const { difference } = await campaign({ seed: seed * 1_000_000, commandsMin: COMMANDS_MIN, runsOfASeed: RUNS_OF_A_SEED });
      if (difference === undefined) return;
      const lines: string[] = [];
      await retell(difference.run, (line) => lines.push(line));
      assert.fail(
        [...lines, difference.what, `Again: node test/model/campaign.ts --seed ${difference.seed} --path ${difference.path}`].join("\n"),
      );
    });
});
