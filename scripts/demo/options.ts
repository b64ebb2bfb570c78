import { parseArgs } from "node:util";

export interface DemoOptions {
  /** How many photos; the bundled ones are taken again and again, with other operations each time. */
  readonly photos: number;
  /** Servers A, and one server B besides. */
  readonly workers: number;
  /** Seconds between the deaths of workers; 0 kills one worker and then the server, once each. */
  readonly killEverySeconds: number;
}

const USAGE = `npm run demo -- [--photos 39] [--workers 2] [--kill-every SECONDS]

  --photos N       how many photos go through; the bundled ones come again with other operations
  --workers N      servers A; there is one server B besides
  --kill-every S   kill one worker every S seconds, taking turns, and leave the server alone;
                   without it, one worker and then the server itself are killed once`;

/** @throws with the usage, when the arguments cannot be understood. */
export function demoOptions(args: readonly string[]): DemoOptions {
  const options = {
    photos: { type: "string", default: "39" },
    workers: { type: "string", default: "2" },
    "kill-every": { type: "string", default: "0" },
  } as const;
  let values: { photos: string; workers: string; "kill-every": string };
  try {
    ({ values } = parseArgs({ args: [...args], options }));
  } catch (failure) {
    throw new Error(`${failure instanceof Error ? failure.message : String(failure)}\n\n${USAGE}`, { cause: failure });
  }
  const [photos, workers, killEverySeconds] = [Number(values.photos), Number(values.workers), Number(values["kill-every"])];
  // One batch holds 1,000 files.
  const isRight =
    Number.isInteger(photos) && photos >= 1 && photos <= 1000 && Number.isInteger(workers) && workers >= 1 && killEverySeconds >= 0;
  if (!isRight) throw new Error(USAGE);
  return { photos, workers, killEverySeconds };
}
