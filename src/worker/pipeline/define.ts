import { assert, AssertionFailed } from "../../kernel/assert.ts";
import { DAY_MS, HOUR_MS } from "../../kernel/units.ts";
import { cronTimes, type NextTime } from "../cron.ts";
import type { Isolation } from "../isolation/isolate.ts";
import { durationMs, type Duration } from "../rules/duration.ts";
import type { FilterPolicy } from "../rules/filter-policy.ts";
import { bucketName, checkName, queueNames } from "../rules/pipeline-names.ts";
import type { Schema, SentTo } from "../standard-schema.ts";
import { checkRoutes } from "./check.ts";
import type {
  JoinDefinition,
  LanesDefinition,
  PipelineDefinition,
  RouteDefinition,
  ScheduleDefinition,
  StageDefinition,
  StageHandler,
  StageKind,
  WorkOptions,
} from "./definition.ts";
import type { Bodies, Schemas, StageRef } from "./edge.ts";
import { toLambda } from "./lambda.ts";
import { Pipeline } from "./pipeline.ts";
import { execStage, functionStage, httpStage, type ExecStageOptions, type HttpStageOptions } from "./runners.ts";
import type { JoinOptions, Stage, StageOptions } from "./stage.ts";

/** Each lane is asked for messages by itself. */
const LANES_MAX = 9;
const WEIGHT_MAX = 1000;

/** Declares the stages of a pipeline. */
export interface PipelineBuilder {
  /** A stage that runs a function for each message. */
  stage<const Name extends string, Input extends Schema, Outputs extends Schemas = Record<never, never>>(
    name: Name,
    options: StageOptions<Input, Outputs>,
  ): Stage<Name, SentTo<Input>, Bodies<Outputs>>;
  /** A fan-in: runs once for each key, when all its parts have come. */
  join<const Name extends string, Input extends Schema, Outputs extends Schemas = Record<never, never>>(
    name: Name,
    options: JoinOptions<Input, Outputs>,
  ): Stage<Name, SentTo<Input>, Bodies<Outputs>>;
  /** A stage that runs a command for each message: JSON on its standard input; see `execHandler`. */
  exec<const Name extends string, Input extends Schema, Outputs extends Schemas = Record<never, never>>(
    name: Name,
    options: ExecStageOptions<Input, Outputs>,
  ): Stage<Name, SentTo<Input>, Bodies<Outputs>>;
  /** A stage that posts each message to a web application; see `pushHandler`. */
  http<const Name extends string, Input extends Schema>(
    name: Name,
    options: HttpStageOptions<Input>,
  ): Stage<Name, SentTo<Input>, Record<never, never>>;
}

export interface PipelineOptions {
  /** The bucket of claim records, parts, large bodies and `ctx.objects`. Default: the pipeline's name and `-objects`. */
  readonly bucket?: string;
}

/**
 * Declares a pipeline: stages, each with a queue, and where their outputs go. Nothing is started or asked for.
 * @param build declares and wires the stages, and returns those that are sent to from outside or run behind Lambda.
 * @throws {AssertionFailed} when a name is taken or cannot be one, an output leads nowhere, or an option is out of its range.
 */
export function definePipeline<const Name extends string, const Stages extends Readonly<Record<string, StageRef>>>(
  name: Name,
  build: (p: PipelineBuilder) => Stages,
  options: PipelineOptions = {},
): Pipeline<Name, Stages> {
  checkName("a pipeline's name", name);
  const stages = new Map<string, StageDefinition>();
  const routes: RouteDefinition[] = [];
  const definition: PipelineDefinition = { name, bucket: options.bucket ?? bucketName(name), stages, routes };
  const returned = build(builderOf(definition, stages, routes));
  assert(stages.size > 0, `pipeline ${name} has no stages`);
  checkRoutes(definition);
  return new Pipeline(definition, returned);
}

/** What stages of all kinds are given, with the types gone. */
interface GivenOptions extends WorkOptions {
  readonly input: Schema;
  readonly outputs?: Schemas;
  readonly topics?: Readonly<Record<string, string | undefined>>;
  readonly queue?: string;
  readonly fifo?: { readonly group: (message: never) => string };
  readonly tenant?: (message: never) => string;
  readonly lanes?: { readonly weights: Readonly<Record<string, number>>; readonly of: (message: never) => string | undefined };
  readonly idempotency?: { readonly key: (message: never) => string };
  readonly schedule?: {
    readonly cron: string;
    readonly timeZone?: string;
    readonly catchUp?: Duration;
    readonly message: (at: Date) => unknown;
  };
}

function builderOf(pipeline: PipelineDefinition, stages: Map<string, StageDefinition>, routes: RouteDefinition[]): PipelineBuilder {
  const add = (
    about: { kind: StageKind; name: string; join?: JoinDefinition; handler: StageDefinition["handler"] },
    given: GivenOptions,
  ) => {
    const { name } = about;
    assert(!stages.has(name), `pipeline ${pipeline.name} has two stages named ${JSON.stringify(name)}`);
    const stage = definitionOf(pipeline.name, { join: undefined, ...about }, given);
    stages.set(name, stage);
    return handleOf(pipeline, stage, routes);
  };
  // The compiler has matched schemas, handlers and outputs; from here on they are only passed along.
  const builder = {
    stage: (name: string, { run, isolation, ...given }: GivenOptions & { run: StageHandler | URL; isolation?: Isolation }) =>
      add({ kind: "stage", name, handler: functionStage(name, { run, isolation }) }, given),
    join(name: string, options: GivenOptions & JoinOptions<Schema, Schemas>) {
      const { key: _key, distinct: _distinct, expect: _expect, within: _within, run, isolation, ...given } = options;
      return add({ kind: "join", name, join: joinOf(name, options), handler: functionStage(name, { run, isolation }) }, given);
    },
    exec(name: string, { command, directory, later, ...given }: GivenOptions & ExecStageOptions<Schema, Schemas>) {
      const options = { command, ...(directory === undefined ? {} : { directory }), ...(later === undefined ? {} : { later }) };
      return add({ kind: "exec", name, handler: execStage(options, pipeline.bucket) }, given);
    },
    http(name: string, { url, mimeType, inactivityTimeout, errorVisibility, ...given }: GivenOptions & HttpStageOptions<Schema>) {
      const times = { ...(inactivityTimeout && { inactivityTimeout }), ...(errorVisibility && { errorVisibility }) };
      const queueName = given.queue ?? `${pipeline.name}-${name}`;
      return add({ kind: "http", name, handler: httpStage({ url, queueName, ...(mimeType && { mimeType }), ...times }) }, given);
    },
  };
  return builder as unknown as PipelineBuilder;
}

