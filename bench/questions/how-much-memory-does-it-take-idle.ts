import { setTimeout as pause } from "node:timers/promises";
import type { Question } from "../answer.ts";
import type { Bench } from "../plan.ts";
import { type RunningServer, startEcho, startFauxqs, startMillrace } from "../servers/start.ts";
import { spread } from "../statistics.ts";
import { megabytes } from "../throughput.ts";
import { usageOf } from "../usage.ts";

const IDLE_MS = 5000;
const TARGET_BYTES = 120e6;

export const howMuchMemoryDoesItTakeIdle: Question = {
  name: "idle",
  asks: "How much memory does a server take that has nothing to do?",
  async answer(bench) {
    const samples = new Map<string, number[]>();
    for (let round = 1; round <= bench.plan.rounds; round += 1) {
      bench.progress.doing(`round ${round} of ${bench.plan.rounds}`);
      for (const [name, rssBytes] of await idleRss(bench)) samples.set(name, [...(samples.get(name) ?? []), rssBytes]);
    }
    const { median } = spread(samples.get("Millrace") ?? []);
    bench.progress.say(`  Millrace idle: ${megabytes(median)} MB`);
    return {
      verdicts: [
        {
          what: "idle memory",
          required: true,
          target: `≤ ${megabytes(TARGET_BYTES)} MB`,
          measured: Number.isNaN(median) ? "not measured: no /proc on this platform" : `${megabytes(median)} MB`,
          met: Number.isNaN(median) ? undefined : median <= TARGET_BYTES,
        },
      ],
      ratios: [],
      table: {
        head: ["", "resident MB, median", "least", "most"],
        rows: [...samples].map(([name, numbers]) => {
          const { median, least, most } = spread(numbers);
          return [name, megabytes(median), megabytes(least), megabytes(most)];
        }),
      },
      notes: [`Resident memory ${IDLE_MS / 1000} s after the start, without a request; 1 MB is 1,000,000 bytes.`],
      measurements: {},
    };
  },
};

/** All at the same time: they do nothing. */
async function idleRss({ children, peer }: Bench): Promise<[name: string, rssBytes: number][]> {
  const servers: [name: string, server: RunningServer][] = [
    ["Millrace", await startMillrace(children, { directory: children.freshDirectory() })],
    ["bare echo", await startEcho(children)],
    ["fauxqs in memory", await startFauxqs(children, peer)],
  ];
  await pause(IDLE_MS);
  const samples = servers.flatMap(([name, { pid }]): [string, number][] => {
    const rssBytes = usageOf(pid)?.rssBytes;
    return rssBytes === undefined ? [] : [[name, rssBytes]];
  });
  for (const [, server] of servers) await server.stop();
  return samples;
}
