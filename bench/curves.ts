import { mkdirSync, writeFileSync } from "node:fs";
import { fillWithMessages } from "./backlog.ts";
import { echo, millrace } from "./contenders.ts";
import type { Latency, Measurement } from "./job.ts";
import { type Bench, warmUpSeconds } from "./plan.ts";
import { asSvg, type Chart, type Point } from "./report/chart.ts";
import type { Machine } from "./report/machine.ts";
import { startMillrace } from "./servers/start.ts";
import { median } from "./statistics.ts";
import { whole } from "./throughput.ts";

const DIRECTORY = new URL("./curves/", import.meta.url);
const BACKLOGS = [0, 10_000, 100_000, 1_000_000, 10_000_000];
const CONNECTIONS = [1, 4, 16, 64, 256, 1000, 10_000];
/** Of the load on a backlog: what is asked is how long one receive takes, not what the processors can do. */
const FEW = 4;

/** How speed changes with one thing: a point has the measurements of all rounds. */
interface Curve {
  readonly at: readonly number[];
  readonly ours: readonly (readonly Measurement[])[];
  readonly others: readonly (readonly Measurement[])[];
}

/** Measures and draws both curves into `bench/curves/`. */
export async function drawCurves(bench: Bench, machine: Machine): Promise<void> {
  bench.progress.question("backlog", "1/2");
  const backlog = await overBacklog(bench);
  bench.progress.question("connections", "2/2");
  const connections = await overConnections(bench);
  mkdirSync(DIRECTORY, { recursive: true });
  for (const [name, chart] of Object.entries({ ...backlogCharts(backlog), ...connectionCharts(connections) }))
    writeFileSync(new URL(`${name}.svg`, DIRECTORY), asSvg(chart));
  writeFileSync(new URL("README.md", DIRECTORY), page({ backlog, connections, bench, machine }));
}

async function overBacklog(bench: Bench): Promise<Curve> {
  const { children, plan, progress } = bench;
  const directory = children.freshDirectory();
  const at = BACKLOGS.filter((backlog) => backlog <= plan.deep);
  const ours: Measurement[][] = [];
  for (const [index, backlog] of at.entries()) {
    progress.doing(`filling up to ${whole(backlog)}`);
    await fillWithMessages(directory, backlog - (at[index - 1] ?? 0));
    const { port, pid, child } = await startMillrace(children, { directory });
    const measured: Measurement[] = [];
    for (let round = 1; round <= plan.rounds; round += 1)
      measured.push(
        await children.load({
          subject: { kind: "aws", port, pid },
          scenario: "cycle-singles",
          connections: FEW,
          seconds: plan.seconds,
          warmUpSeconds: warmUpSeconds(plan),
        }),
      );
    await child.stop();
    ours.push(measured);
    progress.say(`  ${whole(backlog).padStart(10)} waiting  ${line(measured)}`);
  }
  children.remove(directory);
  return { at, ours, others: [] };
}

async function overConnections(bench: Bench): Promise<Curve> {
  const ours: Measurement[][] = [];
  const others: Measurement[][] = [];
  for (const connections of CONNECTIONS) {
    const [our, theirs] = [millrace(bench, "Millrace", { connections }), echo(bench, { connections })];
    const measured: Measurement[] = [];
    const echoed: Measurement[] = [];
    for (let round = 1; round <= bench.plan.rounds; round += 1) {
      bench.progress.doing(`${connections} connections, round ${round}`);
      echoed.push(await theirs.measure("send"));
      measured.push(await our.measure("send"));
    }
    ours.push(measured);
    others.push(echoed);
    bench.progress.say(`  ${whole(connections).padStart(10)} connections  ${line(measured)}`);
  }
  return { at: CONNECTIONS, ours, others };
}

function backlogCharts({ at, ours }: Curve): Record<string, Chart> {
  return {
    "backlog-latency": {
      title: "A receive, by messages waiting",
      across: "messages waiting",
      up: "milliseconds",
      lines: [
        { name: "p50", points: points(at, ours, (one) => receive(one).p50Ms) },
        { name: "p99", points: points(at, ours, (one) => receive(one).p99Ms) },
      ],
    },
    "backlog-rate": {
      title: "Messages sent, received and deleted, by messages waiting",
      across: "messages waiting",
      up: "messages a second",
      lines: [{ name: `${FEW} connections`, points: points(at, ours, (one) => one.messagesPerSecond) }],
    },
  };
}