function joinOf(name: string, given: JoinOptions<Schema, Schemas>): JoinDefinition {
  const { key, distinct, expect, within } = given;
  for (const [option, value] of Object.entries({ key, distinct, expect }))
    assert(typeof value === "function", `${option} of join ${name} must be a function`);
  assert(
    within === undefined || given.fifo === undefined,
    `join ${name} keeps order and has no within: FIFO queues delay no single message`,
  );
  return { key, distinct, expect, withinMs: within === undefined ? undefined : durationMs(within, `within of join ${name}`) };
}

function scheduleOf(about: { name: string; kind: StageKind }, given: NonNullable<GivenOptions["schedule"]>): ScheduleDefinition {
  const { name, kind } = about;
  const { cron, timeZone = "UTC", catchUp = HOUR_MS, message } = given;
  assert(kind !== "join", `join ${name} has no schedule: parts start it`);
  assert(typeof message === "function", `schedule.message of stage ${name} must be a function`);
  const catchUpMs = durationMs(catchUp, `schedule.catchUp of stage ${name}`);
  assert(catchUpMs <= DAY_MS, `schedule.catchUp of stage ${name} must be at most 24 h`);
  let next: NextTime;
  try {
    next = cronTimes(cron, timeZone);
  } catch (error) {
    throw new AssertionFailed(`schedule of stage ${name}, ${JSON.stringify(cron)} in ${timeZone}: ${(error as Error).message}`);
  }
  return { cron, timeZone, catchUpMs, next, message };
}

function lanesDefinition(stage: string, { weights, of }: NonNullable<GivenOptions["lanes"]>): LanesDefinition {
  const all = Object.entries(weights);
  assert(all.length > 0 && all.length <= LANES_MAX, `stage ${stage} must have from 1 to ${LANES_MAX} lanes beside its own queue`);
  assert(typeof of === "function", `lanes.of of stage ${stage} must be a function`);
  for (const [lane, weight] of all) {
    checkName(`a lane of stage ${stage}`, lane);
    assert(
      weight > 0 && weight <= WEIGHT_MAX && weight >= 1 / WEIGHT_MAX,
      `the weight of lane ${lane} of stage ${stage} must be from 0.001 to 1000`,
    );
  }
  return { weights: new Map(all), of: of as LanesDefinition["of"] };
}

function definitionOf(
  pipeline: string,
  about: Pick<StageDefinition, "kind" | "name" | "join" | "handler">,
  given: GivenOptions,
): StageDefinition {
  const { name } = about;
  checkName("a stage's name", name);
  assert(given.input?.["~standard"] !== undefined, `input of stage ${name} must be a schema that speaks Standard Schema`);
  const { input, outputs = {}, topics = {}, queue, fifo, tenant, lanes, idempotency, schedule, ...work } = given;
  for (const output of Object.keys(outputs)) checkName(`an output of stage ${name}`, output);
  const isFifo = fifo !== undefined;
  assert(!isFifo || lanes === undefined, `stage ${name} keeps order and has no lanes: messages of one group would overtake each other`);
  return {
    ...about,
    input,
    outputs: new Map(Object.entries(outputs)),
    topics: new Map(Object.entries(topics).filter((entry): entry is [string, string] => entry[1] !== undefined)),
    names: queueNames(pipeline, { name, queue, isFifo }),
    isFifo,
    group: (fifo?.group ?? tenant) as StageDefinition["group"],
    lanes: lanes === undefined ? undefined : lanesDefinition(name, lanes),
    idempotencyKey: idempotency?.key as StageDefinition["idempotencyKey"],
    schedule: schedule === undefined ? undefined : scheduleOf(about, schedule),
    work,
  };
}

function handleOf(pipeline: PipelineDefinition, stage: StageDefinition, routes: RouteDefinition[]): Stage<string, unknown, never> {
  const on: Record<string, unknown> = {};
  for (const output of stage.outputs.keys()) {
    const to = (filter: FilterPolicy | undefined) => (targets: readonly StageRef[]) => {
      for (const target of targets)
        assert(
          pipeline.stages.get(target.name) !== undefined,
          `${stage.name}.on.${output} goes to a stage of another pipeline: ${target.name}`,
        );
      routes.push({ from: stage.name, output, to: targets.map((target) => target.name), filter });
    };
    on[output] = {
      to: (...targets: readonly StageRef[]) => to(undefined)(targets),
      filter: (policy: FilterPolicy) => ({ to: (...targets: readonly StageRef[]) => to(policy)(targets) }),
    };
  }
  return {
    name: stage.name,
    on: on as Stage<string, unknown, never>["on"],
    toLambda: (connection) => toLambda(pipeline, stage, connection),
  };
}
