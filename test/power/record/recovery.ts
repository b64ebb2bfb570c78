import { mkdirSync, rmSync } from "node:fs";
import { join } from "node:path";
import { blobsIn, contentsOf } from "../check/contents.ts";
import { recover } from "../check/recover.ts";
import { KINDS } from "../disk/crash-states.ts";
import { Materialiser } from "../disk/materialise.ts";
import { seededRandom } from "../../../src/kernel/random.ts";
import { RECOVERY } from "../load/scenarios.ts";
import { crashStateOf, mixed, momentsOf, type Moment } from "../replay.ts";
import { record, save, type Recording } from "./record.ts";

/**
 * Records how a server recovers from a crash state of a recording, starts and stops: power may fail again meanwhile.
 * Whatever it shows after the first recovery was on the disk, and must be there after the second, too.
 */
export async function recordRecovery(
  of: Recording,
  { number, seed, work }: { number: number; seed: number; work: string },
): Promise<Recording> {
  const random = seededRandom(mixed(seed, number));
  // Moments at which something is under way.
  const changes = [...momentsOf(of)].map(({ change }) => change);
  const change = changes[Math.floor(random.fraction() * changes.length)] ?? 0;
  const kind = KINDS.findIndex(({ bytes, names }) => bytes === 0.5 && names === "some");
  const make = (root: string): Moment => {
    for (const moment of momentsOf(of)) {
      if (moment.change !== change) continue;
      new Materialiser(root).make(crashStateOf(moment.disk, { pass: number, change, kind }, seed));
      return { ...moment, progress: { ...moment.progress } };
    }
    throw new RangeError(`there is no change ${change}`);
  };
  const look = join(work, "look");
  const { progress } = make(look);
  const directory = join(look, of.data);
  const { timesMs, sequences, remembered } = of.journal;
  const recovered = await recover(directory, {
    nowMs: timesMs[progress.asked] ?? 0,
    contents: contentsOf(blobsIn(directory)),
    told: undefined,
  });
  rmSync(look, { recursive: true });
  if ("corrupt" in recovered) throw new Error(`a crash state is not recovered from: ${recovered.corrupt}`);
  mkdirSync(work, { recursive: true });
  const recording = await record({ ...RECOVERY, prepare: ({ root }) => void make(root) }, { work, seed });
  const { answered } = progress;
  const journal = {
    states: [recovered.shown],
    timesMs: [timesMs[progress.asked] ?? 0],
    sequences: [sequences[answered] ?? 0],
    remembered: remembered.filter(({ sinceUnit }) => sinceUnit <= answered).map((one) => ({ ...one, sinceUnit: 0 })),
    backups: [],
    problems: [],
  };
  const whole = { ...recording, name: `recovery ${number} from ${of.name}`, journal };
  save(whole, work);
  return whole;
}