function connectionCharts({ at, ours, others }: Curve): Record<string, Chart> {
  return {
    "connections-rate": {
      title: "Durable sends, by connections",
      across: "connections, each with one request in flight",
      up: "sends a second",
      lines: [
        { name: "Millrace", points: points(at, ours, (one) => one.messagesPerSecond) },
        { name: "bare echo", points: points(at, others, (one) => one.messagesPerSecond) },
      ],
    },
    "connections-latency": {
      title: "A durable send, by connections",
      across: "connections, each with one request in flight",
      up: "milliseconds",
      lines: [
        { name: "p50", points: points(at, ours, (one) => one.overall.p50Ms) },
        { name: "p99", points: points(at, ours, (one) => one.overall.p99Ms) },
        { name: "bare echo, p50", points: points(at, others, (one) => one.overall.p50Ms) },
      ],
    },
  };
}

function points(at: readonly number[], measured: Curve["ours"], of: (one: Measurement) => number): Point[] {
  return at.map((value, index) => [value, median((measured[index] ?? []).map(of))]);
}

function receive({ steps }: Measurement): Latency {
  return steps.receive ?? { count: 0, p50Ms: NaN, p99Ms: NaN };
}

function line(measured: readonly Measurement[]): string {
  const middle = (of: (one: Measurement) => number): number => median(measured.map(of));
  return `${whole(middle((one) => one.messagesPerSecond)).padStart(8)} messages/s  p99 ${middle((one) => one.overall.p99Ms).toFixed(2)} ms`;
}

interface Drawn {
  readonly backlog: Curve;
  readonly connections: Curve;
  readonly bench: Bench;
  readonly machine: Machine;
}

/** `bench/curves/README.md`: the figures behind the drawings. */
function page({ backlog, connections, bench: { plan }, machine }: Drawn): string {
  const middle = (measured: readonly Measurement[] | undefined, of: (one: Measurement) => number): number =>
    median((measured ?? []).map(of));
  const [most, last] = [Math.max(...shares(connections)), machine];
  const rows = (curve: Curve, cells: (ours: readonly Measurement[], others: readonly Measurement[] | undefined) => string[]): string[] =>
    curve.at.map((at, index) => `| ${[whole(at), ...cells(curve.ours[index] ?? [], curve.others[index])].join(" | ")} |`);
  return `${[
    "# Curves",
    "Written by `npm run bench -- --curves`. How it is measured stands in [bench/README.md](../README.md).",
    ...(most > 0.05
      ? [`> Other processes took up to ${Math.round(most * 100)} % of the processors meanwhile; look at the shape, not at the figures.`]
      : []),
    "## How much waits",
    `![A receive, by messages waiting](backlog-latency.svg)\n![Messages a second, by messages waiting](backlog-rate.svg)`,
    `Messages of 200 bytes wait; ${FEW} connections send, receive and delete one message at a time, and receive the oldest first.`,
    [
      "| waiting | cycles/s | receive p50 ms | receive p99 ms | memory MB |",
      "|---|---|---|---|---|",
      ...rows(backlog, (ours) => [
        whole(middle(ours, (one) => one.messagesPerSecond)),
        middle(ours, (one) => receive(one).p50Ms).toFixed(2),
        middle(ours, (one) => receive(one).p99Ms).toFixed(2),
        (middle(ours, (one) => one.rssBytes ?? NaN) / 1e6).toFixed(0),
      ]),
    ].join("\n"),
    "## How many ask",
    `![Sends a second, by connections](connections-rate.svg)\n![A send, by connections](connections-latency.svg)`,
    "SendMessage of 1 KB, durable, every connection with one request in flight; the bare echo is node:http with nothing behind it, given the same bytes.",
    [
      "| connections | sends/s | p50 ms | p99 ms | server CPU µs/send | memory MB | bare echo, requests/s | of the echo |",
      "|---|---|---|---|---|---|---|---|",
      ...rows(connections, (ours, others) => [
        whole(middle(ours, (one) => one.messagesPerSecond)),
        middle(ours, (one) => one.overall.p50Ms).toFixed(2),
        middle(ours, (one) => one.overall.p99Ms).toFixed(2),
        middle(ours, (one) => one.cpuUsPerMessage ?? NaN).toFixed(0),
        (middle(ours, (one) => one.rssBytes ?? NaN) / 1e6).toFixed(0),
        whole(middle(others, (one) => one.messagesPerSecond)),
        `${Math.round((100 * middle(ours, (one) => one.messagesPerSecond)) / middle(others, (one) => one.messagesPerSecond))} %`,
      ]),
    ].join("\n"),
    `${new Date().toISOString().slice(0, 10)} · ${last.processors}, ${last.memoryGb} GiB, ${last.fileSystem} · Node ${last.node} · Millrace ${last.millrace} · ${plan.seconds} s and ${plan.rounds} round${plan.rounds === 1 ? "" : "s"} a point`,
  ].join("\n\n")}\n`;
}

/** What others took of the machine, measurement by measurement. */
function shares({ ours }: Curve): number[] {
  return [0, ...ours.flat().flatMap(({ othersShare }) => (othersShare === undefined ? [] : [othersShare]))];
}
