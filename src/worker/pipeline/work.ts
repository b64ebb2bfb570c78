import { assert } from "../../kernel/assert.ts";
import { awsSqs } from "../aws.ts";
import { settingsOf, type OutputTarget, type Settings } from "../options.ts";
import type { Duration } from "../rules/duration.ts";
import { laneOutput } from "../rules/outgoing.ts";
import { PlainQueues } from "../plain-queues.ts";
import { pollsMax } from "../rules/slots.ts";
import { stopOnSignals } from "../signals.ts";
import { Worker, type StopReport } from "../worker.ts";
import { outputsOf, stageNamed, type OutputDefinition, type PipelineDefinition, type StageDefinition } from "./definition.ts";
import { AGAIN, aroundStage, type HandlingParts } from "./handling.ts";
import { aroundJoin } from "./join.ts";
import { followPointer } from "./large-bodies.ts";
import { patientObjects } from "./patient-objects.ts";
import { Schedule } from "./schedule.ts";
import { Sender } from "./send.ts";
import { lanesOf } from "./stage-queues.ts";
import { Sweeper } from "./sweep.ts";
import type { PipelineParts } from "./clients.ts";

export interface WorkRequest {
  /** Names of the stages to work on; default all. */
  readonly stages?: readonly string[];
  /** Handlers at a time for each stage, instead of what the stages say. */
  readonly concurrency?: number;
  /**
   * Whether this process takes turns at removing records of keys that no message can ask for any more. Default true. Where nobody
   * does, give the prefix `millrace/claims/` a lifecycle rule.
   */
  readonly sweep?: boolean;
  /** Whether SIGTERM and SIGINT stop the workers and then end the process. Default true. */
  readonly signals?: boolean;
}

/** The workers of some stages of a pipeline in this process. */
export interface PipelineWorkers extends AsyncDisposable {
  /** By the names of the stages. */
  readonly workers: ReadonlyMap<string, Worker>;
  /** Stops all of them, as `Worker.stop`. */
  stop(options?: { readonly grace?: Duration }): Promise<StopReport>;
  /** Resolves when all have stopped, whoever asked for it. */
  readonly stopped: Promise<StopReport>;
}

/** Starts a worker for each of the stages. @throws {AssertionFailed} when there is no such stage, or an option is out of its range. */
export function startWork(definition: PipelineDefinition, parts: PipelineParts, request: WorkRequest): PipelineWorkers {
  const stages = (request.stages ?? [...definition.stages.keys()]).map((name) => stageNamed(definition, name));
  assert(stages.length > 0, "stages must name at least one stage");
  const all = stages.map((stage) => {
    const lanes = new Map(lanesOf(stage).map(({ queue, weight }) => [queue, weight]));
    return { stage, settings: { ...settingsFor(definition, parts, { stage, concurrency: request.concurrency }), lanes } };
  });
  // One client for all, with a connection for every long poll and as many again for everything else.
  const sockets = all.map(({ settings: { concurrency, lanes } }) => (2 * pollsMax(concurrency) + 10) * (1 + lanes.size));
  const client = parts.clients.newSqs(sockets.reduce((sum, each) => sum + each, 0));
  const sqs = awsSqs(client, parts.clients.publish, new PlainQueues(client, parts));
  const workers = new Map<string, Worker>();
  const schedules: Schedule[] = [];
  for (const { stage, settings } of all) {
    const worker = new Worker(stage.names.queue, settings, { ...parts, sqs });
    workers.set(stage.name, worker);
    void worker.stopped.then(() => settings.close?.());
    if (stage.schedule === undefined) continue;
    const schedule = scheduleOf(definition, parts, stage);
    schedules.push(schedule);
    void worker.stopped.then(() => schedule.stop());
  }
  const sum = async (reports: readonly Promise<StopReport>[]): Promise<StopReport> => ({
    released: (await Promise.all(reports)).reduce((released, report) => released + report.released, 0),
  });
  const stopped = sum([...workers.values()].map(async (worker) => await worker.stopped));
  const sweeper = (request.sweep ?? true) ? new Sweeper(definition, parts) : undefined;
  void stopped.then(() => {
    sweeper?.stop();
    client.destroy();
  });
  const stop = async (options: { readonly grace?: Duration } = {}) => {
    for (const schedule of schedules) schedule.stop();
    return await sum([...workers.values()].map(async (worker) => await worker.stop(options)));
  };
  const hurry = () => {
    for (const worker of workers.values()) worker.hurry();
  };
  if (request.signals ?? true) stopOnSignals({ stop, stopped, hurry }, { host: process, log: parts.log });
  return { workers, stop, stopped, [Symbol.asyncDispose]: async () => void (await stop()) };
}

function scheduleOf(definition: PipelineDefinition, parts: PipelineParts, stage: StageDefinition): Schedule {
  const sender = new Sender(definition, parts);
  return new Schedule(stage, {
    ...parts,
    objects: async () => await parts.clients.objects(definition.bucket),
    send: async (body, options) => await sender.send(stage.name, body, options),
  });
}

export interface StageSettings extends Settings {
  /** To be called when the worker has stopped. */
  readonly close: (() => void) | undefined;
}

/** What a worker on any one queue of this stage is told. */
export function settingsFor(
  definition: PipelineDefinition,
  parts: PipelineParts,
  about: { stage: StageDefinition; concurrency?: number | undefined },
): StageSettings {
  const { stage } = about;
  const outputs = outputsOf(definition, stage);
  const { run, close } = stage.handler(parts);
  const settings = settingsOf({
    ...stage.work,
    ...(about.concurrency === undefined ? {} : { concurrency: about.concurrency }),
    input: stage.input,
    deadLetterQueue: stage.names.deadLetterQueue,
    run: run as Settings["run"],
  });
  const { clock, random, clients } = parts;
  const objects = async () => patientObjects(await clients.objects(definition.bucket), { clock, random, timeMs: settings.leaseMs });
  const byName = new Map(outputs.map((output) => [output.name, output]));
  const handling: HandlingParts = {
    stage,
    outputs: byName,
    bucket: definition.bucket,
    objects,
    clock,
    random,
    leaseMs: settings.leaseMs,
    limits: settings.limits,
  };
  const targets: [string, OutputTarget | { self: true }][] = [
    [AGAIN, { self: true }],
    ...outputs.map(({ name, target }): [string, OutputTarget] => [name, target]),
    ...outputs.flatMap(laneTargets),
  ];
  return {
    ...settings,
    stage: stage.names.queue,
    close,
    outputs: Object.fromEntries(targets),
    bodyOf: async (message, signal) => await followPointer(objects, message, signal),
    around: stage.join === undefined ? aroundStage(handling) : aroundJoin(handling, stage.join),
  };
}

/** The lanes of the one stage that an output goes straight to. */
function laneTargets({ name, target, arrows }: OutputDefinition): [string, string][] {
  const [only] = arrows;
  if (typeof target !== "string" || only === undefined) return [];
  return lanesOf(only.to).map(({ name: lane, queue }) => [laneOutput(name, lane), queue]);
}
