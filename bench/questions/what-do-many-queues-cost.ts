import { atMost, type Question } from "../answer.ts";
import { fillWithQueues } from "../many-queues.ts";
import type { Bench } from "../plan.ts";
import { startMillrace } from "../servers/start.ts";
import { percentile, spread } from "../statistics.ts";
import { usageOf } from "../usage.ts";

const QUEUES = 100_000;
const PAGE = 1000;
const START_MS_MAX = 2000;
const PAGE_MS_MAX = 50;
const QUEUE_BYTES_MAX = 1024;

/** What one server told, with queues or without. */
interface Sample {
  readonly startMs: number;
  readonly pagesMs: readonly number[];
  readonly rssBytes: number;
}

export const whatDoManyQueuesCost: Question = {
  name: "queues",
  asks: "What do 100,000 queues cost that nobody uses?",
  async answer(bench) {
    const [empty, full]: [Sample[], Sample[]] = [[], []];
    for (let round = 1; round <= bench.plan.rounds; round += 1) {
      bench.progress.doing(`round ${round} of ${bench.plan.rounds}`);
      empty.push(await sample(bench, 0));
      full.push(await sample(bench, QUEUES));
    }
    const start = spread(full.map(({ startMs }) => startMs));
    const page = spread(full.map(({ pagesMs }) => percentile([...pagesMs], 0.99)));
    const bytes = spread(full.map(({ rssBytes }, round) => (rssBytes - (empty[round]?.rssBytes ?? NaN)) / QUEUES));
    bench.progress.say(
      `  start ${start.median.toFixed(0)} ms, page p99 ${page.median.toFixed(1)} ms, ${bytes.median.toFixed(0)} bytes a queue`,
    );
    const ms = (value: number) => `${value.toFixed(0)} ms`;
    return {
      verdicts: [
        atMost("start to the first answer, 100,000 queues", { measured: start, most: START_MS_MAX, text: ms }),
        atMost("page of ListQueues, p99, 100,000 queues", { measured: page, most: PAGE_MS_MAX, text: ms }),
        atMost("memory of an idle queue, 100,000 queues", {
          measured: bytes,
          most: QUEUE_BYTES_MAX,
          text: (value) => `${value.toFixed(0)} bytes`,
        }),
      ],
      ratios: [],
      table: {
        head: ["queues", "start ms", "page p50 ms", "page p99 ms", "resident MB"],
        rows: [row("none", empty), row(QUEUES.toLocaleString("en"), full)],
      },
      notes: [
        `From the spawn of the process to its first answer; then all pages of ${PAGE.toLocaleString("en")} names in turn, on one connection; then its resident memory, against that of a server without queues that answered as many requests.`,
      ],
      measurements: {},
    };
  },
};

async function sample({ children }: Bench, queues: number): Promise<Sample> {
  const directory = children.freshDirectory();
  if (queues > 0) await fillWithQueues(directory, queues);
  const startedMs = performance.now();
  const server = await startMillrace(children, { directory });
  await list(server.port, {});
  const startMs = performance.now() - startedMs;
  const pagesMs: number[] = [];
  let NextToken: string | undefined;
  for (let page = 0; page < QUEUES / PAGE; page += 1) {
    const askedMs = performance.now();
    ({ NextToken } = await list(server.port, { MaxResults: PAGE, NextToken }));
    pagesMs.push(performance.now() - askedMs);
  }
  const rssBytes = usageOf(server.pid)?.rssBytes ?? NaN;
  await server.stop();
  return { startMs, pagesMs, rssBytes };
}

async function list(port: number, input: object): Promise<{ NextToken?: string }> {
  const headers = { "content-type": "application/x-amz-json-1.0", "x-amz-target": "AmazonSQS.ListQueues" };
  const response = await fetch(`http://127.0.0.1:${port}`, { method: "POST", headers, body: JSON.stringify(input) });
  return (await response.json()) as { NextToken?: string };
}

function row(name: string, samples: readonly Sample[]): string[] {
  const of = (value: (sample: Sample) => number) => spread(samples.map(value)).median;
  return [
    name,
    of(({ startMs }) => startMs).toFixed(0),
    of(({ pagesMs }) => percentile([...pagesMs], 0.5)).toFixed(1),
    of(({ pagesMs }) => percentile([...pagesMs], 0.99)).toFixed(1),
    (of(({ rssBytes }) => rssBytes) / 1e6).toFixed(1),
  ];
}
