import { SQSClient } from "@aws-sdk/client-sqs";
import { silentLogger } from "../../../src/kernel/logger.ts";
import { seededRandom } from "../../../src/kernel/random.ts";
import { startTestServer, type TestServer } from "../../../src/testing/index.ts";
import type { Pipeline } from "../../../src/worker/index.ts";
import { judge } from "./judge.ts";
import { Queues } from "./queues.ts";
import { pipelineOf, SHAPES, type Job, type Shape } from "./shapes.ts";
import { Targets, targetOf } from "./targets.ts";
import type { Target } from "./killed-worker.ts";
import { WorkerProcess } from "./worker-process.ts";

export interface CampaignOptions {
  /** Workers that die; 72 are each step in each shape once. */
  readonly kills: number;
  /** Jobs that are sent, in as many parts as workers die. */
  readonly jobs: number;
  readonly seed: number;
  /** Default: all. */
  readonly shapes?: readonly Shape[] | undefined;
  /** Instead of every step and shape in turn: so many jobs, and one worker that dies here. */
  readonly target?: Target | undefined;
  /** The name of a mistake that is planted in all workers. */
  readonly fault?: string | undefined;
  readonly onKill?: (kill: number, what: string) => void;
  /** How many messages the survivors have still to work on, now and then. */
  readonly onLeft?: (messages: number) => void;
}

export interface CampaignReport {
  readonly kills: number;
  /** Of the 72 pairs of a step and a shape, those at which a worker has died. */
  readonly places: number;
  readonly jobs: number;
  readonly effects: number;
  /** Messages in ledgers beyond one for each effect; they have the same ids. */
  readonly copies: number;
  /** Steps that no worker came to. */
  readonly notReached: readonly string[];
  readonly violations: readonly string[];
}

/** What dead workers held comes back. FIFO queues know a message again for five minutes, in which each shape has its turn seven times. */
const LEASE_MS = 21_000;

/** So many workers die in one such time. Two of them work on each shape. */
const AT_ONCE = 4;

/** Who does the rest, when all have died that were to. */
const SURVIVORS = 2;

/** For how long a receive of the ledger hides a message. */
const HIDDEN_MS = 31_000;

const LOOK_MS = 250;
const TELL_MS = 10_000;
/** Where nothing has changed for so long, something may be held by the dead: a receive of theirs was answered after their death. */
const STILL_MS = 5000;
/** So often that is believed: together with what went before, less than the five minutes. */
const STILL_TIMES_MAX = 8;
/** Then what is held counts as stuck, if nothing changes for so long. */
const STUCK_MS = 120_000;

interface Scene {
  readonly server: TestServer;
  readonly pipelines: ReadonlyMap<Shape, { readonly pipeline: Pipeline; readonly queues: Queues; readonly keys: string[] }>;
  readonly options: CampaignOptions;
}

/** Kills workers at every step while they work on all shapes, lets others finish, and judges what came of it. */
export async function campaign(options: CampaignOptions): Promise<CampaignReport> {
  const server = await startTestServer({ storageThread: "off" });
  const aws = { endpoint: server.endpoint, region: "us-east-1", credentials: { accessKeyId: "test", secretAccessKey: "test" } };
  const sqs = new SQSClient(aws);
  const pipelines = new Map(
    shapesOf(options).map((shape) => {
      const pipeline = pipelineOf(shape).with({ aws, logger: silentLogger });
      return [shape, { pipeline, queues: new Queues(sqs, pipeline.graph().stages), keys: [] as string[] }];
    }),
  );
  try {
    for (const { pipeline } of pipelines.values()) await pipeline.ensure();
    const scene = { server, pipelines, options };
    const killed = await (options.target === undefined ? killInTurn(scene) : killAt(scene, options.target));
    const broken = await finish(scene);
    const violations = [...killed.broken, ...broken];
    let [jobs, copies, effects] = [0, 0, 0];
    for (const [shape, { pipeline, queues, keys }] of pipelines) {
      const ledger = await queues.ledger(() => server.clock.advance(HIDDEN_MS));
      const ids = new Set(ledger.map(({ id }) => id)).size;
      [jobs, copies, effects] = [jobs + keys.length, copies + ledger.length - ids, effects + ids];
      const stuck = (await queues.held()) + (await queues.dead());
      for (const violation of judge({ shape, keys, ledger, stuck })) violations.push(await withRecords(violation, pipeline));
    }
    const { kills, places, notReached } = killed;
    return { kills, places, jobs, effects, copies, notReached, violations };
  } finally {
    for (const { pipeline } of pipelines.values()) await pipeline[Symbol.asyncDispose]();
    sqs.destroy();
    await server.stop();
  }
}

function shapesOf({ shapes, target }: CampaignOptions): readonly Shape[] {
  return target === undefined ? (shapes ?? SHAPES) : [target.shape];
}

type Killed = Pick<CampaignReport, "kills" | "places" | "notReached"> & { readonly broken: readonly string[] };

/** What is missing, with what the claim records say of it. */
async function withRecords(violation: string, pipeline: Pipeline): Promise<string> {
  const [, key, side] = /(k\d+)\/(\S+) is missing$/.exec(violation) ?? [];
  if (key === undefined) return violation;
  const said = pipeline.graph().stages.flatMap(({ name }) => [key, `${key}/`, `${key}/${side}`].map((one) => ({ name, one })));
  const states = await Promise.all(said.map(async ({ name, one }) => [name, (await pipeline.status(name as never, one))?.state]));
  const known = states.filter(([, state]) => state !== undefined).map(([name, state]) => `${name} is ${state}`);
  return `${violation} (${known.join(", ") || "no stage has a record of it"})`;
}

