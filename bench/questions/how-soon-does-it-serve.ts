import type { Question } from "../answer.ts";
import type { Bench } from "../plan.ts";
import { MILLRACE } from "../servers/start.ts";
import { ranged, spread } from "../statistics.ts";

const STARTS = 10;
const TARGET_MS = 500;

export const howSoonDoesItServe: Question = {
  name: "start",
  asks: "How soon after its start does the server serve?",
  async answer(bench) {
    const times: number[] = [];
    for (let start = 1; start <= STARTS; start += 1) {
      bench.progress.doing(`start ${start} of ${STARTS}`);
      times.push(await startMs(bench));
    }
    const all = spread(times);
    const { median, least, most } = all;
    bench.progress.say(`  ${STARTS} starts, median ${median.toFixed(0)} ms`);
    const measured = ranged(all, (value) => `${value.toFixed(0)} ms`);
    return {
      verdicts: [{ what: "start to `Ready.`", required: true, target: `≤ ${TARGET_MS} ms`, measured, met: median <= TARGET_MS }],
      ratios: [],
      table: {
        head: ["starts", "median ms", "best ms", "worst ms", "first ms"],
        rows: [[STARTS, median, least, most, times[0] ?? NaN].map((number) => number.toFixed(0))],
      },
      notes: [
        "From the spawn of `bin/millrace.js` to the line `Ready.`, each on a directory that does not exist yet. In a checkout it runs the TypeScript source; compiled code is kept between starts.",
      ],
      measurements: {},
    };
  },
};

async function startMs({ children }: Bench): Promise<number> {
  const directory = children.freshDirectory();
  const startedMs = performance.now();
  const child = children.start("Millrace", [MILLRACE, "serve", "--port", "0", "--data", directory], /^Ready\./);
  await child.ready;
  const tookMs = performance.now() - startedMs;
  await child.stop();
  children.remove(directory);
  return tookMs;
}
