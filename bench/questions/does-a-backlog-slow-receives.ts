import type { Answer, Question, Verdict } from "../answer.ts";
import type { Latency, Measurement } from "../job.ts";
import { type Bench, CONNECTIONS, FULL_BACKLOG, warmUpSeconds } from "../plan.ts";
import { type RunningServer, startMillrace } from "../servers/start.ts";
import { median, ranged, spread } from "../statistics.ts";
import { megabytes, whole } from "../throughput.ts";
import { usageOf } from "../usage.ts";

const SLOWER_MAX = 0.2;
const MORE_BYTES_MAX = 60e6;
/** Bounds what ends by the number of its messages. */
const SECONDS_MAX = 1800;
const SEASONED_WITH = 100_000;

export const doesABacklogSlowReceives: Question = {
  name: "backlog",
  asks: "What does a backlog of a million messages of 1 KB change?",
  async answer(bench) {
    const { children, progress, plan } = bench;
    const empty = await startMillrace(children, { directory: children.freshDirectory() });
    const directory = children.freshDirectory();
    const full = await startMillrace(children, { directory });
    // A process that has taken batches is larger than one that has not, backlog or none: the empty one takes some, too.
    await load(bench, empty, {
      scenario: "cycle",
      messagesMax: Math.min(plan.backlog, SEASONED_WITH),
      warmUpSeconds: 0,
      seconds: SECONDS_MAX,
    });
    progress.doing(`sending ${whole(plan.backlog)} messages`);
    const filled = await load(bench, full, { scenario: "batch", messagesMax: plan.backlog, warmUpSeconds: 0, seconds: SECONDS_MAX });
    const filledBytes = usageOf(full.pid)?.rssBytes;
    progress.say(`  ${whole(plan.backlog)} messages sent in ${filled.seconds.toFixed(0)} s`);

    const without: Measurement[] = [];
    const withBacklog: Measurement[] = [];
    const times = { scenario: "cycle-singles", seconds: plan.seconds, warmUpSeconds: warmUpSeconds(plan) } as const;
    for (let round = 1; round <= plan.rounds; round += 1) {
      progress.doing(`round ${round} of ${plan.rounds}`);
      without.push(await load(bench, empty, times));
      withBacklog.push(await load(bench, full, times));
      progress.say(
        `  round ${round}  receive p99 ${ms(receive(without.at(-1)).p99Ms)}, with the backlog ${ms(receive(withBacklog.at(-1)).p99Ms)}`,
      );
    }
    await empty.stop();
    await full.child.stop();
    const restarted = performance.now();
    const again = await startMillrace(children, { directory });
    const restartMs = performance.now() - restarted;
    const restartBytes = usageOf(again.pid)?.rssBytes;
    await again.stop();
    return answerOf(plan.backlog, { without, withBacklog, filledBytes, restartMs, restartBytes });
  },
};

type Load = { scenario: "batch" | "cycle" | "cycle-singles"; messagesMax?: number; warmUpSeconds: number; seconds: number };

function load({ children }: Bench, { port, pid }: RunningServer, what: Load): Promise<Measurement> {
  return children.load({ subject: { kind: "aws", port, pid }, connections: CONNECTIONS, ...what });
}

interface Measured {
  readonly without: readonly Measurement[];
  readonly withBacklog: readonly Measurement[];
  readonly filledBytes: number | undefined;
  readonly restartMs: number;
  readonly restartBytes: number | undefined;
}

function answerOf(backlog: number, measured: Measured): Answer {
  const { without, withBacklog, filledBytes, restartMs, restartBytes } = measured;
  const change = (of: (latency: Latency) => number) =>
    spread(withBacklog.map((full, round) => of(receive(full)) / of(receive(without[round])) - 1));
  const slower = change(({ p99Ms }) => p99Ms);
  const moreBytes = (withBacklog.at(-1)?.rssBytes ?? NaN) - (without.at(-1)?.rssBytes ?? NaN);
  const judge = (verdict: Omit<Verdict, "what" | "required">, what: string): Verdict =>
    backlog >= FULL_BACKLOG && !verdict.measured.includes("NaN")
      ? { ...verdict, what, required: true }
      : { ...verdict, what, required: true, met: undefined, measured: `${verdict.measured}, but with ${whole(backlog)} messages only` };
  const row = (name: string, all: readonly Measurement[]): string[] => [
    name,
    median(all.map((m) => receive(m).p50Ms)).toFixed(2),
    median(all.map((m) => receive(m).p99Ms)).toFixed(2),
    whole(median(all.map((m) => m.messagesPerSecond))),
    megabytes(all.at(-1)?.rssBytes),
  ];
  return {
    verdicts: [
      judge(
        {
          target: `≤ +${percent(SLOWER_MAX)}`,
          measured: ranged(slower, signed),
          met: slower.median <= SLOWER_MAX,
        },
        "receive p99, a backlog of 1,000,000",
      ),
      judge(
        {
          target: `≤ +${megabytes(MORE_BYTES_MAX)} MB`,
          measured: `${moreBytes < 0 ? "−" : "+"}${megabytes(Math.abs(moreBytes))} MB`,
          met: moreBytes <= MORE_BYTES_MAX,
        },
        "memory, a backlog of 1,000,000",
      ),
    ],
    ratios: [
      {
        against: "itself with an empty queue: receive p50",
        text: ranged(
          change(({ p50Ms }) => p50Ms),
          signed,
        ),
      },
    ],
    table: {
      head: ["waiting messages", "receive p50 ms", "receive p99 ms", "cycles/s", "memory MB"],
      rows: [row("none", without), row(whole(backlog), withBacklog)],
    },
    notes: [
      `Two servers under the same load in turn, ${CONNECTIONS} connections that send, receive and delete one message at a time; on one of them ${whole(backlog)} older messages wait, and the oldest are received first.`,
      `Memory is that of the same process that took in the backlog, never restarted (${megabytes(filledBytes)} MB just after it had); the empty one has sent, received and deleted ${whole(Math.min(backlog, SEASONED_WITH))} messages in tens.`,
      `Started again on the backlog it served after ${restartMs.toFixed(0)} ms, with ${megabytes(restartBytes)} MB.`,
    ],
    measurements: { "Millrace, empty queue": without, "Millrace, backlog": withBacklog },
  };
}

function receive(measurement: Measurement | undefined): Latency {
  return measurement?.steps.receive ?? { count: 0, p50Ms: NaN, p99Ms: NaN };
}

const ms = (value: number): string => `${value.toFixed(2)} ms`;
const percent = (share: number): string => `${Math.round(share * 100)} %`;
const signed = (share: number): string => `${share < 0 ? "−" : "+"}${percent(Math.abs(share))}`;