/** Waves of jobs, and workers that each work on two shapes and die in one of them. */
async function killInTurn(scene: Scene): Promise<Killed> {
  const { options, server } = scene;
  const random = seededRandom(options.seed);
  const targets = new Targets({ ...options, shapes: shapesOf(options) });
  const broken: string[] = [];
  const taken = () => targets.take(AT_ONCE).map((attempt) => ({ attempt, worker: started(scene) }));
  let kills = 0;
  for (let next = taken(); next.length > 0;) {
    const wave = next;
    for (const [index, { attempt, worker }] of wave.entries()) {
      const waiting = await send(scene, attempt.shape, attempt.jobs);
      const shapes = new Set([attempt.shape, wave[(index + 1) % wave.length]?.attempt.shape ?? attempt.shape]);
      worker.go({ shapes: [...shapes], target: targetOf(attempt, waiting, random.fraction()) });
    }
    // The next ones start while these work.
    next = taken();
    for (const { attempt, worker } of wave) {
      const { end, how } = await worker.ended;
      const what = `${attempt.step}, ${attempt.shape}`;
      if (end === "reached") targets.hit(attempt);
      else targets.missed(attempt);
      if (end === "broken") broken.push(`a worker that was to die ${what} ${how}`);
      if (end === "reached") kills += 1;
      options.onKill?.(kills, end === "reached" ? what : `${what}: not yet, the worker is ${end}`);
    }
    await theDeadAreGone(server);
    if (next.length === 0) next = taken();
  }
  return { ...targets.done, notReached: targets.notReached, broken };
}

/** One worker, all jobs at once, one place: for mistakes that are sure to show there. */
async function killAt(scene: Scene, target: Target): Promise<Killed> {
  const { options, server } = scene;
  await send(scene, target.shape, options.jobs);
  const worker = started(scene);
  worker.go({ shapes: [target.shape], target });
  const { end, how } = await worker.ended;
  await theDeadAreGone(server);
  const what = `${target.step}, ${target.shape}`;
  const kills = end === "reached" ? 1 : 0;
  return { kills, places: kills, notReached: kills === 1 ? [] : [what], broken: end === "broken" ? [`${what}: the worker ${how}`] : [] };
}

function started({ server, options }: Scene): WorkerProcess {
  return new WorkerProcess({ endpoint: server.endpoint, fault: options.fault });
}

/** Their last requests have been read, and what they held comes back. */
async function theDeadAreGone({ clock }: TestServer): Promise<void> {
  for (let turn = 0; turn < 20; turn += 1) await new Promise(setImmediate);
  clock.advance(LEASE_MS);
}

/** Sends jobs to a shape, one after the other, since their order is judged. @returns how many wait there. */
async function send({ pipelines }: Scene, shape: Shape, jobs: number): Promise<number> {
  const { pipeline, queues, keys } = at(pipelines, shape);
  for (let job = 0; job < jobs; job += 1) {
    const key = `k${keys.length}`;
    const body: Job = { key, group: `g${keys.length % 8}`, side: "", runs: [] };
    keys.push(key);
    await pipeline.send("first", body, { id: key });
  }
  return await queues.in("first");
}

function at<Value>(map: ReadonlyMap<Shape, Value>, shape: Shape): Value {
  const value = map.get(shape);
  if (value === undefined) throw new Error(`there is no pipeline of shape ${shape}`);
  return value;
}

/** Lets workers do what is left, until that is nothing or stands still. @returns what ended them but us. */
async function finish(scene: Scene): Promise<string[]> {
  const workers = Array.from({ length: scene.options.target === undefined ? SURVIVORS : 1 }, () => started(scene));
  for (const worker of workers) worker.go({ shapes: [...scene.pipelines.keys()] }, false);
  const broken: string[] = [];
  for (const worker of workers)
    void worker.ended.then(({ end, how }) => {
      if (end === "broken") broken.push(`a worker that was to finish ${how}`);
    });
  await untilNothingIsHeld(scene);
  for (const worker of workers) worker.kill();
  await Promise.all(workers.map(async (worker) => await worker.ended));
  return broken;
}

async function untilNothingIsHeld({ pipelines, server, options }: Scene): Promise<void> {
  const open = new Set(pipelines.values());
  let [seen, seenMs, stills, toldMs] = ["", Date.now(), 0, Date.now()];
  while (open.size > 0) {
    await new Promise((resolve) => setTimeout(resolve, LOOK_MS));
    let [state, left] = ["", 0];
    for (const one of open) {
      const held = await one.queues.held();
      if (held === 0) open.delete(one);
      state += ` ${held} ${await one.queues.in("ledger")}`;
      left += held;
    }
    if (Date.now() - toldMs >= TELL_MS) {
      toldMs = Date.now();
      options.onLeft?.(left);
    }
    if (state !== seen) [seen, seenMs] = [state, Date.now()];
    else if (stills === STILL_TIMES_MAX) {
      if (Date.now() - seenMs >= STUCK_MS) return;
    } else if (Date.now() - seenMs >= STILL_MS) {
      stills += 1;
      server.clock.advance(LEASE_MS);
      seenMs = Date.now();
    }
  }
}
