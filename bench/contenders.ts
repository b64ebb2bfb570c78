import type { Delivered, Job, Keys, Measurement, QueueKind, ReplyBytes, ScenarioName, SubjectOfLoad } from "./job.ts";
import { type Bench, CONNECTIONS, warmUpSeconds } from "./plan.ts";
import { type RunningServer, startEcho, startFauxqs, startMillrace } from "./servers/start.ts";

/** Something that takes the load: started for each measurement, warmed up, measured, stopped, its data removed. */
export interface Contender {
  readonly name: string;
  /** @throws {NotOffered} */
  measure(scenario: ScenarioName): Promise<Measurement>;
}

export const BENCH_KEYS: Keys = { accessKeyId: "AKIABENCH00000000001", secretAccessKey: "a-secret-for-the-benchmark-alone" };

/** What differs from the load that all are compared under. */
export type OtherLoad = Partial<Pick<Job, "connections" | "bodyBytes">>;

export function millrace(bench: Bench, name = "Millrace", load: OtherLoad = {}): Contender {
  const start = () => startMillrace(bench.children, { directory: bench.children.freshDirectory() });
  return { name, measure: (scenario) => onServer(bench, { scenario, start, subject: aws(), load }) };
}

/** Each batch made when it is sent, for the one kind of queue or the other. */
export function millraceOn(bench: Bench, queue: QueueKind): Contender {
  const start = () => startMillrace(bench.children, { directory: bench.children.freshDirectory() });
  const subject = ({ port, pid }: RunningServer): SubjectOfLoad => ({ kind: "aws", port, pid, queue });
  const name = `Millrace, ${queue === "fifo" ? "FIFO" : "standard"} queue`;
  return { name, measure: (scenario) => onServer(bench, { scenario, start, subject }) };
}

/** Each batch of ten is one publish to a topic with ten queues. */
export function millracePublishing(bench: Bench, delivered: Delivered): Contender {
  const start = () => startMillrace(bench.children, { directory: bench.children.freshDirectory() });
  const subject = ({ port, pid }: RunningServer): SubjectOfLoad => ({ kind: "topic", port, pid, delivered });
  const name = delivered === "raw" ? "Publish, raw delivery" : "Publish, signed envelopes";
  return { name, measure: (scenario) => onServer(bench, { scenario, start, subject }) };
}

export function millraceSigned(bench: Bench): Contender {
  const start = () => startMillrace(bench.children, { directory: bench.children.freshDirectory(), keys: BENCH_KEYS });
  return { name: "Millrace, SigV4 verified", measure: (scenario) => onServer(bench, { scenario, start, subject: aws(BENCH_KEYS) }) };
}

export function fauxqsInMemory(bench: Bench): Contender {
  const start = () => startFauxqs(bench.children, bench.peer);
  return { name: "fauxqs in memory", measure: (scenario) => onServer(bench, { scenario, start, subject: aws() }) };
}

export function fauxqsDurable(bench: Bench): Contender {
  const start = () => startFauxqs(bench.children, bench.peer, bench.children.freshDirectory());
  return { name: "fauxqs durable", measure: (scenario) => onServer(bench, { scenario, start, subject: aws() }) };
}

export function echo(bench: Bench, load: OtherLoad = {}): Contender {
  let replyBytes: ReplyBytes | undefined;
  return {
    name: "bare echo",
    async measure(scenario) {
      replyBytes ??= await replyBytesOf(bench, scenario, load);
      const sized = replyBytes;
      const subject = ({ port, pid }: RunningServer): SubjectOfLoad => ({ kind: "echo", port, pid, replyBytes: sized });
      return onServer(bench, { scenario, start: () => startEcho(bench.children), subject, load });
    },
  };
}

export function engine(bench: Bench): Contender {
  return {
    name: "raw engine",
    async measure(scenario) {
      const directory = bench.children.freshDirectory();
      const measurement = await bench.children.load({ ...timesOf(bench), scenario, subject: { kind: "engine", directory } });
      bench.children.remove(directory);
      return measurement;
    },
  };
}

function aws(keys?: Keys): (server: RunningServer) => SubjectOfLoad {
  return ({ port, pid }) => ({ kind: "aws", port, pid, ...(keys === undefined ? {} : { keys }) });
}

interface Measured {
  readonly scenario: ScenarioName;
  readonly start: () => Promise<RunningServer>;
  readonly subject: (server: RunningServer) => SubjectOfLoad;
  readonly load?: OtherLoad;
}

async function onServer(bench: Bench, { scenario, start, subject, load }: Measured): Promise<Measurement> {
  const server = await start();
  const measurement = await bench.children.load({ ...timesOf(bench), ...load, scenario, subject: subject(server) });
  await server.stop();
  return measurement;
}

function timesOf({ plan }: Bench): Pick<Job, "connections" | "warmUpSeconds" | "seconds"> {
  return { connections: CONNECTIONS, warmUpSeconds: warmUpSeconds(plan), seconds: plan.seconds };
}

/** How large Millrace's replies are, asked of one on the side. */
async function replyBytesOf({ children }: Bench, scenario: ScenarioName, load: OtherLoad): Promise<ReplyBytes> {
  const server = await startMillrace(children, {});
  const subject: SubjectOfLoad = { kind: "aws", port: server.port, pid: server.pid };
  const { replyBytes } = await children.load({ ...load, subject, scenario, connections: 1, warmUpSeconds: 0, seconds: 0.1 });
  await server.stop();
  return replyBytes;
}
