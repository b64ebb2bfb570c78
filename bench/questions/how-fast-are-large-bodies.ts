import type { Question, Ratio } from "../answer.ts";
import { echo, millrace } from "../contenders.ts";
import type { Measurement, ScenarioName } from "../job.ts";
import type { Bench } from "../plan.ts";
import { median, ranged, spread } from "../statistics.ts";
import { megabytes, whole } from "../throughput.ts";

const KIB = 1024;
/** The last one is the largest that is taken. */
const SIZES = [1 * KIB, 64 * KIB, 256 * KIB, 1024 * KIB];
/** As many bytes on their way at once as matter, not as many connections: 64 of 1 MiB would measure the memory. */
const CONNECTIONS = 8;

interface Row {
  readonly size: number;
  readonly scenario: ScenarioName;
  readonly ours: Measurement[];
  readonly echoes: Measurement[];
}

export const howFastAreLargeBodies: Question = {
  name: "large",
  asks: "How fast are messages of 64 KiB, 256 KiB and 1 MiB, one at a time, durable?",
  async answer(bench) {
    const rows: Row[] = [];
    for (const size of SIZES)
      for (const scenario of ["send", "cycle-singles"] as const) rows.push(await measured(bench, { size, scenario }));
    const ratios: Ratio[] = rows.map(({ size, scenario, ours, echoes }) => ({
      against: `bare echo, ${named(size)}, ${scenario === "send" ? "SendMessage" : "cycle ×1"}`,
      text: ranged(
        spread(ours.map((one, round) => one.messagesPerSecond / (echoes[round]?.messagesPerSecond ?? NaN))),
        (value) => `${Math.round(value * 100)} %`,
      ),
    }));
    return {
      verdicts: [],
      ratios,
      table: {
        head: ["body", "", "messages/s", "MB/s of bodies", "p50 ms", "p99 ms", "memory MB", "bare echo, messages/s"],
        rows: rows.map(({ size, scenario, ours, echoes }) => {
          const rate = median(ours.map((one) => one.messagesPerSecond));
          return [
            named(size),
            scenario === "send" ? "SendMessage" : "sent, received, deleted",
            whole(rate),
            ((rate * size) / 1e6).toFixed(1),
            median(ours.map((one) => one.overall.p50Ms)).toFixed(2),
            median(ours.map((one) => one.overall.p99Ms)).toFixed(2),
            megabytes(ours.at(-1)?.rssBytes),
            whole(median(echoes.map((one) => one.messagesPerSecond))),
          ];
        }),
      },
      notes: [
        `${CONNECTIONS} connections. A body is written to the log and from there to the database, so the disk writes twice what stands in the table.`,
      ],
      measurements: Object.fromEntries(rows.map(({ size, scenario, ours }) => [`Millrace, ${named(size)}, ${scenario}`, ours])),
    };
  },
};

async function measured(bench: Bench, { size, scenario }: { size: number; scenario: ScenarioName }): Promise<Row> {
  const load = { bodyBytes: size, connections: CONNECTIONS };
  const [theirs, our] = [echo(bench, load), millrace(bench, "Millrace", load)];
  const ours: Measurement[] = [];
  const echoes: Measurement[] = [];
  for (let round = 1; round <= bench.plan.rounds; round += 1) {
    bench.progress.doing(`round ${round} of ${bench.plan.rounds}, ${named(size)}`);
    echoes.push(await theirs.measure(scenario));
    ours.push(await our.measure(scenario));
    bench.progress.say(
      `  round ${round}  ${named(size).padEnd(8)} ${scenario.padEnd(13)} ${whole(ours.at(-1)?.messagesPerSecond ?? NaN)} messages/s`,
    );
  }
  return { size, scenario, ours, echoes };
}

function named(bytes: number): string {
  return bytes < 1024 * KIB ? `${bytes / KIB} KiB` : "1 MiB";
}
