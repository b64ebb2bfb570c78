import { assert } from "../../kernel/assert.ts";
import type { NextTime } from "../cron.ts";
import type { OutputTarget } from "../options.ts";
import type { Duration } from "../rules/duration.ts";
import type { FilterPolicy } from "../rules/filter-policy.ts";
import { topicName, type QueueNames } from "../rules/pipeline-names.ts";
import type { PipelineParts } from "./clients.ts";
import type { Schema } from "../standard-schema.ts";

/** How a stage does its work. */
export type StageKind = "stage" | "join" | "exec" | "http";

/** When a fan-in is complete, and what makes two parts the same one. */
export interface JoinDefinition {
  readonly key: (part: unknown) => string;
  readonly distinct: (part: unknown) => string;
  readonly expect: (part: unknown) => number;
  readonly withinMs: number | undefined;
}

/** When the calendar starts a stage, and with what. */
export interface ScheduleDefinition {
  readonly cron: string;
  readonly timeZone: string;
  readonly catchUpMs: number;
  readonly next: NextTime;
  readonly message: (at: Date) => unknown;
}

/** Queues beside a stage's own, ahead of it or behind it, whose messages its handlers work on, too. */
export interface LanesDefinition {
  /** By name, how many handlers a lane gets for each one of the stage's own queue, while both have messages waiting. */
  readonly weights: ReadonlyMap<string, number>;
  readonly of: (message: unknown) => string | undefined;
}

/** What every kind of stage may be told about its queue and its work. */
export interface WorkOptions {
  readonly concurrency?: number;
  readonly lease?: Duration;
  readonly timeout?: Duration;
  readonly grace?: Duration;
  readonly maxReceives?: number;
  readonly backoff?: { readonly baseMs?: number; readonly capMs?: number };
}

/** A typed handler whose types are gone. */
export type StageHandler = (message: never, ctx: never) => unknown;

/** A handler for one worker, and what ends with the worker. */
export interface WorkerHandler {
  readonly run: StageHandler;
  readonly close?: () => void;
}

/** A stage without its types: what it takes, gives and does. */
export interface StageDefinition {
  readonly name: string;
  readonly kind: StageKind;
  readonly input: Schema;
  readonly outputs: ReadonlyMap<string, Schema>;
  /** Names of topics by output, where the stage gives them. */
  readonly topics: ReadonlyMap<string, string>;
  readonly names: QueueNames;
  readonly isFifo: boolean;
  /** The message group of an input. */
  readonly group: ((message: unknown) => string) | undefined;
  readonly lanes: LanesDefinition | undefined;
  readonly idempotencyKey: ((message: unknown) => string) | undefined;
  readonly join: JoinDefinition | undefined;
  readonly schedule: ScheduleDefinition | undefined;
  readonly work: WorkOptions;
  /** Makes the handler for a worker; of a join it is called with all parts. */
  readonly handler: (parts: PipelineParts) => WorkerHandler;
}

/** `from.output` goes to these stages, or to those of its messages that the filter lets through. */
export interface RouteDefinition {
  readonly from: string;
  readonly output: string;
  readonly to: readonly string[];
  readonly filter: FilterPolicy | undefined;
}

/** One stage that an output reaches. */
export interface Arrow {
  readonly to: StageDefinition;
  readonly filter: FilterPolicy | undefined;
}

/** An output with everything that its routes say. */
export interface OutputDefinition {
  readonly stage: StageDefinition;
  readonly name: string;
  readonly schema: Schema;
  readonly arrows: readonly Arrow[];
  /** The queue of the one stage it reaches, or a topic. */
  readonly target: OutputTarget;
  /** What filters look at. */
  readonly fields: readonly string[];
  /** The message group for receivers that keep order. */
  readonly group: ((message: unknown) => string) | undefined;
}

/** A pipeline without its types. */
export interface PipelineDefinition {
  readonly name: string;
  readonly bucket: string;
  readonly stages: ReadonlyMap<string, StageDefinition>;
  readonly routes: readonly RouteDefinition[];
}

/** The outputs of a stage, each with where it goes. @throws {AssertionFailed} by `checkRoutes` earlier, never here. */
export function outputsOf(pipeline: PipelineDefinition, stage: StageDefinition): OutputDefinition[] {
  return [...stage.outputs].map(([name, schema]) => {
    const routes = pipeline.routes.filter((route) => route.from === stage.name && route.output === name);
    const arrows = routes.flatMap(({ to, filter }) => to.map((target) => ({ to: stageNamed(pipeline, target), filter })));
    const fields = [...new Set(routes.flatMap(({ filter }) => Object.keys(filter ?? {})))];
    const ordered = arrows.find(({ to }) => to.isFifo);
    const group = (ordered ?? arrows.find(({ to }) => to.group !== undefined))?.to.group;
    return { stage, name, schema, arrows, target: targetOf(pipeline, stage, { name, arrows }), fields, group };
  });
}

/** One stage and no filter: straight to its queue. Else, and where a topic is named: a topic. */
function targetOf(pipeline: PipelineDefinition, stage: StageDefinition, output: { name: string; arrows: readonly Arrow[] }): OutputTarget {
  const topic = stage.topics.get(output.name);
  const [only] = output.arrows;
  if (topic === undefined && output.arrows.length === 1 && only?.filter === undefined && only !== undefined) return only.to.names.queue;
  const isFifo = output.arrows.some(({ to }) => to.isFifo);
  return { topic: topicName(pipeline.name, { stage: stage.name, name: output.name, topic, isFifo }) };
}

/** A stage of a pipeline. @throws {AssertionFailed} when it has none of this name. */
export function stageNamed(pipeline: PipelineDefinition, name: string): StageDefinition {
  const stage = pipeline.stages.get(name);
  assert(
    stage !== undefined,
    `pipeline ${pipeline.name} has no stage ${JSON.stringify(name)}; it has ${[...pipeline.stages.keys()].join(", ")}`,
  );
  return stage;
}
