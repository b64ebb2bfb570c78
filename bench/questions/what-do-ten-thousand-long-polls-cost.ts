import { setTimeout as pause } from "node:timers/promises";
import { type Answer, atMost, type Question } from "../answer.ts";
import { LongPolls } from "../long-polls.ts";
import { fillWithQueues } from "../many-queues.ts";
import type { Bench } from "../plan.ts";
import { startHeldEcho, startMillrace } from "../servers/start.ts";
import { percentile, ranged, spread } from "../statistics.ts";
import { usageOf } from "../usage.ts";

const POLLS = 10_000;
const QUEUES = 1000;
const WAKES = 20;
const STORMS = 10;
/** Less than a poll waits. */
const IDLE_MS = 5000;

const MORE_BYTES_MAX = 150e6;
const IDLE_SHARE_MAX = 0.01;
const WAKE_100_MS_MAX = 10;
const WAKE_ALL_MS_MAX = 1000;

/** How soon polls were woken. */
interface Woken {
  readonly wake100P99Ms: number;
  readonly wake100P50Ms: number;
  readonly wakeAllMs: number;
  readonly empty: number;
}

/** What one server showed. */
interface Sample extends Woken {
  readonly bytesBefore: number;
  readonly bytesWaiting: number;
  readonly idleShare: number;
  /** Polls that came to their end during the idle measurement: then it was not idle. */
  readonly idleEnded: number;
  readonly stormMs: readonly number[];
  readonly bytesAfterStorms: number;
}

export const whatDoTenThousandLongPollsCost: Question = {
  name: "polls",
  asks: "What do ten thousand open long polls on a thousand queues cost?",
  async answer(bench) {
    const samples: Sample[] = [];
    const bare: Woken[] = [];
    for (let round = 1; round <= bench.plan.rounds; round += 1) {
      bench.progress.doing(`round ${round} of ${bench.plan.rounds}`);
      const sample = await sampleOf(bench);
      samples.push(sample);
      bare.push(await bareWakes(bench));
      bench.progress.say(
        `  round ${round}  +${megabytes(sample.bytesWaiting - sample.bytesBefore)} MB, idle ${percent(sample.idleShare)}, 100 woken ${sample.wake100P99Ms.toFixed(1)} ms, all ${sample.wakeAllMs.toFixed(0)} ms, a storm ${Math.max(...sample.stormMs).toFixed(0)} ms`,
      );
    }
    return answerOf(samples, bare);
  },
};

async function sampleOf({ children }: Bench): Promise<Sample> {
  const directory = children.freshDirectory();
  // What was received stays hidden, so that no message comes back in the middle of another measurement.
  await fillWithQueues(directory, QUEUES, { VisibilityTimeout: "43200" });
  const server = await startMillrace(children, { directory });
  const usage = () => usageOf(server.pid) ?? { cpuUs: NaN, rssBytes: NaN };
  const polls = new LongPolls(server.port);
  await polls.open(100);
  for (let wake = 0; wake < WAKES; wake += 1) await polls.wake(10); // Compiled code is not what the polls take.
  const bytesBefore = usage().rssBytes;
  await polls.open(POLLS);
  const [begun, emptyBefore] = [usage(), polls.empty];
  await pause(IDLE_MS);
  const idleShare = (usage().cpuUs - begun.cpuUs) / (IDLE_MS * 1000);
  const idleEnded = polls.empty - emptyBefore;
  const bytesWaiting = usage().rssBytes;
  const woken = await wakes(polls);
  const stormMs: number[] = [];
  for (let storm = 0; storm < STORMS; storm += 1) {
    const startMs = performance.now();
    polls.drop();
    await polls.open(POLLS);
    stormMs.push(performance.now() - startMs);
  }
  const afterStorms = await polls.wake(10);
  const bytesAfterStorms = usage().rssBytes;
  await polls.close();
  await polls.forgotten();
  await server.stop();
  const empty = woken.empty + afterStorms.empty;
  return { bytesBefore, bytesWaiting, idleShare, idleEnded, ...woken, empty, stormMs, bytesAfterStorms };
}

async function wakes(polls: LongPolls): Promise<Woken> {
  const hundreds = [];
  for (let wake = 0; wake < WAKES; wake += 1) {
    hundreds.push(await polls.wake(10));
    await polls.waiting();
  }
  const all = await polls.wake(QUEUES);
  await polls.waiting();
  const took = hundreds.flatMap(({ tookMs }) => tookMs);
  return {
    wake100P50Ms: percentile(took, 0.5),
    wake100P99Ms: percentile(took, 0.99),
    wakeAllMs: Math.max(...all.tookMs),
    empty: [...hundreds, all].reduce((sum, { empty }) => sum + empty, 0),
  };
}

