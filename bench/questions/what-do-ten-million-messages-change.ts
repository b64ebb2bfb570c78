import { cpSync } from "node:fs";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { setTimeout as pause } from "node:timers/promises";
import type { Answer, Question, Verdict } from "../answer.ts";
import { fillWithMessages } from "../backlog.ts";
import { Client } from "../client.ts";
import type { Latency, Measurement } from "../job.ts";
import type { Bench } from "../plan.ts";
import { Probe } from "../probe.ts";
import { startMillrace } from "../servers/start.ts";
import { SINGLES_CONNECTIONS, singles } from "../singles.ts";
import { percentile, type Spread, spread } from "../statistics.ts";
import { whole } from "../throughput.ts";
import { BENCH_QUEUE } from "../subjects/subject.ts";
import { usageOf } from "../usage.ts";

const RECEIVE_P99_MS_MAX = 10;
const SERVES_MS_MAX = 1000;
const BYTES_MAX = 300e6;
const EMPTIED_S_MAX = 60;
const BLOCKED_MS_MAX = 50;

/** How others fared while a queue was emptied. */
interface Emptied {
  readonly answerMs: number;
  readonly seconds: number;
  readonly before: readonly number[];
  readonly meanwhile: readonly number[];
}

interface Measured {
  readonly fillSeconds: number;
  readonly empty: readonly Measurement[];
  readonly full: readonly Measurement[];
  readonly servesMs: Spread;
  readonly servesAfterKillMs: number;
  readonly rssBytes: number;
  readonly purge: Emptied;
  readonly deletion: Emptied;
}

export const whatDoTenMillionMessagesChange: Question = {
  name: "deep",
  asks: "What do ten million waiting messages of 200 bytes change, and how are they got rid of?",
  async answer(bench) {
    const { children, plan, progress } = bench;
    const [directory, copy] = [children.freshDirectory(), children.freshDirectory()];
    const startMs = performance.now();
    await fillWithMessages(directory, plan.deep, (sent) => progress.doing(`${whole(sent)} of ${whole(plan.deep)} messages`));
    const fillSeconds = (performance.now() - startMs) / 1000;
    progress.say(`  ${whole(plan.deep)} messages in ${fillSeconds.toFixed(0)} s`);
    cpSync(directory, copy, { recursive: true });
    const received = await receives(bench, directory);
    progress.say(`  receive p99 ${received.full.map((m) => receive(m).p99Ms.toFixed(2)).join(", ")} ms`);
    const started = await starts(bench, directory);
    progress.say(`  serves after ${started.servesMs.median.toFixed(0)} ms, after a kill ${started.servesAfterKillMs.toFixed(0)} ms`);
    const purge = await emptied(bench, directory, "PurgeQueue");
    progress.say(`  purged in ${purge.seconds.toFixed(1)} s, others at most ${Math.max(...purge.meanwhile).toFixed(1)} ms`);
    const deletion = await emptied(bench, copy, "DeleteQueue");
    progress.say(`  deleted in ${deletion.seconds.toFixed(1)} s, others at most ${Math.max(...deletion.meanwhile).toFixed(1)} ms`);
    return answerOf(plan.deep, { fillSeconds, ...received, ...started, purge, deletion });
  },
};

/** Receives from the backlog and from an empty queue, on two servers in turn. */
async function receives(bench: Bench, directory: string): Promise<Pick<Measured, "empty" | "full" | "rssBytes">> {
  const { children, plan } = bench;
  const without = await startMillrace(children, { directory: children.freshDirectory() });
  const backlog = await startMillrace(children, { directory });
  const empty: Measurement[] = [];
  const full: Measurement[] = [];
  for (let round = 0; round < plan.rounds; round += 1) {
    empty.push(await singles(bench, without));
    full.push(await singles(bench, backlog));
  }
  const rssBytes = usageOf(backlog.pid)?.rssBytes ?? NaN;
  await without.stop();
  await backlog.child.stop();
  return { empty, full, rssBytes };
}

/** From the start of the process to the answer to a first receive. */
async function starts({ children, plan }: Bench, directory: string): Promise<Pick<Measured, "servesMs" | "servesAfterKillMs">> {
  const tookMs: number[] = [];
  const once = async (): Promise<() => void> => {
    const startMs = performance.now();
    const server = await startMillrace(children, { directory });
    const client = await Client.open(server.port);
    await client.call("ReceiveMessage", { QueueUrl: queueUrl(BENCH_QUEUE.name), VisibilityTimeout: 0 });
    tookMs.push(performance.now() - startMs);
    client.close();
    return () => server.child.kill("SIGKILL");
  };
  for (let start = 0; start <= plan.rounds; start += 1) {
    const kill = await once();
    kill();
    await pause(200);
  }
  const [first = NaN, ...afterKill] = tookMs;
  return { servesMs: spread([first]), servesAfterKillMs: Math.max(...afterKill) };
}

