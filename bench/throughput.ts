import type { Answer, Ratio, Table, Verdict } from "./answer.ts";
import type { Contender } from "./contenders.ts";
import type { Measurement, ScenarioName } from "./job.ts";
import type { Bench } from "./plan.ts";
import { compare, type Compared, type ComparedOther } from "./rounds.ts";
import { median, ranged } from "./statistics.ts";

export interface ThroughputTarget {
  readonly what: string;
  readonly required: boolean;
  /** The name of who we are compared with, and the ratio to reach; or a rate of our own. */
  readonly least: { readonly against: string; readonly ratio: number } | { readonly messagesPerSecond: number };
}

export interface ThroughputQuestion {
  readonly scenario: ScenarioName;
  readonly ours: Contender;
  readonly others: readonly Contender[];
  readonly targets: readonly ThroughputTarget[];
  readonly notes?: readonly string[];
}

/** Answers a question about how many messages a second, compared with others in interleaved rounds. */
export async function throughput(bench: Bench, question: ThroughputQuestion): Promise<Answer> {
  const compared = await compare(bench, question);
  return {
    verdicts: question.targets.map((target) => verdictOf(target, compared)),
    ratios: compared.others.map(ratioOf),
    table: tableOf(question.ours.name, compared),
    notes: [
      ...(question.notes ?? []),
      ...compared.others.flatMap(({ name, notOffered }) => (notOffered === undefined ? [] : [`${name}: ${notOffered}.`])),
    ],
    measurements: {
      [question.ours.name]: compared.ours,
      ...Object.fromEntries(compared.others.map(({ name, measurements }) => [name, measurements])),
    },
  };
}

function verdictOf({ what, required, least }: ThroughputTarget, { ours, others }: Compared): Verdict {
  if ("messagesPerSecond" in least) {
    const measured = median(ours.map(({ messagesPerSecond }) => messagesPerSecond));
    const target = `≥ ${whole(least.messagesPerSecond)} messages/s`;
    return { what, required, target, measured: `${whole(measured)} messages/s`, met: measured >= least.messagesPerSecond };
  }
  const target = `≥ ${least.ratio < 2 ? `${factor(least.ratio)} of the ${least.against}` : `${least.ratio} × ${least.against}`}`;
  const other = others.find(({ name }) => name === least.against);
  if (other === undefined || other.notOffered !== undefined)
    return { what, required, target, measured: `not measured: ${other?.notOffered ?? "left out"}`, met: undefined };
  return { what, required, target, measured: factor(other.ratio.median), met: other.ratio.median >= least.ratio };
}

function ratioOf({ name, ratio, notOffered }: ComparedOther): Ratio {
  if (notOffered !== undefined) return { against: name, text: "not measured" };
  return { against: name, text: ranged(ratio, factor) };
}

/** Below two as a percentage, above as a multiple. */
function factor(ratio: number): string {
  return ratio < 2 ? `${Math.round(ratio * 100)} %` : `${ratio.toFixed(1)} ×`;
}

export const whole = (value: number): string => Math.round(value).toLocaleString("en");
export const megabytes = (bytes: number | undefined): string => (bytes === undefined ? "?" : `${Math.round(bytes / 1e6)}`);

function tableOf(ourName: string, { ours, others }: Compared): Table {
  const all = [{ name: ourName, measurements: ours }, ...others.filter(({ notOffered }) => notOffered === undefined)];
  return {
    head: ["", "messages/s", "requests/s", "p50 ms", "p99 ms", "server CPU µs/message", "memory MB"],
    rows: all.map(({ name, measurements }) => [name, ...figures(measurements)]),
  };
}

function figures(measurements: readonly Measurement[]): string[] {
  const middle = (of: (measurement: Measurement) => number): number => median(measurements.map(of));
  return [
    whole(middle((m) => m.messagesPerSecond)),
    whole(middle((m) => m.requestsPerSecond)),
    middle((m) => m.overall.p50Ms).toFixed(2),
    middle((m) => m.overall.p99Ms).toFixed(2),
    middle((m) => m.cpuUsPerMessage ?? NaN).toFixed(1),
    megabytes(middle((m) => m.rssBytes ?? NaN)),
  ];
}
