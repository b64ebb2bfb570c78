import assert from "node:assert/strict";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import { seededRandom, type Random } from "../../src/kernel/random.ts";
import { shown } from "../checkers/shown.ts";
import type { Entry } from "../checkers/history.ts";
import { campaign, loadSummary, worked, type CampaignOptions } from "../crash/campaign.ts";
import { warmUp, type ServerProcess } from "../crash/server-process.ts";
import { holds } from "../disk/subject.ts";

/** Something that is done to the server while clients work. */
export type Blow = (server: ServerProcess, history: Entry[], random: Random) => Promise<void>;

const CLIENTS = 8;
const BETWEEN_MS = 150;
/** So much is done after the last blow, so that something was judged. */
const OPERATIONS_AT_END = 200;

/** Has clients work under so many blows; what they saw is judged as after kills. @throws where a promise is broken */
export async function under(
  what: string,
  blow: Blow,
  { blows, seed, env }: { blows: number; seed: number } & Pick<CampaignOptions, "env">,
): Promise<void> {
  const data = mkdtempSync(join(tmpdir(), "millrace-misfortune-"));
  const random = seededRandom(seed);
  await warmUp();
  const report = await campaign({
    ...(env === undefined ? {} : { env }),
    kills: 0,
    seed,
    data,
    writers: CLIENTS,
    readers: CLIENTS,
    visibilitySeconds: [1, 2, 3],
    misfortune: async (server, history) => {
      for (let number = 0; number < blows; number += 1) {
        await pause(BETWEEN_MS * random.fraction());
        await blow(server, history, random);
      }
      await server.up;
      await worked(history, OPERATIONS_AT_END);
    },
  });
  assert.deepEqual(report.violations, [], `seed ${seed}, data in ${data}\n${shown(report.violations)}`);
  rmSync(data, { recursive: true });
  holds(`${what}: ${loadSummary(report)}`);
}
