import { assert } from "../../kernel/assert.ts";
import { laneQueueName } from "../rules/pipeline-names.ts";
import type { StageDefinition } from "./definition.ts";

/** Queues beside a stage's own, ahead of it or behind it, whose messages its handlers work on, too. */
export interface LanesDefinition {
  /** By name, how many handlers a lane gets for each one of the stage's own queue, while both have messages waiting. */
  readonly weights: ReadonlyMap<string, number>;
  readonly of: (message: unknown) => string | undefined;
}

/** The lanes of a stage with their queues; none where it has its own queue alone. */
export function lanesOf({ names, lanes }: Pick<StageDefinition, "names" | "lanes">): { name: string; queue: string; weight: number }[] {
  return [...(lanes?.weights ?? [])].map(([name, weight]) => ({ name, queue: laneQueueName(names.queue, name), weight }));
}

/** All queues that a stage works on, its own first. */
export function queuesOf(stage: Pick<StageDefinition, "names" | "lanes">): string[] {
  return [stage.names.queue, ...lanesOf(stage).map(({ queue }) => queue)];
}

/** The lane of a message as its stage has got it. @param given by whoever sends it, instead of what the stage says. @throws where the stage has no such lane. */
export function laneFor(stage: StageDefinition, value: unknown, given: string | undefined): string | undefined {
  const lane = given ?? stage.lanes?.of(value);
  const names = [...(stage.lanes?.weights.keys() ?? [])];
  assert(
    lane === undefined || names.includes(lane),
    `stage ${stage.name} has no lane ${JSON.stringify(lane)}; it has ${names.join(", ") || "none"}`,
  );
  return lane;
}