/** What node:http takes to wake as many, and the clients, which are the same. */
async function bareWakes({ children }: Bench): Promise<Woken> {
  const server = await startHeldEcho(children);
  const polls = new LongPolls(server.port);
  await polls.open(100);
  for (let wake = 0; wake < WAKES; wake += 1) await polls.wake(10);
  await polls.open(POLLS);
  const woken = await wakes(polls);
  await polls.close();
  await server.stop();
  return woken;
}

function answerOf(samples: readonly Sample[], bare: readonly Woken[]): Answer {
  const ofBare = (value: (woken: Woken) => number) => spread(bare.map(value));
  const timesBare = (value: (woken: Woken) => number) =>
    ranged(spread(samples.map((sample, round) => value(sample) / value(bare[round] ?? sample))), (times) => `${times.toFixed(1)} ×`);
  const of = (value: (sample: Sample) => number) => spread(samples.map(value));
  const more = of(({ bytesBefore, bytesWaiting }) => bytesWaiting - bytesBefore);
  const idle = of(({ idleShare }) => idleShare);
  const hundred = of(({ wake100P99Ms }) => wake100P99Ms);
  const all = of(({ wakeAllMs }) => wakeAllMs);
  const ms = (value: number): string => `${value.toFixed(1)} ms`;
  const moreMegabytes = (bytes: number): string => `+${megabytes(bytes)} MB`;
  return {
    verdicts: [
      atMost("memory, 10,000 open long polls", { measured: more, most: MORE_BYTES_MAX, text: moreMegabytes }),
      atMost("share of one processor, 10,000 idle long polls", { measured: idle, most: IDLE_SHARE_MAX, text: percent }),
      atMost("100 of 10,000 long polls woken, p99", { measured: hundred, most: WAKE_100_MS_MAX, text: ms }),
      atMost("10,000 long polls woken", { measured: all, most: WAKE_ALL_MS_MAX, text: ms }),
    ],
    ratios: [
      { against: "bare node:http, time to wake 100, p99", text: timesBare(({ wake100P99Ms }) => wake100P99Ms) },
      { against: "bare node:http, time to wake all", text: timesBare(({ wakeAllMs }) => wakeAllMs) },
    ],
    table: {
      head: ["", "median", "least", "most"],
      rows: [
        row(
          "memory without them, MB",
          of(({ bytesBefore }) => bytesBefore / 1e6),
        ),
        row(
          "memory with them, MB",
          of(({ bytesWaiting }) => bytesWaiting / 1e6),
        ),
        row(
          "KB a poll",
          of(({ bytesBefore, bytesWaiting }) => (bytesWaiting - bytesBefore) / POLLS / 1e3),
        ),
        row(
          "idle, % of one processor",
          of(({ idleShare }) => idleShare * 100),
        ),
        row(
          "100 woken, p50 ms",
          of(({ wake100P50Ms }) => wake100P50Ms),
        ),
        row("100 woken, p99 ms", hundred),
        row("all woken, ms", all),
        row(
          "100 woken by bare node:http, p99 ms",
          ofBare(({ wake100P99Ms }) => wake100P99Ms),
        ),
        row(
          "all woken by bare node:http, ms",
          ofBare(({ wakeAllMs }) => wakeAllMs),
        ),
        row("all reconnected, ms", spread(samples.flatMap(({ stormMs }) => stormMs))),
        row(
          "memory after the storms, MB",
          of(({ bytesAfterStorms }) => bytesAfterStorms / 1e6),
        ),
      ],
    },
    notes: [
      `Each client waits 20 s and asks again, after a message when all have come; ten wait at each queue. The clients run in the bench's process, on the same processors. Idle is measured for ${IDLE_MS / 1000} s; polls that came to their end meanwhile: ${samples.map(({ idleEnded }) => idleEnded).join(", ")}.`,
      `To wake 100, ten batches of ten go to ten queues, ${WAKES} times a round; to wake all, ${QUEUES.toLocaleString("en")} batches over ten connections. The time is from the first byte of the first send to the last byte of each answer, every receive committed. Nothing is sent before all have waited for a third of a second. Bare node:http does the same without keeping anything: what the clients and Node's HTTP take of these times.`,
      `Polls that were answered without a message although there was one: ${samples.reduce((sum, { empty }) => sum + empty, 0)}.`,
      `In a storm all clients break off and connect again at once, ${STORMS} times a round; then all of them wait again, and when they have gone for good nothing is left waiting.`,
    ],
    measurements: {},
  };
}

function row(what: string, { median, least, most }: { median: number; least: number; most: number }): string[] {
  return [what, median.toFixed(1), least.toFixed(1), most.toFixed(1)];
}

const megabytes = (bytes: number): string => (bytes / 1e6).toFixed(0);
const percent = (share: number): string => `${(share * 100).toFixed(1)} %`;
