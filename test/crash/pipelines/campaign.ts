import { spawn, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import {
  DeleteMessageBatchCommand,
  GetQueueAttributesCommand,
  GetQueueUrlCommand,
  ReceiveMessageCommand,
  SQSClient,
} from "@aws-sdk/client-sqs";
import { silentLogger } from "../../../src/kernel/logger.ts";
import { seededRandom } from "../../../src/kernel/random.ts";
import { startTestServer, type TestServer } from "../../../src/testing/index.ts";
import type { Pipeline } from "../../../src/worker/index.ts";
import { judge, type Entry } from "./judge.ts";
import { Job, pipelineOf, SHAPES, type Shape } from "./shapes.ts";
import { STEPS, type Step } from "./steps.ts";

export interface CampaignOptions {
  /** Workers that are killed; 48 are each step in each shape once. */
  readonly kills: number;
  /** Jobs that are sent to a shape before each kill in it. */
  readonly jobs: number;
  readonly seed: number;
  /** Instead of every step in turn. */
  readonly step?: Step;
  /** A module that plants a mistake in the workers. */
  readonly plant?: string;
  readonly onKill?: (kill: number, what: string) => void;
}

export interface CampaignReport {
  readonly kills: number;
  readonly jobs: number;
  readonly effects: number;
  /** Messages in ledgers beyond one for each effect; they have the same ids. */
  readonly copies: number;
  /** Steps that a worker did not come to. */
  readonly notReached: readonly string[];
  readonly violations: readonly string[];
}

/** What a dead worker held comes back. Two kills in one shape lie within the five minutes for which FIFO queues know a message again. */
const LEASE_MS = 21_000;

/** How long a worker may take to its step, and how long nothing may change before the end: a machine that is busy with other things is slow. */
const STEP_MS_MAX = 30_000;
const STANDSTILL_MS_MAX = 60_000;

/** The `kill`th step, and the shape it happens in: over 48 kills, every pair once. */
function target(kill: number): { step: (typeof STEPS)[number]; shape: Shape } {
  const step = STEPS[kill % STEPS.length] ?? "after receive";
  const shape = SHAPES[(kill + 5 * Math.floor(kill / STEPS.length)) % SHAPES.length] ?? "straight";
  return { step, shape };
}

/** Kills workers at every step while they work on all shapes, lets others finish, and judges what came of it. */
export async function campaign(options: CampaignOptions): Promise<CampaignReport> {
  const server = await startTestServer({ storageThread: "off" });
  const aws = { endpoint: server.endpoint, region: "us-east-1", credentials: { accessKeyId: "test", secretAccessKey: "test" } };
  const sqs = new SQSClient(aws);
  const pipelines = new Map(SHAPES.map((shape) => [shape, pipelineOf(shape).with({ aws, logger: silentLogger })]));
  try {
    for (const pipeline of pipelines.values()) await pipeline.ensure();
    const scene = new Scene(server, pipelines, options);
    const notReached = await scene.kill();
    const stuck = await scene.finish(sqs);
    const violations: string[] = [];
    let [copies, effects] = [0, 0];
    for (const [shape, pipeline] of pipelines) {
      const ledger = await ledgerOf(sqs, pipeline);
      const ids = new Set(ledger.map(({ id }) => id)).size;
      [copies, effects] = [copies + ledger.length - ids, effects + ids];
      violations.push(...judge({ shape, keys: scene.sent(shape), ledger, stuck: stuck.get(shape) ?? 0 }));
    }
    return { kills: options.kills - notReached.length, jobs: scene.jobs, effects, copies, notReached, violations };
  } finally {
    for (const pipeline of pipelines.values()) await pipeline[Symbol.asyncDispose]();
    sqs.destroy();
    await server.stop();
  }
}

class Scene {
  readonly #server: TestServer;
  readonly #pipelines: ReadonlyMap<Shape, Pipeline>;
  readonly #options: CampaignOptions;
  readonly #random: ReturnType<typeof seededRandom>;
  readonly #sent = new Map<Shape, string[]>();

  constructor(server: TestServer, pipelines: ReadonlyMap<Shape, Pipeline>, options: CampaignOptions) {
    this.#server = server;
    this.#pipelines = pipelines;
    this.#options = options;
    this.#random = seededRandom(options.seed);
  }

  get jobs(): number {
    return [...this.#sent.values()].reduce((sum, keys) => sum + keys.length, 0);
  }

  sent(shape: Shape): readonly string[] {
    return this.#sent.get(shape) ?? [];
  }

  /** @returns the steps that were not reached. */
  async kill(): Promise<string[]> {
    const notReached: string[] = [];
    for (let kill = 0; kill < this.#options.kills; kill += 1) {
      const { shape, step } = { ...target(kill), ...(this.#options.step === undefined ? {} : { step: this.#options.step }) };
      const nth = 1 + Math.floor(this.#random.fraction() * 3);
      const child = this.#worker(shape, step, nth);
      await this.#send(shape);
      const isDead = await endOf(child, STEP_MS_MAX);
      this.#server.clock.advance(LEASE_MS);
      if (!isDead) notReached.push(`${step}, ${shape}, for the ${nth}th time`);
      this.#options.onKill?.(kill + 1, `${step}, ${shape}`);
    }
    return notReached;
  }

  /** Lets a worker finish. @returns what is left in queues, by shape. */
  async finish(sqs: SQSClient): Promise<Map<Shape, number>> {
    const worker = this.#worker("straight", "never", 0);
    let untilMs = Date.now() + STANDSTILL_MS_MAX;
    let held = new Map<Shape, number>();
    let least = Number.POSITIVE_INFINITY;
    let isLate = false;
    do {
      await new Promise((resolve) => setTimeout(resolve, 100));
      // A receive that a dead worker was waiting in may have been answered after its death.
      if (untilMs - Date.now() < STANDSTILL_MS_MAX / 2 && !isLate) {
        isLate = true;
        this.#server.clock.advance(LEASE_MS);
      }
      held = new Map();
      for (const [shape, pipeline] of this.#pipelines) held.set(shape, await heldBy(sqs, pipeline));
      const all = [...held.values()].reduce((sum, count) => sum + count, 0);
      if (all < least) untilMs = Date.now() + STANDSTILL_MS_MAX;
      least = Math.min(least, all);
    } while ([...held.values()].some((count) => count > 0) && Date.now() < untilMs);
    worker.kill("SIGKILL");
    await once(worker, "exit");
    return held;
  }

  async #send(shape: Shape): Promise<void> {
    const pipeline = this.#pipelines.get(shape);
    const keys = this.#sent.get(shape) ?? [];
    this.#sent.set(shape, keys);
    for (let job = 0; job < this.#options.jobs; job += 1) {
      const key = `k${keys.length}`;
      keys.push(key);
      const body: Job = { key, group: `g${keys.length % 4}`, side: "", runs: [] };
      await pipeline?.send("first", body, { id: key });
    }
  }

  #worker(shape: Shape, step: Step, nth: number): ChildProcess {
    const { plant } = this.#options;
    const program = join(import.meta.dirname, "killed-worker.ts");
    const args = [...(plant === undefined ? [] : ["--import", join(import.meta.dirname, plant)]), program, shape, step, String(nth)];
    const env = {
      ...process.env,
      AWS_ENDPOINT_URL: this.#server.endpoint,
      AWS_REGION: "us-east-1",
      AWS_ACCESS_KEY_ID: "test",
      AWS_SECRET_ACCESS_KEY: "test",
    };
    return spawn(process.execPath, args, { env, stdio: ["ignore", "inherit", "inherit"] });
  }
}

/** @returns false where it had to be ended. */
async function endOf(child: ChildProcess, timeMs: number): Promise<boolean> {
  const late = setTimeout(() => child.kill("SIGTERM"), timeMs);
  const later = setTimeout(() => child.kill("SIGKILL"), timeMs + 5000);
  const [, signal] = (await once(child, "exit")) as [number | null, NodeJS.Signals | null];
  const isInTime = late.hasRef() && signal === "SIGKILL";
  clearTimeout(late);
  clearTimeout(later);
  return isInTime;
}

async function urlOf(sqs: SQSClient, QueueName: string): Promise<string> {
  return (await sqs.send(new GetQueueUrlCommand({ QueueName }))).QueueUrl ?? "";
}

/** Messages in all queues of a pipeline but its ledger, dead letters too. */
async function heldBy(sqs: SQSClient, pipeline: Pipeline): Promise<number> {
  let held = 0;
  for (const { name, queue, deadLetterQueue } of pipeline.graph().stages)
    for (const one of name === "ledger" ? [deadLetterQueue] : [queue, deadLetterQueue]) {
      const { Attributes = {} } = await sqs.send(
        new GetQueueAttributesCommand({ QueueUrl: await urlOf(sqs, one), AttributeNames: ["All"] }),
      );
      for (const state of ["", "NotVisible", "Delayed"] as const) held += Number(Attributes[`ApproximateNumberOfMessages${state}`]);
    }
  return held;
}

async function ledgerOf(sqs: SQSClient, pipeline: Pipeline): Promise<Entry[]> {
  const QueueUrl = await urlOf(sqs, pipeline.graph().stages.find(({ name }) => name === "ledger")?.queue ?? "");
  const entries: Entry[] = [];
  for (;;) {
    const { Messages = [] } = await sqs.send(
      new ReceiveMessageCommand({ QueueUrl, MaxNumberOfMessages: 10, MessageAttributeNames: ["All"] }),
    );
    if (Messages.length === 0) return entries;
    for (const { Body = "", MessageAttributes = {} } of Messages)
      entries.push({ id: MessageAttributes["Millrace.Id"]?.StringValue ?? "", job: Job.parse(JSON.parse(Body)) });
    const Entries = Messages.map(({ ReceiptHandle }, index) => ({ Id: String(index), ReceiptHandle }));
    await sqs.send(new DeleteMessageBatchCommand({ QueueUrl, Entries }));
  }
}