/** Purges or deletes the queue and waits until nothing of it is left on disk, while somebody else uses another queue. */
async function emptied({ children }: Bench, directory: string, action: "PurgeQueue" | "DeleteQueue"): Promise<Emptied> {
  const server = await startMillrace(children, { directory });
  const client = await Client.open(server.port);
  const probe = await Probe.start(server.port);
  await pause(1000);
  probe.taken();
  await pause(5000);
  const before = probe.taken();
  const startMs = performance.now();
  await client.call(action, { QueueUrl: queueUrl(BENCH_QUEUE.name) });
  const answerMs = performance.now() - startMs;
  await nothingLeft(directory);
  const seconds = (performance.now() - startMs) / 1000;
  const meanwhile = probe.taken();
  await probe.stop();
  client.close();
  await server.stop();
  return { answerMs, seconds, before, meanwhile };
}

/** Looks into the database beside the server, for as long as it takes to read one page at a time. */
async function nothingLeft(directory: string): Promise<void> {
  const database = new DatabaseSync(join(directory, "millrace.db"), { readOnly: true, timeout: 5000 });
  const left = database.prepare(
    "SELECT EXISTS (SELECT 1 FROM voided) OR (SELECT count(*) FROM (SELECT 1 FROM dead LIMIT 3000)) = 3000 AS yes",
  );
  while ((left.get() as { yes: number }).yes === 1) await pause(100);
  database.close();
}

function queueUrl(name: string): string {
  return `http://127.0.0.1/${BENCH_QUEUE.account}/${name}`;
}

function receive(measurement: Measurement): Latency {
  return measurement.steps.receive ?? { count: 0, p50Ms: NaN, p99Ms: NaN };
}

function answerOf(messages: number, measured: Measured): Answer {
  const { empty, full, servesMs, servesAfterKillMs, rssBytes, purge, deletion } = measured;
  const p99 = (all: readonly Measurement[]) => spread(all.map((one) => receive(one).p99Ms));
  const verdict = (what: string, judged: Omit<Verdict, "what" | "required">): Verdict => ({
    what: `${what}, ${whole(messages)} messages waiting`,
    required: true,
    ...judged,
  });
  const least = (what: string, { value, max, unit }: { value: number; max: number; unit: string }): Verdict =>
    verdict(what, { target: `≤ ${max} ${unit}`, measured: `${value.toFixed(1)} ${unit}`, met: value <= max });
  const worst = (times: readonly number[]): number => Math.max(...times);
  return {
    verdicts: [
      least("receive p99", { value: p99(full).median, max: RECEIVE_P99_MS_MAX, unit: "ms" }),
      least("start to the first receive", { value: Math.max(servesMs.most, servesAfterKillMs), max: SERVES_MS_MAX, unit: "ms" }),
      least("memory", { value: rssBytes / 1e6, max: BYTES_MAX / 1e6, unit: "MB" }),
      least("purge until nothing is left", { value: purge.seconds, max: EMPTIED_S_MAX, unit: "s" }),
      least("longest request of others meanwhile", { value: worst(purge.meanwhile), max: BLOCKED_MS_MAX, unit: "ms" }),
    ],
    ratios: [],
    table: {
      head: ["", "empty", whole(messages)],
      rows: [
        [
          "receive p50 ms",
          spread(empty.map((m) => receive(m).p50Ms)).median.toFixed(2),
          spread(full.map((m) => receive(m).p50Ms)).median.toFixed(2),
        ],
        ["receive p99 ms", p99(empty).median.toFixed(2), p99(full).median.toFixed(2)],
        [
          "cycles/s",
          whole(spread(empty.map((m) => m.messagesPerSecond)).median),
          whole(spread(full.map((m) => m.messagesPerSecond)).median),
        ],
        ["memory MB", ((empty.at(-1)?.rssBytes ?? NaN) / 1e6).toFixed(0), (rssBytes / 1e6).toFixed(0)],
        ["start to the first receive ms", "", `${servesMs.median.toFixed(0)}; after kill -9 at most ${servesAfterKillMs.toFixed(0)}`],
        ...emptiedRows("PurgeQueue", purge),
        ...emptiedRows("DeleteQueue", deletion),
      ],
    },
    notes: [
      `The backlog was written through the queue store in ${measured.fillSeconds.toFixed(0)} s, without a server. ${SINGLES_CONNECTIONS} connections send, receive and delete one message at a time; the oldest are received first.`,
      "PurgeQueue and DeleteQueue are answered at once; the time is until the messages are gone from the disk. Others: one client on a queue of its own, a few hundred requests a second.",
    ],
    measurements: { "Millrace, empty queue": empty, "Millrace, deep backlog": full },
  };
}

function emptiedRows(action: string, { answerMs, seconds, before, meanwhile }: Emptied): string[][] {
  const of = (times: readonly number[]): string =>
    `p50 ${percentile([...times], 0.5).toFixed(1)}, p99 ${percentile([...times], 0.99).toFixed(1)}, longest ${Math.max(...times).toFixed(1)}`;
  return [
    [`${action}: answer ms; gone after s`, "", `${answerMs.toFixed(1)}; ${seconds.toFixed(1)}`],
    [`${action}: requests of others ms, before and meanwhile`, of(before), of(meanwhile)],
  ];
}
