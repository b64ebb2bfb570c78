import { assert } from "../kernel/assert.ts";
import { silentLogger } from "../kernel/logger.ts";
import { seededRandom } from "../kernel/random.ts";
import type { Pipeline, PipelineConnection, PipelineGraph, StageRef } from "../worker/index.ts";
import { durationMs } from "../worker/rules/duration.ts";
import { emittedOf, type Emitted } from "./emitted.ts";
import type { CrashPoint, Faults } from "./network.ts";
import { deadLetters, type DeadLetter } from "./queues.ts";
import { StageRuns } from "./stage-runs.ts";
import type { TestClock } from "./test-consumer.ts";
import { startTestServer, type TestServer } from "./test-server.ts";

type StageRefs = Readonly<Record<string, StageRef>>;

export interface TestPipelineOptions {
  /** Repeats everything that is left to chance: orders, duplicates, faults, backoff. Default 1. */
  readonly seed?: number;
  /** Handlers at a time for each stage. Default 1, and one for each queue where there are lanes, all of which are waited at: more, and a seed repeats less. */
  readonly concurrency?: number;
}

/** A pipeline in memory, where nothing happens by itself. */
export interface TestPipeline<Name extends string, Stages extends StageRefs> extends AsyncDisposable {
  readonly server: TestServer;
  readonly clock: TestClock;
  /** The pipeline on this server, past all faults: for `status`, `cancel` and the like. */
  readonly pipeline: Pipeline<Name, Stages>;
  readonly send: Pipeline<Name, Stages>["send"];
  /** Lets all stages work until nothing can be received and nothing is held. */
  drain(): Promise<void>;
  /** Kills a stage's worker at this point with the next message that comes there; another worker takes its place. */
  crash(stage: string, options: { readonly after: CrashPoint }): Promise<void>;
  /** What was emitted so far as `stage.output` and acknowledged, repetitions included. */
  emitted(output: string): Emitted[];
  /** What is in a stage's dead-letter queue, and why. */
  dead(stage: string): Promise<DeadLetter[]>;
  /** From now on, for all stages. */
  faults(faults: Faults): void;
}

/**
 * Starts a server in memory, creates what the pipeline needs on it, and starts a worker for each of its stages. The pipeline is
 * the one that runs in production; nothing in it knows of the test.
 *
 *     await using env = await testPipeline(photos);
 *     await env.send("resize", upload);
 *     await env.crash("resize", { after: "publish" });
 *     await env.clock.advance("5m");
 *     await env.drain();
 */
export async function testPipeline<Name extends string, Stages extends StageRefs>(
  pipeline: Pipeline<Name, Stages>,
  options: TestPipelineOptions = {},
): Promise<TestPipeline<Name, Stages>> {
  const { seed = 1, concurrency = 1 } = options;
  const server = await startTestServer({ seed });
  const { clock } = server;
  const graph = pipeline.graph();
  const at = (endpoint: string): PipelineConnection => {
    const { region, credentials } = server.clientConfig();
    return {
      aws: { endpoint, region, credentials, maxAttempts: 1, forcePathStyle: true },
      clock,
      logger: silentLogger,
      random: seededRandom(seed),
    };
  };
  const direct = pipeline.with(at(server.endpoint));
  await direct.ensure();
  const queuesOf = (name: string) => 1 + stageNamed(graph, name).lanes.length;
  const start = (name: string, endpoint: string) => {
    const connected = pipeline.with(at(endpoint));
    const slots = Math.max(concurrency, queuesOf(name));
    const { workers, stopped } = connected.work({ stages: [name], concurrency: slots, signals: false, sweep: false });
    void stopped.then(async () => await connected[Symbol.asyncDispose]());
    const worker = workers.get(name);
    assert(worker !== undefined, `stage ${name} has a worker`);
    return worker;
  };
  const names = graph.stages.map((stage) => stage.name);
  const runs = await StageRuns.start({ endpoint: server.endpoint, clock, random: seededRandom(seed), names, queuesOf, start });
  return {
    server,
    clock: { nowMs: () => clock.nowMs(), advance: async (duration) => await runs.advance(durationMs(duration, "advance's duration")) },
    pipeline: direct,
    send: async (stage, body, sendOptions) => await direct.send(stage, body, sendOptions),
    drain: async () => await runs.drain(),
    crash: async (stage, { after }) => await runs.crash(stage, after),
    emitted: (output) => {
      const { stage, targets } = outputNamed(graph, output);
      return runs.sent(stage).flatMap((sent) => (targets.has(sent.target) ? [emittedOf(sent)] : []));
    },
    dead: async (stage) => await deadLetters(server.endpoint, stageNamed(graph, stage).deadLetterQueue),
    faults: (faults) => runs.setFaults(faults),
    [Symbol.asyncDispose]: async () => {
      await runs.stop();
      await direct[Symbol.asyncDispose]();
      await server.stop();
    },
  };
}

function stageNamed(graph: PipelineGraph, name: string): PipelineGraph["stages"][number] {
  const stage = graph.stages.find((stage) => stage.name === name);
  assert(stage !== undefined, `there is no stage ${JSON.stringify(name)}; there are ${graph.stages.map(({ name }) => name).join(", ")}`);
  return stage;
}

/** Where the messages of `stage.output` go: the queues of the one stage that takes them, or their topic. */
function outputNamed(graph: PipelineGraph, text: string): { stage: string; targets: ReadonlySet<string> } {
  const edges = graph.edges.filter(({ from, output }) => `${from}.${output}` === text);
  const known = [...new Set(graph.edges.map(({ from, output }) => `${from}.${output}`))].join(", ");
  const [first] = edges;
  assert(first !== undefined, `there is no output ${JSON.stringify(text)}; there are ${known || "none"}`);
  const targets = edges.flatMap(({ topic, to }) => {
    if (topic !== null) return [topic];
    const { queue, lanes } = stageNamed(graph, to ?? "");
    return [queue, ...lanes.map((lane) => lane.queue)];
  });
  return { stage: first.from, targets: new Set(targets) };
}
